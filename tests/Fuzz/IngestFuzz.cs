using System.Buffers;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Fuzz;

public sealed class IngestFuzz
{
    private static readonly UploadOrigin s_origin = new(UploadOrigin.Dimse, "FUZZ");

    [Fact]
    public async Task What_is_acknowledged_is_there_as_it_was_sent_and_the_rest_is_refused()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        using TempFolder folder = new();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(logging => logging.ClearProviders());
        builder.Services.AddArchive(new ArchiveOptions { DataFolder = folder.Path });
        using IHost host = builder.Build();
        await host.StartAsync(cancellationToken);
        IngestService ingest = host.Services.GetRequiredService<IngestService>();
        ArchiveReader reader = host.Services.GetRequiredService<ArchiveReader>();
        IReadOnlyList<byte[]> all = [.. Corpus.DataSets.Select(dataSet => dataSet.Bytes)];
        TransferSyntax syntax = TransferSyntax.ExplicitVrLittleEndian;
        Dictionary<IngestOutcome, int> outcomes = [];

        await FuzzRun.RunAsync(
            random =>
            {
                (byte[] bytes, syntax) = Corpus.DataSets[random.Next(Corpus.DataSets.Count)];
                return random.Next(4) == 0 ? bytes : Mutator.Mutate(random, bytes, all);
            },
            async (random, bytes) =>
            {
                IngestResult result = random.Next(2) == 0
                    ? await UploadAsync(ingest, random, bytes, syntax)
                    : await ingest.IngestPart10Async(new MemoryStream(AsFile(bytes, syntax)), s_origin, InstanceExpectation.None, cancellationToken);

                outcomes[result.Outcome] = outcomes.GetValueOrDefault(result.Outcome) + 1;
                ParseResult<DicomDataSet> read = DicomDataSet.Parse(bytes, syntax);
                if (result.Outcome == IngestOutcome.CannotUnderstand)
                {
                    Assert.NotEmpty(result.Message!);
                    return;
                }

                Assert.True(result.Outcome is IngestOutcome.Stored or IngestOutcome.AlreadyStored or IngestOutcome.Quarantined, $"{result.Outcome}: {result.Message}");
                Assert.True(read.Ok, $"Taken, but {read.Error}");
                if (result.IsSuccess)
                {
                    await CheckStoredAsync(reader, result.Identity!.Value, bytes);
                }
            });
        await host.StopAsync(cancellationToken);
        Assert.Contains(IngestOutcome.Stored, outcomes);
        Assert.Contains(IngestOutcome.CannotUnderstand, outcomes);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", outcomes));
    }

    private static async Task<IngestResult> UploadAsync(IngestService ingest, Random random, byte[] bytes, TransferSyntax syntax)
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        await using InstanceUpload upload = await ingest.BeginAsync(s_origin, syntax, InstanceExpectation.None, cancellationToken);
        foreach (byte[] block in Mutator.Blocks(random, bytes))
        {
            await upload.WriteAsync(new ReadOnlySequence<byte>(block), cancellationToken);
        }

        return await upload.CompleteAsync(cancellationToken);
    }

    private static async Task CheckStoredAsync(ArchiveReader reader, InstanceIdentity identity, byte[] bytes)
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        InstanceRow? row = await reader.FindInstanceAsync(identity.Study, identity.Series, identity.SopInstance, cancellationToken);
        Assert.NotNull(row);
        await using Stream stored = await reader.OpenDataSetAsync(row, cancellationToken);
        using MemoryStream copy = new();
        await stored.CopyToAsync(copy, cancellationToken);
        Assert.Equal(bytes, copy.ToArray());

        ParseResult<DicomDataSet> header = await reader.ReadHeaderAsync(row, cancellationToken);
        Assert.True(header.Ok, header.Error?.ToString());
        await foreach (ReadOnlyMemory<byte> metadata in reader.ListMetadataAsync(identity.Study, identity.Series, identity.SopInstance, cancellationToken))
        {
            ParseResult<DicomDataSet> read = DicomJson.Parse(metadata.Span);
            Assert.True(read.Ok, read.Error?.ToString());
            Assert.Equal(identity.SopInstance, read.Value.GetUid(DicomTags.SOPInstanceUID));
        }
    }

    private static byte[] AsFile(byte[] dataSet, TransferSyntax syntax) =>
    [
        .. new FileMetaInformation { MediaStorageSopClass = DicomUids.RawDataStorage, MediaStorageSopInstance = new DicomUid("1.2.3"), TransferSyntaxUid = syntax.Uid }.ToPart10Header(),
        .. dataSet,
    ];
}
