namespace MedicalAi.Dicom.Network;

/// <summary>How reading a PDU ended.</summary>
internal enum PduReadStatus
{
    /// <summary>A PDU came.</summary>
    Ok,

    /// <summary>The peer closed the connection.</summary>
    Closed,

    /// <summary>The peer did not send a whole PDU in time.</summary>
    TimedOut,

    /// <summary>We were asked to stop while no byte of a PDU had come.</summary>
    Stopped,

    /// <summary>We have given the connection up; see <see cref="PduChannel.Interrupt"/>.</summary>
    Interrupted,

    /// <summary>A PDU of unknown type.</summary>
    UnrecognizedPdu,

    /// <summary>A PDU that breaks its own rules.</summary>
    InvalidParameter,
}

/// <summary>What came of reading a PDU.</summary>
internal readonly record struct PduRead(PduReadStatus Status, Pdu? Pdu = null);
