using System.Text;
using System.Xml.Linq;
using MedicalAi.Testing;

namespace MedicalAi.Conformance;

public sealed class RepositoryTests
{
    /// <summary>Which project may know which; each stands after all that it may know, so that there are no circles.</summary>
    private static readonly (string Project, string[] MayKnow)[] s_order =
    [
        ("Dicom", []),
        ("Dicom.Imaging", ["Dicom"]),
        ("Dicom.Network", ["Dicom"]),
        ("Findings", ["Dicom"]),
        ("Archive", ["Dicom"]),
        ("DicomScp", ["Dicom", "Dicom.Network", "Archive"]),
        ("DicomWeb", ["Dicom", "Dicom.Imaging", "Archive"]),
        ("InferenceEngine", ["Dicom", "Dicom.Imaging", "Archive", "Findings"]),
        ("DicomReports", ["Dicom", "Findings"]),
        ("FhirReports", ["Dicom", "Archive", "Findings"]),
        ("Gateway", ["Dicom", "Dicom.Imaging", "Dicom.Network", "Findings", "Archive", "DicomScp", "DicomWeb", "InferenceEngine", "DicomReports", "FhirReports"]),
    ];

    [Fact]
    public void Every_project_has_its_place_in_the_order() => Assert.Equal(
        s_order.Select(entry => entry.Project).Order(StringComparer.Ordinal),
        Directory.GetDirectories(Path.Combine(TestData.Root, "src")).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal));

    [Fact]
    public void A_project_knows_only_those_that_it_may()
    {
        foreach ((string project, string[] mayKnow) in s_order)
        {
            IEnumerable<string> known = XDocument.Load(Path.Combine(TestData.Root, "src", project, project + ".csproj"))
                .Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
            Assert.True(!known.Except(mayKnow).Any(), $"{project} must not know {string.Join(", ", known.Except(mayKnow))}.");
        }
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = File.ReadAllText(Path.Combine(TestData.Root, "MedicalAi.Gateway.sln")).Replace('\\', '/');
        Assert.All(
            Files().Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)),
            project => Assert.Contains($"\"{project}\"", solution, StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_outside_the_repository_is_needed()
    {
        byte[] outside = [.. "../"u8, .. "shared"u8];
        foreach (string file in Files().Where(file => !file.StartsWith("tests/data/", StringComparison.Ordinal)))
        {
            Assert.True(File.ReadAllBytes(Path.Combine(TestData.Root, file)).AsSpan().IndexOf(outside) < 0, $"{file} names {Encoding.ASCII.GetString(outside)}.");
        }
    }

    /// <summary>The files that belong to the repository, and those that may yet: what a build makes is left out.</summary>
    private static IEnumerable<string> Files()
    {
        EnumerationOptions all = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        return Directory.EnumerateFiles(TestData.Root, "*", all)
            .Select(file => Path.GetRelativePath(TestData.Root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(part => part is ".git" or ".build" or "bin" or "obj" or "node_modules" or "TestResults" or "__pycache__") && !file.StartsWith("data/", StringComparison.Ordinal));
    }
}
