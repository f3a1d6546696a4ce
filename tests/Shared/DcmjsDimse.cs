using System.Text.Json;

namespace MedicalAi.Testing;

/// <summary>The npm package dcmjs-dimse as SCU.</summary>
internal static class DcmjsDimse
{
    /// <summary>Asks our SCP for operations in order on one association; the answers as its script prints them.</summary>
    /// <param name="port">The port of MEDICALAI at 127.0.0.1.</param>
    /// <param name="operations">The operations, as the script tests/tools/dcmjs-dimse/scu.js describes them.</param>
    public static Task<JsonElement[]> AskAsync(int port, params object[] operations) => AskAsync(port, [], operations);

    /// <summary>The same over TLS.</summary>
    /// <param name="port">The port of MEDICALAI at 127.0.0.1.</param>
    /// <param name="certificates">The files of the authority, and of its own certificate and key where it has one; none for plain TCP.</param>
    /// <param name="operations">The operations.</param>
    public static async Task<JsonElement[]> AskAsync(int port, string[] certificates, params object[] operations)
    {
        ToolResult result = await ExternalTool.RunAsync(
            "node", [Script("scu.js"), $"{port}", "MEDICALAI", "MODALITY", .. certificates], TestContext.Current.CancellationToken, input: JsonSerializer.Serialize(operations));
        Assert.True(result.ExitCode == 0, result.ToString());

        // What it says of names that it does not know stands before the answers.
        JsonElement[] answers = JsonSerializer.Deserialize<JsonElement[]>(result.Output.Trim().Split('\n')[^1])!;
        Assert.True(answers.Length == operations.Length, result.ToString());
        return answers;
    }

    /// <summary>The path of a script that uses it.</summary>
    public static string Script(string name)
    {
        string folder = Path.Combine(TestData.Root, "tests", "tools", "dcmjs-dimse");
        Assert.True(Directory.Exists(Path.Combine(folder, "node_modules", "dcmjs-dimse")), $"Run \"npm ci\" in {folder} first; ./test does.");
        return Path.Combine(folder, name);
    }
}
