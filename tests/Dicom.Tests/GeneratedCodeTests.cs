using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

public sealed class GeneratedCodeTests
{
    [Fact]
    public async Task The_generated_code_is_what_the_generator_makes_of_the_tables()
    {
        using TempFolder folder = new();
        ToolResult result = await ExternalTool.RunAsync(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "MedicalAi.DictionaryGenerator.dll"), folder.Path], TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.ToString());

        string generated = Path.Combine(TestData.Root, "src", "Dicom", "Generated");
        Assert.Equal(Names(generated), Names(folder.Path));
        foreach (string name in Names(folder.Path))
        {
            Assert.True(
                File.ReadAllText(folder.File(name)) == File.ReadAllText(Path.Combine(generated, name)),
                $"{name} is not up to date: dotnet run --project tools/DictionaryGenerator");
        }
    }

    private static IEnumerable<string> Names(string folder) => Directory.GetFiles(folder).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal);
}
