using System.Text.Json;
using MedicalAi.Bench.Data;
using MedicalAi.Bench.Measuring;
using MedicalAi.Dicom;

namespace MedicalAi.Bench.Json;

/// <summary>DICOM JSON (PS3.18 annex F) of 2,000 CT files.</summary>
internal static class JsonCase
{
    private const string Dcmtk = "dcm2json";

    // dcm2json takes one file a process: so many processes are enough to tell what one takes.
    private const int Processes = 200;

    public static async Task RunAsync(Report report, string data, CancellationToken cancellationToken)
    {
        string folder = BenchData.HeadersAlone(data);
        string[] files = BenchData.Files(folder);
        string smallest = BenchData.Smallest(data);
        Report.Title(
            "DICOM JSON",
            $"The same {files.Length} files without their pixel data, which would be a measurement of Base64, are read and written as DICOM JSON. dcm2json takes one file a process, so its CPU time is compared, less that of as many processes with a file of one element; wall clock is not. Ours is one process, as in the case of headers.");
        await CheckAsync(files[0], cancellationToken);
        await report.CompareAsync(
            "DICOM JSON",
            [
                new Side(Dcmtk, $"`dcm2json -fc` for {Processes} of the files, to /dev/null: median of their CPU times, less that of as many runs for a file of one element, in turn", async token =>
                {
                    List<double> whole = [], start = [];
                    foreach (string file in files.Take(Processes))
                    {
                        whole.Add((await Tool.RunAsync(Dcmtk, ["-q", "-fc", file], token)).CpuSeconds);
                        start.Add((await Tool.RunAsync(Dcmtk, ["-q", "-fc", smallest], token)).CpuSeconds);
                    }

                    return new Sample(double.NaN, (Spread.Of(whole).Median - Spread.Of(start).Median) * 1000);
                }),
                new Side("ours", "`DicomFile.ReadAsync`, `DicomJson.ToBytes`, for all files", async token => (await Pass.OfOursAsync(isFirst: false, token, "json", folder)).Sample),
            ],
            [new Target(Dcmtk, Ratio.Cpu, 10)],
            cancellationToken);
    }

    // Both must say the same: else a side could be quick because it leaves something out.
    private static async Task CheckAsync(string file, CancellationToken cancellationToken)
    {
        using JsonDocument theirs = JsonDocument.Parse(await Tool.ReadAsync(Dcmtk, ["-q", "-fc", file], cancellationToken));
        using JsonDocument ours = JsonDocument.Parse(DicomJson.ToBytes((await DicomFile.ReadAsync(file, null, cancellationToken)).Value.DataSet));
        string[] names = [.. ours.RootElement.EnumerateObject().Select(property => property.Name)];
        if (!names.SequenceEqual(theirs.RootElement.EnumerateObject().Select(property => property.Name).Where(name => !name.EndsWith("0000", StringComparison.Ordinal))))
        {
            throw new InvalidDataException("dcm2json and ours do not write the same elements.");
        }
    }
}
