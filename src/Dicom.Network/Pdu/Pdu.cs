using System.Buffers;

namespace MedicalAi.Dicom.Network;

/// <summary>A protocol data unit of the DICOM upper layer (PS3.8 section 9.3).</summary>
internal abstract record Pdu;

/// <summary>What a side tells of itself in an association request or accept (PS3.8 annex D, PS3.7 annex D).</summary>
internal sealed record UserInformation
{
    public uint MaxPduLength { get; init; }

    public string ImplementationClassUid { get; init; } = "";

    public string ImplementationVersionName { get; init; } = "";

    public (ushort Invoked, ushort Performed)? AsyncOperationsWindow { get; init; }

    public IReadOnlyList<RoleSelection> Roles { get; init; } = [];

    public IReadOnlyList<ExtendedNegotiation> Extended { get; init; } = [];

    public IReadOnlyList<CommonExtendedNegotiation> CommonExtended { get; init; } = [];

    public UserIdentity? Identity { get; init; }

    /// <summary>The server response to a user identity, in an accept (PS3.7 table D.3-15); null when there is none.</summary>
    public byte[]? IdentityResponse { get; init; }
}

/// <summary>SCP/SCU role selection (PS3.7 D.3.3.4).</summary>
internal readonly record struct RoleSelection(string SopClass, bool Scu, bool Scp);

/// <summary>SOP class extended negotiation (PS3.7 D.3.3.5).</summary>
internal sealed record ExtendedNegotiation(string SopClass, byte[] Information);

/// <summary>SOP class common extended negotiation (PS3.7 D.3.3.6).</summary>
internal sealed record CommonExtendedNegotiation(string SopClass, string ServiceClass, IReadOnlyList<string> Related);

/// <summary>A proposed presentation context (PS3.8 9.3.2.2).</summary>
internal sealed record ProposedContext(byte Id, string AbstractSyntax, IReadOnlyList<string> TransferSyntaxes);

/// <summary>The answer to a proposed presentation context (PS3.8 9.3.3.2).</summary>
internal sealed record ContextAnswer(byte Id, byte Result, string TransferSyntax);

internal sealed record AssociateRequest(ushort ProtocolVersion, string Called, string Calling, string ApplicationContext, IReadOnlyList<ProposedContext> Contexts, UserInformation User) : Pdu;

internal sealed record AssociateAccept(string Called, string Calling, string ApplicationContext, IReadOnlyList<ContextAnswer> Contexts, UserInformation User) : Pdu;

internal sealed record AssociateReject(byte Result, byte Source, byte Reason) : Pdu;

/// <summary>P-DATA-TF; the body is a list of presentation data values in the receive buffer, valid until the next read.</summary>
internal sealed record DataTransfer(ReadOnlySequence<byte> Body) : Pdu;

internal sealed record ReleaseRequest : Pdu;

internal sealed record ReleaseResponse : Pdu;

internal sealed record AbortPdu(byte Source, byte Reason) : Pdu;

/// <summary>What came of decoding: a PDU, the wish for more bytes, or the reason of the A-ABORT to send (PS3.8 table 9-26).</summary>
internal enum PduStatus
{
    Ok,
    NeedMore,
    UnrecognizedPdu,
    InvalidParameter,
}
