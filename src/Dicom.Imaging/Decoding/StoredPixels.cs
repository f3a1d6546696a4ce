namespace MedicalAi.Dicom.Imaging;

/// <summary>The pixel data of an instance as it stands in its object: says which bytes to read for a frame, and decodes them.</summary>
public sealed class StoredPixels
{
    private readonly DicomElement _element;
    private readonly IReadOnlyList<long> _offsets;

    private StoredPixels(PixelDescription pixels, TransferSyntax syntax, DicomElement element, IReadOnlyList<long> offsets)
    {
        Pixels = pixels;
        TransferSyntax = syntax;
        _element = element;
        _offsets = offsets;
    }

    /// <summary>How the pixels are stored.</summary>
    public PixelDescription Pixels { get; }

    /// <summary>The transfer syntax of the object.</summary>
    public TransferSyntax TransferSyntax { get; }

    /// <summary>Finds the pixel data of an instance.</summary>
    /// <param name="header">The header, read with <see cref="DicomReadOptions.Header"/>: the pixel data was left where it stands.</param>
    /// <param name="syntax">The transfer syntax of the object.</param>
    /// <returns>The pixels, or why there are none.</returns>
    public static ParseResult<StoredPixels> Find(DicomDataSet header, TransferSyntax syntax)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(syntax);
        DicomElement? element = header.Find(DicomTags.PixelData) ?? header.Find(DicomTags.FloatPixelData) ?? header.Find(DicomTags.DoubleFloatPixelData);
        if (element is not ({ Bulk: not null } or { Fragments: not null }))
        {
            return new DicomError(DicomErrorKind.NotDicom, "The instance has no pixel data.", 0, DicomTags.PixelData);
        }

        ParseResult<PixelDescription> pixels = PixelDescription.Read(header);
        return pixels.Ok ? new StoredPixels(pixels.Value, syntax, element, ReadOffsets(header, element)) : pixels.Error;
    }

    /// <summary>The ranges of the data set that make up a frame: to be read and joined in order.</summary>
    /// <param name="frame">The frame, counted from 1.</param>
    public ParseResult<IReadOnlyList<BulkLocation>> Locate(int frame)
    {
        IReadOnlyList<BulkLocation>? fragments = _element.Fragments is { } found ? [.. found.Items.Select(item => item.Location)] : null;
        ParseResult<IReadOnlyList<BulkLocation>> ranges = FrameLocator.Locate(Pixels, _element.Bulk ?? default, fragments, _offsets, frame);
        if (!ranges.Ok || !TransferSyntax.IsBigEndian || _element.Bulk is not { } value)
        {
            return ranges;
        }

        // Bytes that stand in big-endian words are swapped, so a frame of them is read with the whole words that hold it.
        long unit = _element.Vr.UnitSize();
        long begin = (ranges.Value[0].Offset - value.Offset) / unit * unit;
        long end = (ranges.Value[0].Offset + ranges.Value[0].Length - value.Offset + unit - 1) / unit * unit;
        return end > value.Length
            ? new DicomError(DicomErrorKind.Truncated, $"The pixel data ends before the end of frame {frame}.", value.Offset + value.Length, _element.Tag)
            : new ParseResult<IReadOnlyList<BulkLocation>>([new BulkLocation(value.Offset + begin, end - begin)]);
    }

    /// <summary>Decodes a frame from the bytes of its ranges: see <see cref="FrameDecoder.Decode"/>.</summary>
    public ParseResult<NativeFrame> Decode(int frame, ReadOnlySpan<byte> stored) => FrameDecoder.Decode(Pixels, TransferSyntax, _element.Vr, frame, stored);

    private static IReadOnlyList<long> ReadOffsets(DicomDataSet header, DicomElement element)
    {
        if (header.Find(DicomTags.ExtendedOffsetTable) is { Value.IsEmpty: false })
        {
            return [.. Enumerable.Range(0, header.CountValues(DicomTags.ExtendedOffsetTable)).Select(i => header.GetInt64(DicomTags.ExtendedOffsetTable, i) ?? -1)];
        }

        return element.Fragments is { } fragments ? [.. fragments.ReadOffsets().Select(offset => (long)offset)] : [];
    }
}
