namespace MedicalAi.Dicom.Network;

/// <summary>A presentation context to propose: a SOP class and the transfer syntaxes of which the peer chooses one (PS3.8 7.1.1.13).</summary>
/// <param name="AbstractSyntax">The SOP class.</param>
/// <param name="TransferSyntaxes">The syntaxes in the order of preference, at least one.</param>
public sealed record PresentationContext(DicomUid AbstractSyntax, IReadOnlyList<TransferSyntax> TransferSyntaxes)
{
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
        if (!syntax.IsEncapsulated)
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

/// <summary>What the peer answered to a proposed presentation context.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="AbstractSyntax">The SOP class.</param>
/// <param name="TransferSyntax">The syntax that the peer chose; null when it did not accept the context.</param>
/// <param name="Result">0 acceptance, 1 user rejection, 2 no reason, 3 abstract syntax not supported, 4 transfer syntaxes not supported.</param>
public sealed record NegotiatedContext(byte Id, DicomUid AbstractSyntax, TransferSyntax? TransferSyntax, byte Result);
