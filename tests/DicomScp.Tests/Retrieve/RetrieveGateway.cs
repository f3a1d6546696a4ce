using System.Text.Json;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MedicalAi.DicomScp.Tests;

/// <summary>A gateway with destinations, and instances in it to be retrieved.</summary>
internal sealed class RetrieveGateway : IAsyncDisposable
{
    public const string Study = "1.2.3.1";

    private readonly TestGateway _gateway;
    private readonly TempFolder _folder;

    private RetrieveGateway(TestGateway gateway, TempFolder folder) => (_gateway, _folder) = (gateway, folder);

    public int Port => _gateway.Port;

    public string DataFolder => Get<ArchiveOptions>().DataFolder;

    public ArchiveReader Reader => _gateway.Reader;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The gateway as a peer of ours.</summary>
    public DicomClientOptions Options => new() { Host = "127.0.0.1", Port = Port, CalledAe = AeTitle.Parse("MEDICALAI"), CallingAe = AeTitle.Parse("SCU") };

    public static Task<RetrieveGateway> StartAsync(params (string Title, int Port)[] destinations) =>
        StartAsync(null, [.. destinations.Select(one => new { aeTitle = one.Title, host = "127.0.0.1", port = one.Port })]);

    public static async Task<RetrieveGateway> StartAsync(Action<IServiceCollection>? configure, params object[] entities)
    {
        TempFolder folder = new();
        string path = folder.File("aes.json");
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(new { entities }), Token);
        TestGateway gateway = await TestGateway.StartAsync(configure: services =>
        {
            services.AddAeRegistry(new AeRegistryFileOptions { Path = path });
            configure?.Invoke(services);
        });
        return new RetrieveGateway(gateway, folder);
    }

    /// <summary>A service of it.</summary>
    public T Get<T>()
        where T : notnull => _gateway.Services.GetRequiredService<T>();

    /// <summary>Stores instances, each in a transfer syntax.</summary>
    public async Task StoreAsync(params IReadOnlyCollection<(DicomDataSet DataSet, TransferSyntax Syntax)> instances)
    {
        foreach ((DicomDataSet DataSet, TransferSyntax Syntax)[] part in instances.Chunk(100))
        {
            PresentationContext[] contexts = [.. part.Select(one => (one.DataSet.GetUid(DicomTags.SOPClassUID)!.Value, one.Syntax)).Distinct().Select(kind => new PresentationContext(kind.Value, [kind.Syntax]))];
            await using DicomClient client = await DicomClient.ConnectAsync(Options, contexts, Token);
            foreach ((DicomDataSet dataSet, TransferSyntax syntax) in part)
            {
                Assert.Equal(DimseStatus.Success, (await client.StoreAsync(dataSet, syntax, Token)).Status);
            }

            await client.ReleaseAsync(Token);
        }
    }

    /// <summary>Stores a study of CT images, each with some pixel data.</summary>
    public Task StoreStudyAsync(int count, int length = 1000) =>
        StoreAsync([.. Enumerable.Range(1, count).Select(number => (Instance(number, length: length), TransferSyntax.ExplicitVrLittleEndian))]);

    /// <summary>An instance of the study, in one of its two series.</summary>
    public static DicomDataSet Instance(int number, DicomUid? sopClass = null, int length = 1000, string study = Study, string patient = "P1")
    {
        byte[] pixels = new byte[length];
        new Random(number).NextBytes(pixels);
        return new DicomDataSet()
            .SetUid(DicomTags.SOPClassUID, sopClass ?? DicomUids.CTImageStorage)
            .SetUid(DicomTags.SOPInstanceUID, UidOf(number, study))
            .SetString(DicomTags.PatientName, "Doe^Jane")
            .SetString(DicomTags.PatientID, patient)
            .SetString(DicomTags.StudyInstanceUID, study)
            .SetString(DicomTags.SeriesInstanceUID, $"{study}.{(number % 2) + 1}")
            .SetInt(DicomTags.InstanceNumber, number)
            .SetInt(DicomTags.BitsAllocated, 16L)
            .SetInt(DicomTags.PixelRepresentation, 1L)
            .SetInt(DicomTags.SmallestImagePixelValue, Vr.SS, -3)
            .SetBytes(DicomTags.PixelData, Vr.OW, pixels);
    }

    /// <summary>The same with pixel data that is none, in fragments of a compressed syntax.</summary>
    public static DicomDataSet Compressed(int number)
    {
        DicomDataSet dataSet = Instance(number, DicomUids.MRImageStorage);
        dataSet.Remove(DicomTags.PixelData);
        return dataSet.SetFragments(DicomTags.PixelData, new DicomFragments(default, [new DicomFragment(new byte[] { 1, 2, 3, 4 })]));
    }

    public static DicomUid UidOf(int number, string study = Study) => new($"{study}.9.{number}");

    /// <summary>The data sets of the files in a folder, by SOP Instance UID.</summary>
    public static async Task<SortedDictionary<string, DicomFile>> ReadAsync(string folder)
    {
        SortedDictionary<string, DicomFile> files = new(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            DicomFile file = DicomFile.Parse(await File.ReadAllBytesAsync(path, Token)).Value;
            files.Add(file.DataSet.GetString(DicomTags.SOPInstanceUID)!, file);
        }

        return files;
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _folder.Dispose();
    }
}
