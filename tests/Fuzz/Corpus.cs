using MedicalAi.Dicom;
using MedicalAi.Dicom.Media;
using MedicalAi.Testing;

namespace MedicalAi.Fuzz;

/// <summary>Small real files to break, and the data sets in them.</summary>
internal static class Corpus
{
    private const int MaxLength = 12 * 1024;

    /// <summary>Whole files.</summary>
    public static IReadOnlyList<byte[]> Files { get; } = [.. TestData.DicomFiles.Where(file => file.Length <= MaxLength).Select(file => File.ReadAllBytes(file.FullPath))];

    /// <summary>The data sets of those that can be read, with their transfer syntax.</summary>
    public static IReadOnlyList<(byte[] Bytes, TransferSyntax Syntax)> DataSets { get; } =
    [
        .. Files.Select(file => (file, read: DicomFile.Parse(file))).Where(pair => pair.read.Ok)
            .Select(pair => (pair.file[(int)pair.read.Value.DataSetOffset..], pair.read.Value.TransferSyntax)),
    ];

    /// <summary>The bytes of these data sets.</summary>
    public static IReadOnlyList<byte[]> DataSetBytes { get; } = [.. DataSets.Select(dataSet => dataSet.Bytes)];

    /// <summary>Directories of media.</summary>
    public static IReadOnlyList<byte[]> Directories { get; } =
    [
        .. TestData.DicomFiles.Where(file => file.Name.Contains("DICOMDIR", StringComparison.Ordinal)).Select(file => File.ReadAllBytes(file.FullPath)), SmallDirectory(),
    ];

    /// <summary>The same data sets as DICOM JSON.</summary>
    public static IReadOnlyList<byte[]> Json { get; } =
    [
        .. DataSets.Select(dataSet => DicomDataSet.Parse(dataSet.Bytes, dataSet.Syntax)).Select(dataSet => DicomJson.ToBytes(dataSet.Value)).Where(json => json.Length <= MaxLength),
    ];

    /// <summary>The same data sets as XML of the Native DICOM Model.</summary>
    public static IReadOnlyList<byte[]> Xml { get; } =
    [
        .. DataSets.Select(dataSet => DicomDataSet.Parse(dataSet.Bytes, dataSet.Syntax)).Select(dataSet => DicomXml.ToBytes(dataSet.Value)).Where(xml => xml.Length <= 2 * MaxLength),
    ];

    // The smaller the input, the more of what is broken is a link.
    private static byte[] SmallDirectory()
    {
        DicomDirWriter writer = new("FUZZ", new DicomUid("1.2.3"), inventsKeys: true);
        for (int i = 0; i < 3; i++)
        {
            writer.Add(["A", $"B{i}"], new DicomDataSet()
                .SetUid(DicomTags.SOPClassUID, DicomUids.CTImageStorage)
                .SetUid(DicomTags.SOPInstanceUID, new DicomUid($"1.2.{i}"))
                .SetString(DicomTags.PatientID, "P")
                .SetString(DicomTags.StudyInstanceUID, "1.3")
                .SetString(DicomTags.SeriesInstanceUID, "1.4")
                .SetInt(DicomTags.Rows, 1)
                .SetInt(DicomTags.Columns, 1), TransferSyntax.ExplicitVrLittleEndian);
        }

        return writer.ToBytes();
    }
}
