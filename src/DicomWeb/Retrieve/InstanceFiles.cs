using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.DicomWeb;

/// <summary>
/// Instances as Part 10 files: as they are stored, or written anew in another syntax that is not compressed either. Pixel data that
/// is compressed stays as it is.
/// </summary>
/// <param name="reader">Reads the archive.</param>
internal sealed class InstanceFiles(ArchiveReader reader) : IDisposable
{
    // To be written anew, an instance is held in memory, twice for a moment.
    private const long MaximumLength = 256 * 1024 * 1024;

    private static readonly TransferSyntax[] s_uncompressed =
        [TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ImplicitVrLittleEndian, TransferSyntax.DeflatedExplicitVrLittleEndian, TransferSyntax.ExplicitVrBigEndian];

    private readonly SemaphoreSlim _slots = new(2);

    /// <summary>The forms of a file, the stored one first: a client that names no syntax gets it.</summary>
    /// <param name="row">The instance.</param>
    /// <param name="isMultipart">Whether it comes as a part.</param>
    public static IEnumerable<Offer> OffersOf(InstanceRow row, bool isMultipart)
    {
        yield return new Offer(MediaTypes.Dicom, isMultipart) { TransferSyntaxes = [row.TransferSyntax.Uid.Value] };
        if (s_uncompressed.Contains(row.TransferSyntax) && row.DataSet.Length <= MaximumLength)
        {
            foreach (TransferSyntax syntax in s_uncompressed.Where(syntax => syntax != row.TransferSyntax))
            {
                yield return new Offer(MediaTypes.Dicom, isMultipart) { TransferSyntaxes = [syntax.Uid.Value], IsDefault = false };
            }
        }
    }

    /// <summary>Opens a file; the stream knows its length.</summary>
    /// <param name="row">The instance.</param>
    /// <param name="offer">One of <see cref="OffersOf"/>.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <exception cref="InvalidDataException">The stored instance cannot be read, and so not be written anew.</exception>
    public async ValueTask<Stream> OpenAsync(InstanceRow row, Offer offer, CancellationToken cancellationToken)
    {
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(offer.TransferSyntaxes[0]))!;
        if (syntax == row.TransferSyntax)
        {
            return await reader.OpenPart10Async(row, cancellationToken);
        }

        await _slots.WaitAsync(cancellationToken);
        try
        {
            await using Stream stored = await reader.OpenPart10Async(row, cancellationToken);
            DicomFile file = (await DicomFile.ReadAsync(stored, null, cancellationToken)).Value;
            return new MemoryStream(DicomFile.ToBytes(file.DataSet, syntax), writable: false);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _slots.Dispose();
}
