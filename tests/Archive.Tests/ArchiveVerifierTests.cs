namespace MedicalAi.Archive.Tests;

public sealed class ArchiveVerifierTests
{
    [Fact]
    public async Task An_object_without_a_row_is_found_and_removed_as_an_orphan()
    {
        await using TestArchive archive = await TestArchive.CreateAsync();
        ObjectKey key = new("studies/1.2/orphan.dcm");
        await archive.Store.PublishAsync([new Publication(await archive.Store.StageAsync([1, 2]), key)], TestContext.Current.CancellationToken);
        ArchiveVerifier verifier = new(archive.Studies, archive.Store, archive.Clock);
        List<VerificationFinding> findings = await verifier.CheckStoreAsync(remove: true, includeYoung: true, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal([new VerificationFinding(VerificationProblem.Orphan, key)], findings);
        Assert.Null(await archive.Store.FindAsync(key, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_object_that_is_missing_and_one_that_was_changed_are_found()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        await archive.IngestAsync(TestArchive.Identity(instance: "1.2.1.1.1"), [1, 2]);
        await archive.IngestAsync(TestArchive.Identity(instance: "1.2.1.1.2"), [3, 4]);
        await archive.IngestAsync(TestArchive.Identity(instance: "1.2.1.1.3"), [5, 6]);
        List<InstanceRow> rows = await archive.Studies.ListAllInstancesAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        await archive.Store.DeleteAsync(rows[0].File.Key, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(archive.Options.DataFolder, "objects", rows[1].File.Key.Value), [3, 5], TestContext.Current.CancellationToken);

        List<VerificationFinding> findings = await new ArchiveVerifier(archive.Studies, archive.Store, archive.Clock).CheckIndexAsync(checkDigests: true, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal([new VerificationFinding(VerificationProblem.ObjectMissing, rows[0].File.Key), new VerificationFinding(VerificationProblem.ContentChanged, rows[1].File.Key)], findings);
    }

    [Fact]
    public async Task What_is_in_quarantine_is_checked_too()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        await archive.IngestAsync(TestArchive.Identity(), [1, 2]);
        await archive.IngestAsync(TestArchive.Identity(), [3, 4]);
        ArchiveVerifier verifier = new(archive.Studies, archive.Store, archive.Clock);
        Assert.Empty(await verifier.CheckIndexAsync(checkDigests: true, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
        ObjectKey aside = Assert.Single(await archive.Studies.ListQuarantineAsync(10, 0, TestContext.Current.CancellationToken)).File.Key;
        await archive.Store.DeleteAsync(aside, TestContext.Current.CancellationToken);

        Assert.Equal(
            [new VerificationFinding(VerificationProblem.ObjectMissing, aside)],
            await verifier.CheckIndexAsync(checkDigests: false, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
    }
}
