using System.Text.Json;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests.Differential;

/// <summary>Reads files with pydicom, all in one process.</summary>
internal static class Pydicom
{
    /// <summary>What pydicom says of each file: its data set in DICOM JSON, or why it does not read it.</summary>
    public static async Task<IReadOnlyList<PydicomFile>> ReadAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        string list = folder.File("list");
        await File.WriteAllLinesAsync(list, paths, cancellationToken);
        ToolResult result = await ExternalTool.RunAsync("/usr/bin/python3", [Path.Combine(TestData.Root, "tests", "tools", "pydicom_json.py"), list], cancellationToken);
        Assert.True(result.ExitCode == 0, result.ToString());
        PydicomFile[] files = [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
        Assert.Equal(paths, files.Select(file => file.Path));
        return files;
    }

    private static PydicomFile Parse(string line)
    {
        JsonElement answer = JsonDocument.Parse(line).RootElement;
        return new PydicomFile(
            answer.GetProperty("file").GetString()!,
            answer.TryGetProperty("dataset", out JsonElement dataSet) ? dataSet : null,
            answer.TryGetProperty("error", out JsonElement error) ? error.GetString() : null);
    }
}

/// <summary>What pydicom says of a file.</summary>
/// <param name="Path">The file.</param>
/// <param name="DataSet">Its data set in DICOM JSON; null when it does not read it.</param>
/// <param name="Error">Why it does not.</param>
internal sealed record PydicomFile(string Path, JsonElement? DataSet, string? Error);
