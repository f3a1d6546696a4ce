namespace MedicalAi.Dicom.Network;

/// <summary>An association failed: protocol error, time-out, reject, abort or lost connection.</summary>
public sealed class DicomNetworkException : Exception
{
    /// <summary>Makes one.</summary>
    public DicomNetworkException(string message)
        : base(message)
    {
    }

    internal DicomNetworkException(string message, byte source, byte reason)
        : base(message) => Abort = new AbortPdu(source, reason);

    internal AbortPdu? Abort { get; }
}
