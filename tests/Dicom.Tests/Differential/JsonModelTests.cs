using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests.Differential;

/// <summary>DICOM JSON of dcmtk and pydicom read by us, and ours read by pydicom. Pixel data in fragments, which JSON cannot hold, is not compared.</summary>
public sealed class JsonModelTests
{
    // Whoever reads the file otherwise than we do is not of interest here: see PydicomTests and DcmtkTests.
    private const int MaxLength = 600 * 1024;

    [Fact]
    public async Task What_dcm2json_writes_is_read_as_the_file_is()
    {
        ConcurrentBag<(string, string)> differences = [];
        int compared = 0;
        using TempFolder folder = new();
        await Parallel.ForEachAsync(Files(), TestContext.Current.CancellationToken, async (file, cancellationToken) =>
        {
            string path = folder.File(file.Name.Replace('/', '_'));
            await File.WriteAllBytesAsync(path, Copies.File(file.DataSet, TransferSyntax.ExplicitVrLittleEndian), cancellationToken);
            ToolResult theirs = await ExternalTool.RunAsync("dcm2json", ["-fc", "-ee", path], cancellationToken);
            if (theirs.ExitCode != 0)
            {
                return;
            }

            Interlocked.Increment(ref compared);
            foreach (string line in Differences(file.DataSet, DicomJson.Parse(Encoding.UTF8.GetBytes(theirs.Output))))
            {
                differences.Add((file.Name, line));
            }
        });

        Assert.True(compared > 150, $"{compared} files were compared.");
        Expectation.AssertAll(KnownDifferences.Of("dcm2json read by us"), [.. differences.Order()]);
    }

    [Fact]
    public async Task What_pydicom_writes_is_read_as_the_file_is_and_what_we_write_is_read_by_pydicom_as_it_is()
    {
        using TempFolder folder = new();
        List<(string Name, DicomDataSet DataSet)> files = [.. Files()];
        List<string> list = [];
        foreach ((int i, (_, DicomDataSet dataSet)) in files.Index())
        {
            string number = i.ToString(CultureInfo.InvariantCulture);
            await File.WriteAllBytesAsync(folder.File(number + ".dcm"), Copies.File(dataSet, TransferSyntax.ExplicitVrLittleEndian), TestContext.Current.CancellationToken);
            await File.WriteAllBytesAsync(folder.File(number + ".json"), DicomJson.ToBytes(dataSet), TestContext.Current.CancellationToken);
            list.Add($"{folder.File(number + ".dcm")}\t{folder.File(number + ".json")}");
        }

        await File.WriteAllLinesAsync(folder.File("list"), list, TestContext.Current.CancellationToken);
        ToolResult result = await ExternalTool.RunAsync(
            "/usr/bin/python3",
            [Path.Combine(TestData.Root, "tests", "tools", "pydicom_json_model.py"), folder.File("list")],
            TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.ToString());

        List<(string, string)> differences = [];
        string[] answers = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(files.Count, answers.Length);
        foreach (((string name, DicomDataSet dataSet), string line) in files.Zip(answers))
        {
            JsonElement answer = JsonDocument.Parse(line).RootElement;
            if (answer.TryGetProperty("written", out JsonElement written))
            {
                differences.AddRange(Differences(dataSet, DicomJson.Parse(Encoding.UTF8.GetBytes(written.GetRawText()))).Select(one => (name, "written " + one)));
            }

            if (answer.TryGetProperty("read", out JsonElement read))
            {
                differences.AddRange(Differences(dataSet, DicomJson.Parse(Encoding.UTF8.GetBytes(read.GetRawText()))).Select(one => (name, "read " + one)));
            }
            else
            {
                differences.Add((name, answer.GetProperty("error").GetString()!));
            }
        }

        Expectation.AssertAll(KnownDifferences.Of("JSON with pydicom"), differences);
    }

    private static IEnumerable<(string Name, DicomDataSet DataSet)> Files() => TestData.DicomFiles
        .Where(file => file.Length < MaxLength)
        .Select(file => (file.Name, Read: DicomFile.Parse(File.ReadAllBytes(file.FullPath))))
        .Where(file => file.Read.Ok)
        .Select(file => (file.Name, Copies.For(TransferSyntax.ExplicitVrLittleEndian, file.Read.Value.DataSet)));

    private static IEnumerable<string> Differences(DicomDataSet ours, ParseResult<DicomDataSet> theirs) => theirs.Ok
        ? FlatDataSet.Differences(FlatDataSet.Of(ours), FlatDataSet.Of(theirs.Value))
        : [theirs.Error.ToString()];
}
