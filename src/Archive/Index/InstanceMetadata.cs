using System.IO.Compression;
using System.Runtime.InteropServices;

namespace MedicalAi.Archive;

/// <summary>The metadata blob of an instance: DICOM JSON, raw deflate.</summary>
internal static class InstanceMetadata
{
    public static ReadOnlyMemory<byte> Deflate(ReadOnlySpan<byte> json)
    {
        MemoryStream target = new(json.Length / 4);
        using (DeflateStream deflate = new(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(json);
        }

        return target.GetBuffer().AsMemory(0, (int)target.Length);
    }

    public static ReadOnlyMemory<byte> Inflate(ReadOnlyMemory<byte> compressed)
    {
        MemoryStream target = new(compressed.Length * 6);
        MemoryStream source = MemoryMarshal.TryGetArray(compressed, out ArraySegment<byte> array) ? new(array.Array!, array.Offset, array.Count, writable: false) : new(compressed.ToArray());
        using DeflateStream inflate = new(source, CompressionMode.Decompress);
        inflate.CopyTo(target);
        return target.GetBuffer().AsMemory(0, (int)target.Length);
    }
}
