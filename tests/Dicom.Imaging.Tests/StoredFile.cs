using System.IO.Compression;

namespace MedicalAi.Dicom.Imaging.Tests;

/// <summary>A DICOM file of the tests, opened as the archive would: header first, frames by their ranges.</summary>
internal sealed class StoredFile
{
    private readonly ReadOnlyMemory<byte> _dataSet;

    private StoredFile(DicomDataSet header, StoredPixels pixels, ReadOnlyMemory<byte> dataSet)
    {
        Header = header;
        Pixels = pixels;
        _dataSet = dataSet;
    }

    public DicomDataSet Header { get; }

    public StoredPixels Pixels { get; }

    public static StoredFile Open(string path) => Find(path) ?? throw new InvalidDataException($"{path} has no pixel data that can be read.");

    /// <summary>The file; null when it is cut off, or describes pixels and has none.</summary>
    public static StoredFile? Find(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        ParseResult<DicomFile> parsed = DicomFile.Parse(bytes, DicomReadOptions.Header);
        if (parsed.Error?.Kind == DicomErrorKind.Truncated)
        {
            return null;
        }

        DicomFile file = parsed.Value;
        ReadOnlyMemory<byte> dataSet = bytes.AsMemory((int)file.DataSetOffset);
        if (file.TransferSyntax.IsDeflated)
        {
            using DeflateStream inflated = new(new MemoryStream(dataSet.ToArray()), CompressionMode.Decompress);
            MemoryStream all = new();
            inflated.CopyTo(all);
            dataSet = all.ToArray();
        }

        foreach (DeferredTable table in DeferredTable.List(file.DataSet, frame: 1))
        {
            table.Fill(dataSet.Slice((int)table.Location.Offset, (int)table.Location.Length).ToArray(), file.TransferSyntax);
        }

        ParseResult<StoredPixels> pixels = StoredPixels.Find(file.DataSet, file.TransferSyntax);
        return pixels.Error?.Kind == DicomErrorKind.NotDicom ? null : new StoredFile(file.DataSet, pixels.Value, dataSet);
    }

    public ParseResult<NativeFrame> Decode(int frame)
    {
        MemoryStream stored = new();
        foreach (BulkLocation range in Pixels.Locate(frame).Value)
        {
            stored.Write(_dataSet.Span.Slice((int)range.Offset, (int)range.Length));
        }

        return Pixels.Decode(frame, stored.ToArray());
    }

    public ParseResult<RenderedFrame> Render(int frame = 1, RenderOptions? options = null)
    {
        using NativeFrame native = Decode(frame).Value;
        return FrameRenderer.Render(Header, native, frame, options ?? new RenderOptions());
    }
}
