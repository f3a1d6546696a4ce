using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Gateway;

/// <summary>The presentation contexts of a C-GET: for each SOP class the uncompressed transfer syntaxes, and each compressed one by itself, so that the peer can choose by instance.</summary>
/// <param name="Known">The SOP classes that are to be expected.</param>
/// <param name="Compressed">The compressed transfer syntaxes that are wanted; empty for all.</param>
internal sealed record StorageProposal(IReadOnlyList<DicomUid> Known, IReadOnlyList<TransferSyntax> Compressed)
{
    private static readonly TransferSyntax[] s_plain = [TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ImplicitVrLittleEndian];

    // What is met most often goes first, as not all fit.
    private static readonly TransferSyntax[] s_compressed =
    [
        .. new[]
        {
            DicomUids.JPEGLosslessSV1, DicomUids.JPEGBaseline8Bit, DicomUids.JPEG2000Lossless, DicomUids.JPEG2000, DicomUids.JPEGLSLossless, DicomUids.RLELossless,
            DicomUids.JPEGExtended12Bit, DicomUids.JPEGLSNearLossless, DicomUids.JPEGLossless,
        }.Select(uid => TransferSyntax.Find(uid)!)
        .Union(TransferSyntax.All.Where(syntax => syntax.IsEncapsulated && !syntax.IsRetired)),
    ];

    /// <summary>Whether other SOP classes are proposed too, uncompressed, as many as there is room for.</summary>
    public bool IsOpen { get; init; }

    /// <summary>The contexts, that of the information model first.</summary>
    public IReadOnlyList<PresentationContext> ToContexts(DicomUid model)
    {
        IEnumerable<PresentationContext> contexts = [new PresentationContext(model, s_plain), .. Known.Select(sopClass => Storage(sopClass, s_plain))];
        contexts = contexts.Concat((Compressed.Count > 0 ? Compressed : s_compressed).SelectMany(syntax => Known.Select(sopClass => Storage(sopClass, syntax))));
        if (IsOpen)
        {
            contexts = contexts.Concat(UidRegistry.StorageSopClasses.Where(entry => !entry.IsRetired && !Known.Contains(entry.Uid)).OrderBy(Rank).SelectMany(entry => OthersOf(entry.Uid)));
        }

        return [.. contexts.Take(PresentationContext.Maximum)];
    }

    // Of what is not known to be there, only what was asked for is proposed compressed.
    private IEnumerable<PresentationContext> OthersOf(DicomUid sopClass) => [Storage(sopClass, s_plain), .. Compressed.Select(syntax => Storage(sopClass, syntax))];

    private static PresentationContext Storage(DicomUid sopClass, params TransferSyntax[] syntaxes) => new(sopClass, syntaxes) { Roles = AssociationRoles.Scp };

    private static int Rank(UidEntry entry) =>
        entry.Name.Contains("Image", StringComparison.Ordinal) ? 0
        : entry.Name.Contains("SR", StringComparison.Ordinal) || entry.Name.Contains("Segmentation", StringComparison.Ordinal) || entry.Name.Contains("Encapsulated", StringComparison.Ordinal) ? 1
        : entry.Name.StartsWith("RT ", StringComparison.Ordinal) || entry.Name.Contains("Presentation", StringComparison.Ordinal) ? 2
        : 3;
}
