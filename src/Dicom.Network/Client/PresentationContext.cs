namespace MedicalAi.Dicom.Network;

/// <summary>A presentation context to propose: a SOP class and the transfer syntaxes of which the peer chooses one (PS3.8 7.1.1.13).</summary>
/// <param name="AbstractSyntax">The SOP class.</param>
/// <param name="TransferSyntaxes">The syntaxes in the order of preference, at least one.</param>
public sealed record PresentationContext(DicomUid AbstractSyntax, IReadOnlyList<TransferSyntax> TransferSyntaxes)
{
    /// <summary>
    /// The roles that we want in the SOP class (PS3.7 D.3.3.4). <see cref="AssociationRoles.Scu"/> is the rule and needs no negotiation;
    /// of several contexts of one SOP class the roles together are proposed.
    /// </summary>
    public AssociationRoles Roles { get; init; } = AssociationRoles.Scu;

    /// <summary>The most presentation contexts of one association: IDs are the odd numbers of one byte.</summary>
    public const int Maximum = 128;

    /// <summary>Verification, for C-ECHO.</summary>
    public static PresentationContext Verification { get; } = new(DicomUids.Verification, [TransferSyntax.ImplicitVrLittleEndian]);

    /// <summary>
    /// What to propose for an instance: its own transfer syntax alone, so that the peer cannot choose another where it takes this
    /// one; and, where nothing is lost by it, each of the little endian syntaxes alone.
    /// </summary>
    public static IEnumerable<PresentationContext> ForStorage(DicomUid sopClass, TransferSyntax syntax)
    {
        ArgumentNullException.ThrowIfNull(syntax);
        yield return new PresentationContext(sopClass, [syntax]);
        if (syntax.IsNative)
        {
            foreach (TransferSyntax other in Fallbacks)
            {
                if (other != syntax)
                {
                    yield return new PresentationContext(sopClass, [other]);
                }
            }
        }
    }

    /// <summary>The syntaxes in which any data set without compressed pixel data can be written.</summary>
    internal static IReadOnlyList<TransferSyntax> Fallbacks { get; } = [TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ImplicitVrLittleEndian];
}
