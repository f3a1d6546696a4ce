using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;

namespace MedicalAi.DicomScp.Tests;

/// <summary>An archive to search in, and findscu of DCMTK to search with.</summary>
internal static class FindSetup
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts an archive with some instances.</summary>
    public static async Task<TestGateway> StartAsync(params DicomDataSet[] instances)
    {
        TestGateway gateway = await TestGateway.StartAsync();
        await using DicomClient client = await ConnectAsync(gateway, DicomUids.CTImageStorage, []);
        foreach (DicomDataSet instance in instances)
        {
            Assert.Equal(DimseStatus.Success, (await client.StoreAsync(instance, TransferSyntax.ExplicitVrLittleEndian, Token)).Status);
        }

        await client.ReleaseAsync(Token);
        return gateway;
    }

    /// <summary>Opens an association for one SOP class.</summary>
    public static Task<DicomClient> ConnectAsync(TestGateway gateway, DicomUid sopClass, byte[] extended) => DicomClient.ConnectAsync(
        new DicomClientOptions
        {
            Host = "127.0.0.1",
            Port = gateway.Port,
            CalledAe = AeTitle.Parse("MEDICALAI"),
            ExtendedNegotiation = extended.Length == 0 ? new Dictionary<DicomUid, IReadOnlyList<byte>>() : new() { [sopClass] = extended },
        },
        [new PresentationContext(sopClass, [TransferSyntax.ExplicitVrLittleEndian])],
        Token);

    /// <summary>A CT image, with text in Latin 1.</summary>
    public static DicomDataSet Instance(string patient, string name, string study, string series, int number, string modality, string date = "20200102")
    {
        DicomDataSet dataSet = new();
        dataSet.SetString(DicomTags.SpecificCharacterSet, "ISO_IR 100");
        dataSet.SetString(DicomTags.SOPClassUID, DicomUids.CTImageStorage.Value);
        dataSet.SetString(DicomTags.SOPInstanceUID, $"{series}.{number}");
        dataSet.SetString(DicomTags.StudyDate, date);
        dataSet.SetString(DicomTags.Modality, modality);
        dataSet.SetString(DicomTags.PatientName, name);
        dataSet.SetString(DicomTags.PatientID, patient);
        dataSet.SetString(DicomTags.StudyInstanceUID, study);
        dataSet.SetString(DicomTags.SeriesInstanceUID, series);
        dataSet.SetInt(DicomTags.InstanceNumber, number);
        dataSet.SetString(DicomTags.ImageComments, "größer");
        return dataSet;
    }

    /// <summary>What findscu finds, and what it says.</summary>
    public static async Task<(ToolResult Result, DicomDataSet[] Found)> FindscuAsync(TestGateway gateway, string[] options, params string[] keys)
    {
        using TempFolder folder = new();
        ToolResult result = await ExternalTool.RunAsync(
            "findscu",
            ["-d", .. options, "-aec", "MEDICALAI", "-X", "-od", folder.Path, "127.0.0.1", $"{gateway.Port}", .. keys.SelectMany(key => new[] { "-k", key })],
            Token);
        List<DicomDataSet> found = [];
        foreach (string path in Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal))
        {
            found.Add(DicomFile.Parse(await File.ReadAllBytesAsync(path, Token)).Value.DataSet);
        }

        return (result, [.. found]);
    }
}
