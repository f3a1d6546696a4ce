using System.IO.Compression;

namespace MedicalAi.Dicom.Imaging;

/// <summary>Inflates frames of Deflated Image Frame Compression (PS3.5 A.4.14, RFC 1951).</summary>
internal static class FrameInflater
{
    /// <summary>Inflates a frame; what follows the bytes asked for is left.</summary>
    /// <returns>Whether all of <paramref name="frame"/> was filled.</returns>
    public static unsafe bool Inflate(ReadOnlySpan<byte> stored, Span<byte> frame)
    {
        if (stored.IsEmpty)
        {
            return false;
        }

        fixed (byte* bytes = stored)
        {
            using UnmanagedMemoryStream source = new(bytes, stored.Length);
            using DeflateStream inflated = new(source, CompressionMode.Decompress);
            try
            {
                return inflated.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) == frame.Length;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        }
    }
}
