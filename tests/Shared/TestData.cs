using System.Globalization;

namespace MedicalAi.Testing;

/// <summary>The files under <c>tests/data</c> and the other folders of the repository that tests read.</summary>
internal static class TestData
{
    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file under <c>tests/data</c>.</summary>
    public static string Path(string relative) => System.IO.Path.Combine(Root, "tests", "data", relative);

    /// <summary>The bytes of a file under <c>tests/data</c>.</summary>
    public static byte[] Bytes(string relative) => File.ReadAllBytes(Path(relative));

    /// <summary>The DICOM files of <c>tests/data/dicom</c> as its manifest lists them.</summary>
    public static IReadOnlyList<TestFile> DicomFiles { get; } =
    [
        .. File.ReadLines(Path("dicom/MANIFEST.tsv")).Skip(1).Select(line => line.Split('\t')).Select(fields => new TestFile(
            fields[0],
            long.Parse(fields[1], CultureInfo.InvariantCulture),
            fields[2],
            fields[3] == "yes",
            fields[4],
            fields[5],
            fields[10])),
    ];

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "MedicalAi.Gateway.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("The tests run within the repository.");
    }
}

/// <summary>A DICOM file of the tests.</summary>
/// <param name="Name">Its path under <c>tests/data/dicom</c>.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Sha256">Its digest in hexadecimal digits.</param>
/// <param name="IsReadByPydicom">Whether pydicom 2.3.1 reads it as it stands.</param>
/// <param name="TransferSyntax">The transfer syntax UID; empty when it names none.</param>
/// <param name="SopClass">The SOP class UID; empty when it names none.</param>
/// <param name="CharacterSets">The terms of Specific Character Set.</param>
internal sealed record TestFile(string Name, long Length, string Sha256, bool IsReadByPydicom, string TransferSyntax, string SopClass, string CharacterSets)
{
    /// <summary>The whole path.</summary>
    public string FullPath => TestData.Path("dicom/" + Name);
}
