using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Imaging;

namespace MedicalAi.DicomWeb;

/// <summary>The pixel data of an instance, for reading its frames one by one.</summary>
/// <param name="Row">The instance.</param>
/// <param name="Pixels">How the pixels are stored.</param>
/// <param name="Entry">Where they stand.</param>
internal sealed record FrameSource(InstanceRow Row, PixelDescription Pixels, BulkEntry Entry)
{
    private const int MaximumDecoded = 256 * 1024 * 1024;

    /// <summary>Whether the frames are sent as they are stored, in their own transfer syntax.</summary>
    public bool IsEncapsulated => Entry.Fragments is not null;

    /// <summary>What the frames are sent in: the stored syntax of encapsulated ones, Explicit VR Little Endian of native ones.</summary>
    public TransferSyntax Syntax => IsEncapsulated ? Row.TransferSyntax : TransferSyntax.ExplicitVrLittleEndian;

    /// <summary>
    /// Whether encapsulated frames can be had as pixels too. Of colour images the planes could come in another order than the
    /// metadata says.
    /// </summary>
    public bool IsDecodable => IsEncapsulated && FrameDecoder.IsSupported(Row.TransferSyntax)
        && (Pixels.SamplesPerPixel == 1 || Row.TransferSyntax.Uid != DicomUids.RLELossless) && Pixels.FrameLength <= MaximumDecoded;

    /// <summary>The ranges of a frame, or why there are none.</summary>
    /// <param name="frame">The frame, counted from 1.</param>
    public ParseResult<FrameLocation> Locate(int frame)
    {
        ParseResult<IReadOnlyList<BulkLocation>> found = FrameLocator.Locate(Pixels, Entry.Location, Entry.Fragments, Entry.OffsetTable, frame);
        return found.Error is { } error ? error : new FrameLocation(frame, found.Value, IsEncapsulated ? found.Value.Sum(range => range.Length) : Pixels.FrameLength);
    }

    /// <summary>Opens an encapsulated frame as pixels.</summary>
    /// <exception cref="InvalidDataException">The frame cannot be decoded.</exception>
    public async ValueTask<Stream> OpenDecodedAsync(ArchiveReader reader, FrameLocation frame, CancellationToken cancellationToken)
    {
        if (frame.Length > MaximumDecoded)
        {
            throw new InvalidDataException("The frame is longer than a frame can be.");
        }

        byte[] stored = new byte[frame.Length];
        await using Stream content = await OpenAsync(reader, frame, cancellationToken);
        await content.ReadExactlyAsync(stored, cancellationToken);
        using NativeFrame native = FrameDecoder.Decode(Pixels, Row.TransferSyntax, Entry.Vr, frame.Number, stored).Value;
        return new MemoryStream(native.Bytes[..(int)Pixels.FrameLength].ToArray());
    }

    /// <summary>Opens a frame: the fragments in a row, or little-endian pixels that begin on a byte.</summary>
    public async ValueTask<Stream> OpenAsync(ArchiveReader reader, FrameLocation frame, CancellationToken cancellationToken)
    {
        if (IsEncapsulated)
        {
            return frame.Ranges.Count == 1
                ? await reader.OpenRangeAsync(Row, frame.Ranges[0], cancellationToken)
                : new RangesStream(reader, Row, frame.Ranges);
        }

        BulkLocation range = frame.Ranges[0];
        Stream stored = await reader.OpenValueAsync(Row, Entry, range.Offset - Entry.Location.Offset, range.Length, cancellationToken);
        int firstBit = FrameLocator.FirstBit(Pixels, frame.Number);
        return Pixels.FrameBits % 8 == 0 && firstBit == 0 ? stored : new BitShiftStream(stored, firstBit, Pixels.FrameBits);
    }
}

/// <summary>Where a frame stands.</summary>
/// <param name="Number">Its number, counted from 1.</param>
/// <param name="Ranges">Its ranges in the data set.</param>
/// <param name="Length">The bytes that it has when it is sent.</param>
internal sealed record FrameLocation(int Number, IReadOnlyList<BulkLocation> Ranges, long Length);
