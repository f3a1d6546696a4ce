using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace MedicalAi.DicomScp.Tests;

/// <summary>C-GET and C-MOVE as getscu, movescu and storescp of DCMTK see them.</summary>
public sealed class RetrieveTests : IDisposable
{
    private const string Study = "1.2.840.99.1";
    private readonly TempFolder _received = new();
    private readonly TempFolder _settings = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _received.Dispose();
        _settings.Dispose();
    }

    [Fact]
    public async Task A_study_comes_to_getscu_with_the_bytes_that_were_stored()
    {
        await using TestGateway gateway = await StartAsync();
        await StoreAsync(gateway, 5);
        ToolResult result = await GetscuAsync(gateway, "-S", "STUDY", $"StudyInstanceUID={Study}");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(5, Directory.GetFiles(_received.Path).Length);
        foreach (string path in Directory.GetFiles(_received.Path))
        {
            InstanceFile file = (await InstanceFile.ReadAsync(path, Token)).Value;
            InstanceRow row = (await gateway.Reader.FindInstanceAsync(null, null, file.SopInstance, Token))!;
            await using Stream stored = await gateway.Reader.OpenDataSetAsync(row, Token);
            using MemoryStream bytes = new();
            await stored.CopyToAsync(bytes, Token);
            DicomDataSet theirs = (await DicomFile.ReadAsync(File.OpenRead(path), DicomReadOptions.Default, Token)).Value.DataSet;
            Assert.Equal(DicomDataSetWriter.ToBytes(DicomDataSet.Parse(bytes.ToArray(), row.TransferSyntax).Value, TransferSyntax.ExplicitVrLittleEndian), DicomDataSetWriter.ToBytes(theirs, TransferSyntax.ExplicitVrLittleEndian));
        }
    }

    [Theory]
    [InlineData("-P", "PATIENT", new[] { "PatientID=P1" }, 5)]
    [InlineData("-P", "SERIES", new[] { "PatientID=P1", "StudyInstanceUID=1.2.840.99.1", "SeriesInstanceUID=1.2.840.99.1.1" }, 5)]
    [InlineData("-S", "IMAGE", new[] { "StudyInstanceUID=1.2.840.99.1", "SeriesInstanceUID=1.2.840.99.1.1", @"SOPInstanceUID=1.2.840.99.1.1.1\1.2.840.99.1.1.3" }, 2)]
    [InlineData("-S", "STUDY", new[] { "StudyInstanceUID=1.2.3.4.5.6" }, 0)]
    public async Task Every_level_is_retrieved_by_its_unique_keys(string model, string level, string[] keys, int count)
    {
        await using TestGateway gateway = await StartAsync();
        await StoreAsync(gateway, 5);
        ToolResult result = await GetscuAsync(gateway, model, level, keys);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(count, Directory.GetFiles(_received.Path).Length);
    }

    [Fact]
    public async Task A_study_is_moved_to_a_destination_of_the_registry_which_hears_who_asked_for_it()
    {
        await using StoreScp destination = await StoreScp.StartAsync(_received.Path);
        await using TestGateway gateway = await StartAsync($$"""{ "entities": [{ "aeTitle": "VIEWER", "host": "127.0.0.1", "port": {{destination.Port}} }] }""");
        await StoreAsync(gateway, 12);
        ToolResult result = await MovescuAsync(gateway, "VIEWER", "-S", $"StudyInstanceUID={Study}");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(12, Directory.GetFiles(_received.Path).Length);
        Assert.Contains("0x0000", result.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_destination_that_is_not_known_is_refused_and_one_that_is_away_fails_every_sub_operation()
    {
        await using TestGateway gateway = await StartAsync($$"""{ "entities": [{ "aeTitle": "AWAY", "host": "127.0.0.1", "port": {{StoreScp.FindFreePort()}} }] }""");
        await StoreAsync(gateway, 3);
        ToolResult unknown = await MovescuAsync(gateway, "NOBODY", "-S", $"StudyInstanceUID={Study}");
        Assert.True(unknown.ExitCode != 0, unknown.ToString());
        Assert.Contains("a801", unknown.ToString(), StringComparison.OrdinalIgnoreCase);
        await using DicomClient client = await ConnectAsync(gateway, DicomUids.StudyRootQueryRetrieveInformationModelMove);
        DimseResponse away = await client.MoveAsync(DicomUids.StudyRootQueryRetrieveInformationModelMove, Keys(), AeTitle.Parse("AWAY"), null, Token);
        Assert.Equal((DimseStatus.OutOfResourcesSubOperations, new SubOperations(null, 0, 3, 0)), (away.Status, away.SubOperations));
        Assert.Equal(3, away.DataSet!.GetStrings(DicomTags.FailedSOPInstanceUIDList).Length);
        Assert.Contains("cannot be reached", away.ErrorComment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_compressed_instance_is_not_sent_to_a_peer_that_takes_uncompressed_ones_only_and_the_others_are()
    {
        await using TestGateway gateway = await StartAsync();
        await StoreAsync(gateway, 2);
        await using (DicomClient sender = await DicomClient.ConnectAsync(To(gateway), [new PresentationContext(DicomUids.CTImageStorage, [TransferSyntax.Find(DicomUids.RLELossless)!])], Token))
        {
            DicomDataSet compressed = Instance(9).Set(new DicomElement(DicomTags.PixelData, Vr.OB, new DicomFragments(ReadOnlyMemory<byte>.Empty, [new DicomFragment(new byte[] { 1, 2, 3, 4 })])));
            Assert.Equal(DimseStatus.Success, (await sender.StoreAsync(compressed, TransferSyntax.Find(DicomUids.RLELossless)!, Token)).Status);
        }

        CountingStorage storage = new();
        PresentationContext[] contexts =
        [
            new(DicomUids.StudyRootQueryRetrieveInformationModelGet, [TransferSyntax.ImplicitVrLittleEndian]),
            new(DicomUids.CTImageStorage, [TransferSyntax.ImplicitVrLittleEndian]) { Roles = AssociationRoles.Scp },
        ];
        await using DicomClient client = await DicomClient.ConnectAsync(To(gateway) with { Services = [storage] }, contexts, Token);
        DimseResponse response = await client.GetAsync(DicomUids.StudyRootQueryRetrieveInformationModelGet, Keys(), null, Token);
        Assert.Equal((DimseStatus.SubOperationsWithFailures, new SubOperations(null, 2, 1, 0)), (response.Status, response.SubOperations));
        Assert.Equal("1.2.840.99.1.1.9", response.DataSet!.GetString(DicomTags.FailedSOPInstanceUIDList));
        Assert.Equal(2, storage.Count);
        Assert.Contains("does not take CT Image Storage", response.ErrorComment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retrieve_that_is_cancelled_ends_with_what_remains_and_the_association_goes_on()
    {
        await using TestGateway gateway = await StartAsync();
        await StoreAsync(gateway, 60);
        using CancellationTokenSource cancel = new();
        CountingStorage storage = new() { OnStored = count => count == 3 ? cancel.CancelAsync() : Task.CompletedTask };
        PresentationContext[] contexts =
        [
            new(DicomUids.StudyRootQueryRetrieveInformationModelGet, [TransferSyntax.ImplicitVrLittleEndian]),
            new(DicomUids.CTImageStorage, [TransferSyntax.ExplicitVrLittleEndian]) { Roles = AssociationRoles.Scp },
            PresentationContext.Verification,
        ];
        await using DicomClient client = await DicomClient.ConnectAsync(To(gateway) with { Services = [storage] }, contexts, Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.GetAsync(DicomUids.StudyRootQueryRetrieveInformationModelGet, Keys(), null, cancel.Token));
        Assert.Equal(DimseStatus.Success, (await client.EchoAsync(Token)).Status);
        Assert.InRange(storage.Count, 3, 59);
    }

    [Theory]
    [InlineData("WRONG", "1.2.840.99.1")]
    [InlineData("STUDY", "")]
    [InlineData("STUDY", "1.2.*")]
    [InlineData("PATIENT", "1.2.840.99.1")]
    public async Task An_identifier_that_breaks_the_rules_is_refused(string level, string study)
    {
        await using TestGateway gateway = await StartAsync();
        await using DicomClient client = await ConnectAsync(gateway, DicomUids.StudyRootQueryRetrieveInformationModelGet);
        DicomDataSet keys = new DicomDataSet().SetString(DicomTags.QueryRetrieveLevel, level).SetString(DicomTags.StudyInstanceUID, study);
        DimseResponse response = await client.GetAsync(DicomUids.StudyRootQueryRetrieveInformationModelGet, keys, null, Token);
        Assert.Equal(DimseStatus.DataSetDoesNotMatch, response.Status);
        Assert.NotNull(response.OffendingElement);
    }

    private static DicomDataSet Keys() => new DicomDataSet().SetString(DicomTags.QueryRetrieveLevel, "STUDY").SetString(DicomTags.StudyInstanceUID, Study);

    private static DicomDataSet Instance(int number) => new DicomDataSet()
        .SetUid(DicomTags.SOPClassUID, DicomUids.CTImageStorage)
        .SetUid(DicomTags.SOPInstanceUID, new DicomUid($"{Study}.1.{number}"))
        .SetString(DicomTags.Modality, "CT")
        .SetString(DicomTags.PatientName, "Doe^Jane")
        .SetString(DicomTags.PatientID, "P1")
        .SetString(DicomTags.StudyInstanceUID, Study)
        .SetString(DicomTags.SeriesInstanceUID, Study + ".1")
        .SetInt(DicomTags.InstanceNumber, number);

    private static async Task StoreAsync(TestGateway gateway, int count)
    {
        await using DicomClient client = await DicomClient.ConnectAsync(To(gateway), [new PresentationContext(DicomUids.CTImageStorage, [TransferSyntax.ExplicitVrLittleEndian])], Token);
        for (int number = 1; number <= count; number++)
        {
            DicomDataSet instance = Instance(number).Set(new DicomElement(DicomTags.PixelData, Vr.OW, new byte[20_000]));
            Assert.Equal(DimseStatus.Success, (await client.StoreAsync(instance, TransferSyntax.ExplicitVrLittleEndian, Token)).Status);
        }
    }

    private static Task<DicomClient> ConnectAsync(TestGateway gateway, DicomUid model) => DicomClient.ConnectAsync(To(gateway), [new PresentationContext(model, [TransferSyntax.ExplicitVrLittleEndian])], Token);

    private static DicomClientOptions To(TestGateway gateway) => new() { Host = "127.0.0.1", Port = gateway.Port, CalledAe = AeTitle.Parse("MEDICALAI") };

    private Task<ToolResult> GetscuAsync(TestGateway gateway, string model, string level, params string[] keys) => ExternalTool.RunAsync(
        "getscu", ["-v", model, "+B", "-od", _received.Path, "-aec", "MEDICALAI", "-k", $"QueryRetrieveLevel={level}", .. keys.SelectMany(key => (string[])["-k", key]), "127.0.0.1", $"{gateway.Port}"], Token);

    private static Task<ToolResult> MovescuAsync(TestGateway gateway, string destination, string model, params string[] keys) => ExternalTool.RunAsync(
        "movescu", ["-d", model, "-aec", "MEDICALAI", "-aem", destination, "-k", "QueryRetrieveLevel=STUDY", .. keys.SelectMany(key => (string[])["-k", key]), "127.0.0.1", $"{gateway.Port}"], Token);

    private async Task<TestGateway> StartAsync(string? registry = null)
    {
        string file = _settings.File("aes.json");
        await File.WriteAllTextAsync(file, registry ?? "{}", Token);
        AeRegistryFile aes = new(new AeRegistryFileOptions { Path = file }, TimeProvider.System, NullLogger<AeRegistryFile>.Instance);
        aes.Load();
        return await TestGateway.StartAsync(configure: services => services.AddSingleton(aes));
    }

    /// <summary>Storage that counts, as one has it who retrieves.</summary>
    private sealed class CountingStorage : DimseService
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public Func<int, Task> OnStored { get; init; } = _ => Task.CompletedTask;

        public override bool Supports(DicomUid sopClass) => UidRegistry.IsStorageSopClass(sopClass);

        public override bool Supports(DicomUid sopClass, TransferSyntax transferSyntax) => true;

        public override async ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken)
        {
            while (await request.ReadDataSetAsync(cancellationToken) is not null)
            {
            }

            await OnStored(Interlocked.Increment(ref _count));
            return new DimseResponse(DimseStatus.Success);
        }
    }
}
