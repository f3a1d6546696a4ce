using System.Buffers;
using MedicalAi.Bench.Data;
using MedicalAi.Bench.Measuring;
using MedicalAi.Dicom;
using Microsoft.Win32.SafeHandles;

namespace MedicalAi.Bench.Headers;

/// <summary>Our process: reads the headers of all files of a folder, one after the other, on one thread.</summary>
internal static class HeaderWorker
{
    private static readonly DicomReadOptions s_untilPixels = new() { StopTag = DicomTags.PixelData };

    public static Task RunAsync(string folder, HeaderWay way)
    {
        string[] files = BenchData.Files(folder);
        byte[] block = new byte[64 * 1024];
        return Pass.RunAsync(files.Length, async () =>
        {
            long elements = 0;
            foreach (string file in files)
            {
                elements += way == HeaderWay.DataSet ? (await DicomFile.ReadAsync(file, s_untilPixels, CancellationToken.None)).Value.DataSet.Count : ReadTokens(file, block);
            }

            return elements;
        });
    }

    private static int ReadTokens(string file, byte[] block)
    {
        using SafeFileHandle handle = File.OpenHandle(file);
        int length = RandomAccess.Read(handle, block, 0);
        Part10Header header = FileMetaInformation.TryRead(new ReadOnlySequence<byte>(block, 0, length), isFinal: false).Value!;
        DicomReaderState state = new(header.TransferSyntax, stopTag: DicomTags.PixelData);
        DicomReader reader = new(block.AsSpan((int)header.DataSetOffset, length - (int)header.DataSetOffset), isFinalBlock: false, state);
        int elements = 0;
        while (reader.Read())
        {
            elements += reader.Depth == 0 && reader.Token is DicomTokenType.Element or DicomTokenType.SequenceEnd ? 1 : 0;
        }

        return state.Stopped ? elements : throw new InvalidDataException($"{file}: the header is longer than {length} bytes.");
    }
}
