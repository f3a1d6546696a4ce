using System.Text.Json;
using MedicalAi.Testing;

namespace MedicalAi.DicomScp.Tests;

/// <summary>The npm package dcmjs-dimse as the SCU of normalized operations.</summary>
internal static class DcmjsDimse
{
    /// <summary>Asks for operations in order on one association; the answers as its script prints them.</summary>
    public static async Task<JsonElement[]> AskAsync(TestGateway gateway, params object[] operations)
    {
        string folder = Path.Combine(TestData.Root, "tests", "tools", "dcmjs-dimse");
        Assert.True(Directory.Exists(Path.Combine(folder, "node_modules", "dcmjs-dimse")), $"Run \"npm ci\" in {folder} first; ./test does.");
        ToolResult result = await ExternalTool.RunAsync(
            "node", [Path.Combine(folder, "normalized.js"), $"{gateway.Port}", "MEDICALAI", "MODALITY"], TestContext.Current.CancellationToken, input: JsonSerializer.Serialize(operations));
        Assert.True(result.ExitCode == 0, result.ToString());

        // Its own log stands before the answers.
        JsonElement[] answers = JsonSerializer.Deserialize<JsonElement[]>(result.Output.Trim().Split('\n')[^1])!;
        Assert.True(answers.Length == operations.Length, result.ToString());
        return answers;
    }
}
