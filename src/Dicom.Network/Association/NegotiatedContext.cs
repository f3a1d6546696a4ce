namespace MedicalAi.Dicom.Network;

/// <summary>Roles in a SOP class on an association.</summary>
[Flags]
public enum AssociationRoles
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Service class user: invokes operations and performs notifications.</summary>
    Scu = 1,

    /// <summary>Service class provider: performs operations and invokes notifications.</summary>
    Scp = 2,
}

/// <summary>A presentation context as it was negotiated.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="AbstractSyntax">The SOP class.</param>
/// <param name="TransferSyntax">The syntax that was chosen; null when the context was not accepted.</param>
/// <param name="Result">0 acceptance, 1 user rejection, 2 no reason, 3 abstract syntax not supported, 4 transfer syntaxes not supported.</param>
public sealed record NegotiatedContext(byte Id, DicomUid AbstractSyntax, TransferSyntax? TransferSyntax, byte Result)
{
    /// <summary>Our roles in the SOP class.</summary>
    public AssociationRoles Roles { get; init; } = AssociationRoles.Scu;

    /// <summary>What was agreed to for the SOP class by extended negotiation; empty when nothing was.</summary>
    public ReadOnlyMemory<byte> ExtendedNegotiation { get; init; }

    /// <summary>Whether it was accepted.</summary>
    public bool IsAccepted => TransferSyntax is not null;
}

/// <summary>An accepted presentation context in which the peer may ask for something, with who performs it.</summary>
internal sealed record ServedContext(NegotiatedContext Negotiated, DimseService Service);
