using MedicalAi.Bench.Data;
using MedicalAi.Bench.Measuring;
using MedicalAi.Dicom;

namespace MedicalAi.Bench.Json;

/// <summary>Our process: reads all files of a folder and makes DICOM JSON of each, one after the other, on one thread.</summary>
internal static class JsonWorker
{
    public static Task RunAsync(string folder)
    {
        string[] files = BenchData.Files(folder);
        return Pass.RunAsync(files.Length, async () =>
        {
            long bytes = 0;
            foreach (string file in files)
            {
                bytes += DicomJson.ToBytes((await DicomFile.ReadAsync(file, null, CancellationToken.None)).Value.DataSet).Length;
            }

            return bytes;
        });
    }
}
