using System.Text.Json;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests.CharacterSets;

/// <summary>Decodes values with pydicom, all in one process.</summary>
internal static class PydicomCharsets
{
    /// <summary>What pydicom decodes; null where it says that it cannot.</summary>
    public static async Task<IReadOnlyList<string?[]>> DecodeAsync(IEnumerable<(string[] Terms, Vr Vr, IEnumerable<byte[]> Values)> jobs, CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        string file = folder.File("jobs");
        await File.WriteAllLinesAsync(
            file,
            jobs.Select(job => JsonSerializer.Serialize(new { terms = job.Terms, vr = job.Vr.ToString(), values = job.Values.Select(Convert.ToHexStringLower) })),
            cancellationToken);
        ToolResult result = await ExternalTool.RunAsync("/usr/bin/python3", [Path.Combine(TestData.Root, "tests", "tools", "pydicom_charset.py"), file], cancellationToken);
        Assert.True(result.ExitCode == 0, result.ToString());
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<string?[]>(line)!)];
    }
}
