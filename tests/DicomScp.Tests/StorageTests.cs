using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MedicalAi.DicomScp.Tests;

public sealed class StorageTests
{
    private static readonly TransferSyntax s_explicit = TransferSyntax.ExplicitVrLittleEndian;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Echoscu_is_answered()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        ToolResult result = await ExternalTool.RunAsync("echoscu", ["-aec", "MEDICALAI", "127.0.0.1", $"{gateway.Port}"], Token);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public async Task What_dcmsend_sends_and_storescp_stores_is_stored_with_the_same_data_set_bytes()
    {
        // Like storescp here, it takes SOP classes that the standard does not register.
        await using TestGateway gateway = await TestGateway.StartAsync(new DicomServerOptions { AcceptUnknownSopClasses = true });
        using TempFolder files = new();
        using TempFolder received = new();
        await CopyDistinctInstancesAsync(files);
        await using (StoreScp reference = await StoreScp.StartAsync(received.Path))
        {
            await DcmsendAsync(reference.Port, files);
        }

        await DcmsendAsync(gateway.Port, files);
        string[] references = Directory.GetFiles(received.Path);
        Assert.True(references.Length > 50, $"Only {references.Length} files were received.");
        List<string> missing = [];
        foreach (string path in references)
        {
            byte[] theirs = await File.ReadAllBytesAsync(path, Token);
            InstanceFile file = (await InstanceFile.ReadAsync(path, Token)).Value;
            InstanceRow? row = await gateway.Reader.FindInstanceAsync(null, null, file.SopInstance, Token);
            if (!Path.GetFileName(path).EndsWith($".{file.SopInstance}", StringComparison.Ordinal))
            {
                // dcmsend announced another UID than the data set has, whose UIDs came as UN: storescp does not look, we refuse it.
                Assert.Null(row);
                continue;
            }

            if (row is null)
            {
                missing.Add(Path.GetFileName(path));
                continue;
            }

            Assert.Equal(file.TransferSyntax, row.TransferSyntax);
            byte[] kept = await ReadAsync(gateway, row);
            Assert.True(theirs.AsSpan((int)file.DataSetOffset).SequenceEqual(kept), file.SopInstance.Value);
        }

        Assert.Empty(missing);
    }

    [Fact]
    public async Task What_the_sender_sends_comes_back_with_identical_data_set_bytes()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        DicomSender sender = new(To(gateway));
        HashSet<DicomUid> seen = [];
        int stored = 0;
        await foreach (SentFile sent in sender.SendAsync(DicomSender.FindFiles([TestData.Path("dicom")]), Token))
        {
            ParseResult<InstanceFile> read = await InstanceFile.ReadAsync(sent.Path, Token);
            if (!read.Ok || !seen.Add(read.Value.SopInstance))
            {
                continue;
            }

            InstanceFile file = read.Value;
            Assert.True(sent.IsStored || !string.IsNullOrWhiteSpace(sent.Error));
            if (sent.Status == DimseStatus.Success && (file.Length - file.DataSetOffset) % 2 == 0)
            {
                InstanceRow row = (await gateway.Reader.FindInstanceAsync(null, null, file.SopInstance, Token))!;
                Assert.Equal(file.TransferSyntax, row.TransferSyntax);
                byte[] kept = await ReadAsync(gateway, row), whole = await File.ReadAllBytesAsync(file.Path, Token);
                Assert.True(whole.AsSpan((int)file.DataSetOffset).SequenceEqual(kept), file.Path);
                stored++;
            }
        }

        Assert.True(stored > 50, $"{stored} stored");
    }

    [Fact]
    public async Task The_same_instance_again_is_a_success_and_other_content_under_its_UID_is_a_duplicate()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using DicomClient client = await ConnectAsync(gateway);
        DicomDataSet dataSet = Instance("1.2.3.1");
        Assert.Equal(DimseStatus.Success, (await client.StoreAsync(dataSet, s_explicit, Token)).Status);
        Assert.Equal(DimseStatus.Success, (await client.StoreAsync(dataSet, s_explicit, Token)).Status);
        dataSet.SetString(DicomTags.PatientID, "OTHER");
        DimseResponse response = await client.StoreAsync(dataSet, s_explicit, Token);
        Assert.Equal((DimseStatus.DuplicateSopInstance, DicomTags.SOPInstanceUID), (response.Status, response.OffendingElement));
        Assert.False(string.IsNullOrEmpty(response.ErrorComment));
        Assert.True(client.IsEstablished);
    }

    [Fact]
    public async Task A_data_set_with_other_UIDs_than_announced_does_not_match()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using DicomClient client = await ConnectAsync(gateway);
        byte[] bytes = DicomDataSetWriter.ToBytes(Instance("1.2.3.2"), s_explicit);
        DimseResponse instance = await StoreAsync(client, new("1.9.9"), DicomUids.CTImageStorage, bytes);
        Assert.Equal((DimseStatus.DataSetDoesNotMatch, DicomTags.SOPInstanceUID), (instance.Status, instance.OffendingElement));
        DimseResponse sopClass = await StoreAsync(client, new("1.2.3.2"), DicomUids.MRImageStorage, bytes);
        Assert.Equal((DimseStatus.DataSetDoesNotMatch, DicomTags.SOPClassUID), (sopClass.Status, sopClass.OffendingElement));
        Assert.Null(await gateway.Reader.FindInstanceAsync(null, null, new("1.2.3.2"), Token));
    }

    [Theory]
    [InlineData("StudyInstanceUID")]
    [InlineData("SeriesInstanceUID")]
    public async Task A_data_set_without_study_or_series_is_stored_as_it_is(string keyword)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using DicomClient client = await ConnectAsync(gateway);
        DicomDataSet dataSet = Instance("1.2.3.8");
        dataSet.Remove(DicomDictionary.Find(keyword)!.Tag);
        Assert.Equal(DimseStatus.Success, (await client.StoreAsync(dataSet, s_explicit, Token)).Status);
        Assert.Equal(DimseStatus.Success, (await client.StoreAsync(dataSet, s_explicit, Token)).Status);
        InstanceRow row = (await gateway.Reader.FindInstanceAsync(null, null, new("1.2.3.8"), Token))!;
        Assert.Equal(DicomDataSetWriter.ToBytes(dataSet, s_explicit), await ReadAsync(gateway, row));
    }

    [Fact]
    public async Task Bytes_that_are_no_data_set_cannot_be_understood()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using DicomClient client = await ConnectAsync(gateway);
        byte[] whole = DicomDataSetWriter.ToBytes(Instance("1.2.3.3"), s_explicit);
        foreach (byte[] bytes in new[] { [.. Enumerable.Repeat((byte)0xEE, 5000)], whole[..^2], [] })
        {
            DimseResponse response = await StoreAsync(client, new("1.2.3.3"), DicomUids.CTImageStorage, bytes);
            Assert.Equal(DimseStatus.CannotUnderstand, response.Status);
            Assert.False(string.IsNullOrEmpty(response.ErrorComment));
        }

        Assert.Equal(DimseStatus.Success, (await StoreAsync(client, new("1.2.3.3"), DicomUids.CTImageStorage, whole)).Status);
    }

    [Fact]
    public async Task Hostile_data_sets_get_an_error_and_nothing_else()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using DicomClient client = await ConnectAsync(gateway);
        byte[] whole = DicomDataSetWriter.ToBytes(Instance("1.2.3.6"), s_explicit);
        byte[] sequence = [0x08, 0, 0x40, 0x11, (byte)'S', (byte)'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF];
        byte[] nested = [.. Enumerable.Repeat(sequence, 20_000).SelectMany(bytes => bytes)];
        byte[] oversize = [0x09, 0, 0x10, 0, (byte)'O', (byte)'B', 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 1, 2];
        Random random = new(6);
        byte[][] hostile = [[.. whole, .. nested], [.. whole, .. oversize], .. Enumerable.Range(0, 20).Select(_ => Changed(whole, random))];
        foreach (byte[] bytes in hostile)
        {
            using MemoryStream stream = new(bytes);
            DimseResponse response = await client.StoreAsync(DicomUids.CTImageStorage, new("1.2.3.6"), s_explicit, stream, Token);
            Assert.Contains(response.Status, new[] { DimseStatus.CannotUnderstand, DimseStatus.DataSetDoesNotMatch, DimseStatus.Success, DimseStatus.DuplicateSopInstance });
            Assert.True(response.Status != DimseStatus.Success || bytes.Length == whole.Length);
        }

        Assert.Equal(DimseStatus.Success, (await client.StoreAsync(Instance("1.2.3.7"), s_explicit, Token)).Status);

        static byte[] Changed(byte[] bytes, Random random)
        {
            byte[] changed = [.. bytes];
            changed[random.Next(changed.Length)] = (byte)random.Next(256);
            return changed;
        }
    }

    [Fact]
    public async Task While_the_archive_is_away_the_sender_is_told_to_try_later()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(configure: services =>
            services.AddSingleton<IObjectStore, AbsentStore>());
        await using DicomClient client = await ConnectAsync(gateway);
        DimseResponse response = await client.StoreAsync(Instance("1.2.3.4"), s_explicit, Token);
        Assert.Equal(DimseStatus.OutOfResources, response.Status);
        Assert.True(client.IsEstablished);
    }

    [Fact]
    public async Task Private_SOP_classes_are_taken_by_configuration_only()
    {
        DicomUid mine = new("1.3.6.1.4.1.55555.1.2");
        DicomDataSet dataSet = Instance("1.2.3.5");
        dataSet.SetString(DicomTags.SOPClassUID, mine.Value);
        await using TestGateway strict = await TestGateway.StartAsync();
        await using DicomClient refused = await DicomClient.ConnectAsync(To(strict), [new PresentationContext(mine, [s_explicit])], Token);
        Assert.Equal(3, refused.Contexts[0].Result);
        await using TestGateway open = await TestGateway.StartAsync(new DicomServerOptions { AcceptUnknownSopClasses = true });
        await using DicomClient client = await DicomClient.ConnectAsync(To(open), [new PresentationContext(mine, [s_explicit]), new PresentationContext(DicomUids.BasicGrayscalePrintManagementMeta, [s_explicit])], Token);
        Assert.Equal([0, 3], client.Contexts.Select(context => (int)context.Result));
        Assert.Equal(DimseStatus.Success, (await client.StoreAsync(dataSet, s_explicit, Token)).Status);
    }

    private static async Task CopyDistinctInstancesAsync(TempFolder folder)
    {
        HashSet<DicomUid> seen = [];
        foreach (string path in DicomSender.FindFiles([TestData.Path("dicom")]))
        {
            ParseResult<InstanceFile> read = await InstanceFile.ReadAsync(path, Token);
            if (read.Ok && seen.Add(read.Value.SopInstance))
            {
                File.Copy(path, folder.File($"{seen.Count}"));
            }
        }
    }

    private static Task DcmsendAsync(int port, TempFolder files) => ExternalTool.RunAsync(
        "env",
        ["TCP_NODELAY=1", "dcmsend", "-q", "-aec", "MEDICALAI", "+sd", "-dn", "--no-halt", "--no-uid-checks", "+ma", "127.0.0.1", $"{port}", files.Path],
        Token);

    private static async Task<byte[]> ReadAsync(TestGateway gateway, InstanceRow row)
    {
        await using Stream stream = await gateway.Reader.OpenDataSetAsync(row, Token);
        using MemoryStream bytes = new();
        await stream.CopyToAsync(bytes, Token);
        return bytes.ToArray();
    }

    private static async ValueTask<DimseResponse> StoreAsync(DicomClient client, DicomUid instance, DicomUid sopClass, byte[] bytes)
    {
        using MemoryStream stream = new(bytes);
        return await client.StoreAsync(sopClass, instance, s_explicit, stream, Token);
    }

    private static Task<DicomClient> ConnectAsync(TestGateway gateway) =>
        DicomClient.ConnectAsync(To(gateway), [new PresentationContext(DicomUids.CTImageStorage, [s_explicit]), new PresentationContext(DicomUids.MRImageStorage, [s_explicit])], Token);

    private static DicomClientOptions To(TestGateway gateway) => new() { Host = "127.0.0.1", Port = gateway.Port, CalledAe = AeTitle.Parse("MEDICALAI") };

    private static DicomDataSet Instance(string sopInstance)
    {
        DicomDataSet dataSet = new();
        dataSet.SetString(DicomTags.SOPClassUID, DicomUids.CTImageStorage.Value);
        dataSet.SetString(DicomTags.SOPInstanceUID, sopInstance);
        dataSet.SetString(DicomTags.StudyInstanceUID, "1.2.3");
        dataSet.SetString(DicomTags.SeriesInstanceUID, "1.2.3.0");
        dataSet.SetString(DicomTags.Modality, "CT");
        dataSet.SetString(DicomTags.PatientID, "P1");
        return dataSet;
    }

    /// <summary>A store whose backend is away.</summary>
    private sealed class AbsentStore : IObjectStore
    {
        public ValueTask InitializeAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<StagedObject> StageAsync(CancellationToken cancellationToken) => throw new ArchiveUnavailableException("away");

        public ValueTask PublishAsync(IReadOnlyList<Publication> batch, CancellationToken cancellationToken) => throw new ArchiveUnavailableException("away");

        public ValueTask<Stream> OpenReadAsync(ObjectLocation location, CancellationToken cancellationToken) => throw new ArchiveUnavailableException("away");

        public ValueTask<ObjectInfo?> FindAsync(ObjectKey key, CancellationToken cancellationToken) => throw new ArchiveUnavailableException("away");

        public ValueTask<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => throw new ArchiveUnavailableException("away");

        public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => throw new ArchiveUnavailableException("away");
    }
}
