using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

/// <summary>What every index of storage commitment transactions keeps to.</summary>
public abstract class CommitmentIndexContract
{
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract Task<ISeams> OpenAsync();

    [Fact]
    public async Task A_new_transaction_is_given_once_to_be_checked_and_again_when_the_lease_has_ended()
    {
        await using ISeams archive = await OpenAsync();
        (long id, CommitmentEntry entry) = await archive.Commitments.AddAsync(Transaction("1.2.3", "1.1", "1.2"), Token);
        Assert.Equal(CommitmentEntry.New, entry);

        CommitmentTransaction claimed = Assert.Single(await archive.Commitments.ClaimAsync(10, s_lease, Token));
        Assert.Equal((id, "1.2.3", "MODALITY", CommitmentState.Checking, 2, 0), (claimed.Id, claimed.TransactionUid.Value, claimed.CallingAe, claimed.State, claimed.References, claimed.Failed));
        Assert.Empty(await archive.Commitments.ClaimAsync(10, s_lease, Token));
        Assert.Equal(archive.Clock.GetUtcNow() + s_lease, await archive.Commitments.FindNextDueAsync(Token));

        archive.Clock.Advance(s_lease);
        Assert.Equal(id, Assert.Single(await archive.Commitments.ClaimAsync(10, s_lease, Token)).Id);
    }

    [Fact]
    public async Task What_was_found_is_kept_in_the_order_of_the_request()
    {
        await using ISeams archive = await OpenAsync();
        (long id, _) = await archive.Commitments.AddAsync(Transaction("1.2.3", "1.1", "1.2", "1.3"), Token);
        Assert.True(await archive.Commitments.SaveResultsAsync(id, [null, CommitmentFailure.NoSuchObjectInstance, null], Token));
        Assert.False(await archive.Commitments.SaveResultsAsync(id, [null, null, null], Token));

        IReadOnlyList<CommittedReference> found = await archive.Commitments.ReadReferencesAsync(id, Token);
        Assert.Equal([("1.1", null), ("1.2", CommitmentFailure.NoSuchObjectInstance), ("1.3", null)], found.Select(one => (one.Reference.SopInstance.Value, one.FailureReason)));
        CommitmentTransaction listed = Assert.Single(await archive.Commitments.ListAsync(new CommitmentQuery { State = CommitmentState.Reporting }, Token));
        Assert.Equal((3, 1), (listed.References, listed.Failed));
    }

    [Fact]
    public async Task A_report_that_fails_waits_and_counts_and_a_transaction_that_has_ended_is_not_given_again()
    {
        await using ISeams archive = await OpenAsync();
        long id = await CheckedAsync(archive);
        await archive.Commitments.DeferAsync(id, archive.Clock.GetUtcNow() + TimeSpan.FromMinutes(5), "no connection", Token);
        Assert.Empty(await archive.Commitments.ClaimAsync(10, s_lease, Token));
        archive.Clock.Advance(TimeSpan.FromMinutes(5));
        CommitmentTransaction again = Assert.Single(await archive.Commitments.ClaimAsync(10, s_lease, Token));
        Assert.Equal((1, "no connection", CommitmentState.Reporting), (again.Attempts, again.Error, again.State));

        await archive.Commitments.EndAsync(id, CommitmentState.Reported, null, Token);
        archive.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Empty(await archive.Commitments.ClaimAsync(10, s_lease, Token));
        Assert.Null(await archive.Commitments.FindNextDueAsync(Token));
        Assert.Equal(1, (await archive.Commitments.CountAsync(Token))[CommitmentState.Reported]);
    }

    [Fact]
    public async Task People_can_have_one_tried_again_that_was_rejected_or_has_expired()
    {
        await using ISeams archive = await OpenAsync();
        long id = await CheckedAsync(archive);
        Assert.False(await archive.Commitments.RetryAsync(id, Token));
        await archive.Commitments.EndAsync(id, CommitmentState.Expired, "not reached for a day", Token);
        archive.Clock.Advance(TimeSpan.FromDays(2));
        Assert.True(await archive.Commitments.RetryAsync(id, Token));
        CommitmentTransaction again = Assert.Single(await archive.Commitments.ClaimAsync(10, s_lease, Token));
        Assert.Equal((CommitmentState.Reporting, archive.Clock.GetUtcNow()), (again.State, again.Since));

        Assert.False(await archive.Commitments.RetryAsync(id, Token));
        await archive.Commitments.DeferAsync(id, archive.Clock.GetUtcNow() + TimeSpan.FromMinutes(5), "no connection", Token);
        Assert.True(await archive.Commitments.RetryAsync(id, Token));
        Assert.Equal(id, Assert.Single(await archive.Commitments.ClaimAsync(10, s_lease, Token)).Id);
    }

    [Fact]
    public async Task The_same_request_again_is_one_transaction_which_is_checked_anew_when_it_had_ended()
    {
        await using ISeams archive = await OpenAsync();
        long id = await CheckedAsync(archive);
        Assert.Equal((id, CommitmentEntry.Repeated), await archive.Commitments.AddAsync(Transaction("1.2.3", "1.1"), Token));
        Assert.Equal(CommitmentState.Reporting, Assert.Single(await archive.Commitments.ListAsync(new CommitmentQuery(), Token)).State);

        await archive.Commitments.EndAsync(id, CommitmentState.Reported, null, Token);
        Assert.Equal((id, CommitmentEntry.Repeated), await archive.Commitments.AddAsync(Transaction("1.2.3", "1.1"), Token));
        Assert.Equal(CommitmentState.Checking, Assert.Single(await archive.Commitments.ClaimAsync(10, s_lease, Token)).State);
    }

    [Fact]
    public async Task A_transaction_that_waits_for_its_next_attempt_is_due_when_it_is_asked_for_again()
    {
        await using ISeams archive = await OpenAsync();
        long id = await CheckedAsync(archive);
        await archive.Commitments.DeferAsync(id, archive.Clock.GetUtcNow() + TimeSpan.FromMinutes(5), "no connection", Token);
        await archive.Commitments.AddAsync(Transaction("1.2.3", "1.1"), Token);
        Assert.Equal(id, Assert.Single(await archive.Commitments.ClaimAsync(10, s_lease, Token)).Id);
    }

    [Theory]
    [InlineData("MODALITY", "1.9")]
    [InlineData("OTHER", "1.1")]
    public async Task Another_request_under_a_Transaction_UID_that_is_taken_fails_as_a_whole_and_leaves_the_first_alone(string callingAe, string instance)
    {
        await using ISeams archive = await OpenAsync();
        long first = await CheckedAsync(archive);
        (long second, CommitmentEntry entry) = await archive.Commitments.AddAsync(Transaction("1.2.3", instance) with { CallingAe = callingAe }, Token);
        Assert.Equal(CommitmentEntry.Duplicate, entry);
        CommitmentTransaction claimed = Assert.Single(await archive.Commitments.ClaimAsync(10, s_lease, Token));
        Assert.Equal((second, CommitmentState.Reporting), (claimed.Id, claimed.State));
        Assert.Equal(CommitmentFailure.DuplicateTransactionUid, Assert.Single(await archive.Commitments.ReadReferencesAsync(second, Token)).FailureReason);
        Assert.Null(Assert.Single(await archive.Commitments.ReadReferencesAsync(first, Token)).FailureReason);
    }

    [Fact]
    public async Task What_ended_long_ago_is_forgotten()
    {
        await using ISeams archive = await OpenAsync();
        long id = await CheckedAsync(archive);
        await archive.Commitments.EndAsync(id, CommitmentState.Reported, null, Token);
        archive.Clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal(CommitmentEntry.New, (await archive.Commitments.AddAsync(Transaction("1.2.3", "1.9"), Token)).Entry);
        Assert.Single(await archive.Commitments.ListAsync(new CommitmentQuery(), Token));
        Assert.Empty(await archive.Commitments.ReadReferencesAsync(id, Token));
    }

    private static NewCommitment Transaction(string uid, params string[] instances) =>
        new(new DicomUid(uid), "MODALITY", "MEDICALAI", "127.0.0.1", [.. instances.Select(instance => new SopReference(DicomUids.CTImageStorage, new DicomUid(instance)))]);

    // One whose instance was found, in the hands of who checked it.
    private static async Task<long> CheckedAsync(ISeams archive)
    {
        (long id, _) = await archive.Commitments.AddAsync(Transaction("1.2.3", "1.1"), Token);
        Assert.Single(await archive.Commitments.ClaimAsync(10, s_lease, Token));
        Assert.True(await archive.Commitments.SaveResultsAsync(id, [null], Token));
        return id;
    }
}
