using System.Security.Cryptography;
using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.Archive.Tests;

/// <summary>The way in over a real S3 server, where each instance is published before its turn in the group commit.</summary>
public sealed class S3IngestTests(S3Server server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_object_in_the_bucket_is_a_Part_10_file_that_dcmtk_and_pydicom_open()
    {
        await using TestBucket bucket = await TestBucket.OpenAsync(await server.NewBucketAsync());
        await using TestArchive archive = await TestArchive.StartAsync(_ => bucket.Store);
        Assert.Equal(IngestOutcome.Stored, (await archive.Ingest.IngestAsync(Samples.Image(), TransferSyntax.ExplicitVrLittleEndian, new UploadOrigin(UploadOrigin.Import), Token)).Outcome);

        ObjectInfo found = Assert.Single(await bucket.Store.ListAsync("", Token).ToListAsync(Token));
        string file = bucket.Folder.File("object.dcm");
        await using (Stream stream = await bucket.Store.OpenReadAsync(new ObjectLocation(found.Key, 0, found.Length), Token))
        await using (FileStream copy = File.Create(file))
        {
            await stream.CopyToAsync(copy, Token);
        }

        Assert.Matches("^studies/[0-9.]+/series/[0-9.]+/[0-9.]+\\.[0-9a-f]{16}\\.dcm$", found.Key.Value);
        ToolResult dump = await ExternalTool.RunAsync("dcmdump", [file], Token);
        Assert.True(dump.ExitCode == 0, dump.ToString());
        ToolResult read = await ExternalTool.RunAsync("/usr/bin/python3", ["-c", "import pydicom, sys; print(pydicom.dcmread(sys.argv[1]).SOPInstanceUID)", file], Token);
        Assert.Contains(read.Output.Trim(), found.Key.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_content_again_is_a_duplicate_and_other_content_goes_to_quarantine_also_when_they_come_at_once()
    {
        await using TestBucket bucket = await TestBucket.OpenAsync(await server.NewBucketAsync());
        await using TestArchive archive = await TestArchive.StartAsync(_ => bucket.Store);
        byte[][] contents = [[1, 2, 3], [4, 5, 6]];

        IngestResult[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => IngestAsync(contents[n % 2])));

        Assert.Equal(1, results.Count(result => result.Outcome == IngestOutcome.Stored));
        Assert.Equal(1, (await archive.Studies.CountAllAsync(Token)).Instances);
        Assert.Contains(results, result => result.Outcome == IngestOutcome.Quarantined);
        Assert.Empty(await new ArchiveVerifier(archive.Studies, bucket.Store, archive.Clock).CheckIndexAsync(checkDigests: true, Token).ToListAsync(Token));

        // The loser may have been put under the name of an instance before its turn: the next start removes it.
        using PublicationJournal next = new(Path.Combine(archive.Options.DataFolder, "index", "publishing"));
        await next.RecoverAsync(bucket.Store, archive.Studies, Token);
        Assert.Empty(await new ArchiveVerifier(archive.Studies, bucket.Store, archive.Clock).CheckStoreAsync(remove: false, includeYoung: true, Token).ToListAsync(Token));

        async Task<IngestResult> IngestAsync(byte[] content)
        {
            InstanceIdentity identity = TestArchive.Identity();
            return await archive.Committer.CommitAsync(await bucket.Store.StageAsync(content), archive.Record(identity, content), Token);
        }
    }

    [Fact]
    public async Task An_instance_that_the_server_does_not_take_does_not_hold_up_the_others()
    {
        S3Options options = await server.NewBucketAsync();
        await using FaultProxy proxy = new(options.Endpoint);
        await using TestBucket bucket = await TestBucket.OpenAsync(options with { Endpoint = proxy.Endpoint });
        await using TestArchive archive = await TestArchive.StartAsync(_ => bucket.Store);
        proxy.Choose = line => line.Contains("/1.2.1.1.3.", StringComparison.Ordinal) ? Fault.Hang : Fault.None;
        Task<IngestResult> stuck = IngestAsync(3);

        IngestResult[] others = await Task.WhenAll(new[] { 1, 2, 4, 5 }.Select(IngestAsync));

        Assert.All(others, result => Assert.Equal(IngestOutcome.Stored, result.Outcome));
        Assert.False(stuck.IsCompleted);
        proxy.Choose = _ => Fault.None;
        Assert.Equal(IngestOutcome.Stored, (await stuck).Outcome);

        async Task<IngestResult> IngestAsync(int n)
        {
            byte[] content = RandomNumberGenerator.GetBytes(1000 + n);
            InstanceIdentity identity = TestArchive.Identity(instance: $"1.2.1.1.{n}");
            return await archive.Committer.CommitAsync(await bucket.Store.StageAsync(content), archive.Record(identity, content), Token);
        }
    }
}
