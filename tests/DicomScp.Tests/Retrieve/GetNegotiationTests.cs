using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp.Tests;

/// <summary>C-GET as a requestor sees it that can choose what it accepts and what it answers.</summary>
public sealed class GetNegotiationTests
{
    private static readonly DicomUid s_get = DicomUids.StudyRootQueryRetrieveInformationModelGet;
    private static readonly TransferSyntax s_jpeg = TransferSyntax.Find(new DicomUid("1.2.840.10008.1.2.4.70"))!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.2.840.10008.1.2.2", "1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")]
    [InlineData("1.2.840.10008.1.2", "1.2.840.10008.1.2.1.99")]
    public async Task Uncompressed_instances_are_rewritten_where_only_another_uncompressed_syntax_was_accepted(string stored, string accepted)
    {
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync();
        DicomDataSet instance = RetrieveGateway.Instance(1, length: 300_000);
        await gateway.StoreAsync((instance, TransferSyntax.Find(new DicomUid(stored))!));
        RecordingStore store = new();
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(accepted))!;

        DimseResponse response = await GetAsync(gateway, store, [Storage(DicomUids.CTImageStorage, syntax)], Study());

        Assert.Equal((DimseStatus.Success, new SubOperations(null, 1, 0, 0)), (response.Status, response.SubOperations));
        Assert.Equal(syntax, Assert.Single(store.Received).Syntax);
        Assert.Equal(DicomJson.ToBytes(instance), DicomJson.ToBytes(store.Received.First().DataSet));
    }

    [Fact]
    public async Task The_final_response_names_the_instances_that_failed_and_why()
    {
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync();
        await gateway.StoreStudyAsync(2);
        await gateway.StoreAsync((RetrieveGateway.Compressed(3), s_jpeg), (RetrieveGateway.Instance(4, DicomUids.ComputedRadiographyImageStorage), TransferSyntax.ExplicitVrLittleEndian));

        DimseResponse response = await GetAsync(gateway, new RecordingStore(), [Storage(DicomUids.CTImageStorage, TransferSyntax.ExplicitVrLittleEndian)], Study());

        Assert.Equal((DimseStatus.SubOperationsWithFailures, new SubOperations(null, 2, 2, 0)), (response.Status, response.SubOperations));
        Assert.Equal([RetrieveGateway.UidOf(3).Value, RetrieveGateway.UidOf(4).Value], response.DataSet!.GetStrings(DicomTags.FailedSOPInstanceUIDList).Order());
        Assert.Equal(DicomTags.FailedSOPInstanceUIDList, Assert.Single(response.DataSet).Tag);
        Assert.StartsWith("2 of 4 not sent: The peer does not take ", response.ErrorComment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_peer_stores_with_a_warning_and_what_it_refuses_is_counted_as_such()
    {
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync();
        await gateway.StoreStudyAsync(4);
        RecordingStore store = new(request =>
            request.Command.SopInstance == RetrieveGateway.UidOf(2) ? new DimseResponse(0xB007, "Something differs")
            : request.Command.SopInstance == RetrieveGateway.UidOf(3) ? new DimseResponse(DimseStatus.OutOfResources)
            : null);

        DimseResponse response = await GetAsync(gateway, store, [Storage(DicomUids.CTImageStorage, TransferSyntax.ExplicitVrLittleEndian)], Study());

        Assert.Equal((DimseStatus.SubOperationsWithFailures, new SubOperations(null, 2, 1, 1)), (response.Status, response.SubOperations));
        Assert.Equal("1 of 4 not sent: The peer answered refused, out of resources", response.ErrorComment);
    }

    [Fact]
    public async Task Warnings_alone_are_told_without_a_list_of_failures()
    {
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync();
        await gateway.StoreStudyAsync(1);

        DimseResponse response = await GetAsync(gateway, new RecordingStore(_ => new DimseResponse(0xB000)), [Storage(DicomUids.CTImageStorage, TransferSyntax.ExplicitVrLittleEndian)], Study());

        Assert.Equal((DimseStatus.SubOperationsWithFailures, new SubOperations(null, 0, 0, 1), null), (response.Status, response.SubOperations, response.DataSet));
    }

    [Fact]
    public async Task Relational_retrieval_needs_no_unique_keys_of_the_levels_above_where_it_was_negotiated()
    {
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync();
        await gateway.StoreStudyAsync(3);
        PresentationContext[] contexts = [Storage(DicomUids.CTImageStorage, TransferSyntax.ExplicitVrLittleEndian)];
        DicomDataSet image = new DicomDataSet().SetString(DicomTags.QueryRetrieveLevel, "IMAGE").SetUid(DicomTags.SOPInstanceUID, RetrieveGateway.UidOf(2));
        DicomDataSet series = new DicomDataSet().SetString(DicomTags.QueryRetrieveLevel, "SERIES").SetString(DicomTags.SeriesInstanceUID, $"{RetrieveGateway.Study}.2");

        Assert.Equal(new SubOperations(null, 1, 0, 0), (await GetAsync(gateway, new RecordingStore(), contexts, image, extended: [1])).SubOperations);
        Assert.Equal(new SubOperations(null, 2, 0, 0), (await GetAsync(gateway, new RecordingStore(), contexts, series, extended: [1])).SubOperations);
        DimseResponse refused = await GetAsync(gateway, new RecordingStore(), contexts, image, extended: [0]);
        Assert.Equal((DimseStatus.DataSetDoesNotMatch, DicomTags.StudyInstanceUID), (refused.Status, refused.OffendingElement));
    }

    [Fact]
    public async Task Relational_retrieval_is_agreed_to_and_conversion_of_multi_frame_images_is_not()
    {
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync();
        await using DicomClient client = await ConnectAsync(gateway, new RecordingStore(), [], [1, 1]);
        Assert.Equal<byte>([1, 0], client.Contexts[0].ExtendedNegotiation.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_cancelled_retrieve_of_a_large_study_tells_what_was_not_sent_and_the_association_goes_on(ushort window)
    {
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync();
        await gateway.StoreStudyAsync(500);
        using CancellationTokenSource cancel = new();
        int received = 0;
        RecordingStore store = new() { OnRequest = () => Interlocked.Increment(ref received) == 100 ? cancel.CancelAsync() : Task.CompletedTask };
        await using DicomClient client = await ConnectAsync(gateway, store, [Storage(DicomUids.CTImageStorage, TransferSyntax.ExplicitVrLittleEndian)], null, window);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.GetAsync(s_get, Study(), null, cancel.Token));

        // The next operation is answered after the one that was cancelled.
        DimseResponse next = await client.GetAsync(s_get, Study(), null, Token);

        Assert.Equal(new SubOperations(null, 500, 0, 0), next.SubOperations);
        Assert.InRange(received, 600, 650);
        await client.ReleaseAsync(Token);
    }

    [Fact]
    public async Task An_object_that_breaks_off_while_it_is_sent_costs_the_association_and_the_gateway_goes_on()
    {
        await using RetrieveGateway gateway = await RetrieveGateway.StartAsync();
        await gateway.StoreStudyAsync(2, length: 400_000);
        await DamageAsync(gateway, (await gateway.Reader.FindInstanceAsync(null, null, RetrieveGateway.UidOf(1), Token))!);
        PresentationContext[] contexts = [Storage(DicomUids.CTImageStorage, TransferSyntax.ImplicitVrLittleEndian)];

        await Assert.ThrowsAsync<AssociationAbortedException>(() => GetAsync(gateway, new RecordingStore(), contexts, Study()));

        DicomDataSet other = new DicomDataSet().SetString(DicomTags.QueryRetrieveLevel, "IMAGE").SetUid(DicomTags.SOPInstanceUID, RetrieveGateway.UidOf(2));
        Assert.Equal(DimseStatus.Success, (await GetAsync(gateway, new RecordingStore(), contexts, other, extended: [1])).Status);
    }

    /// <summary>The length of the pixel data becomes 10 bytes less, so that no element follows: where it is rewritten, that is seen at the end.</summary>
    private static async Task DamageAsync(RetrieveGateway gateway, InstanceRow row)
    {
        string path = Assert.Single(Directory.EnumerateFiles(gateway.DataFolder, "*", SearchOption.AllDirectories), path => path.EndsWith(row.File.Key.Value.Split('/')[^1], StringComparison.Ordinal));
        byte[] bytes = await File.ReadAllBytesAsync(path, Token);
        BitConverter.GetBytes(400_000 - 10).CopyTo(bytes, bytes.Length - 400_000 - 4);
        bytes.AsSpan(^10..).Fill(0xEE);
        File.SetAttributes(path, FileAttributes.Normal);
        await File.WriteAllBytesAsync(path, bytes, Token);
    }

    private static DicomDataSet Study() => new DicomDataSet().SetString(DicomTags.QueryRetrieveLevel, "STUDY").SetString(DicomTags.StudyInstanceUID, RetrieveGateway.Study);

    private static PresentationContext Storage(DicomUid sopClass, params TransferSyntax[] syntaxes) => new(sopClass, syntaxes) { Roles = AssociationRoles.Scp };

    private static Task<DicomClient> ConnectAsync(RetrieveGateway gateway, RecordingStore store, PresentationContext[] contexts, byte[]? extended, ushort window = 1)
    {
        DicomClientOptions options = gateway.Options with { Services = [store], MaxOperationsPerformed = window };
        return DicomClient.ConnectAsync(
            extended is null ? options : options with { ExtendedNegotiation = new Dictionary<DicomUid, IReadOnlyList<byte>> { [s_get] = extended } },
            [new PresentationContext(s_get, [TransferSyntax.ImplicitVrLittleEndian]), .. contexts],
            Token);
    }

    private static async Task<DimseResponse> GetAsync(RetrieveGateway gateway, RecordingStore store, PresentationContext[] contexts, DicomDataSet identifier, byte[]? extended = null)
    {
        await using DicomClient client = await ConnectAsync(gateway, store, contexts, extended);
        DimseResponse response = await client.GetAsync(s_get, identifier, null, Token);
        await client.ReleaseAsync(Token);
        return response;
    }
}
