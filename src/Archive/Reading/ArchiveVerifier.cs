using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace MedicalAi.Archive;

/// <summary>Compares store and index both ways: rows without their object, objects without a row, content that has changed.</summary>
/// <param name="index">The index.</param>
/// <param name="store">The object store.</param>
/// <param name="time">The clock.</param>
public sealed class ArchiveVerifier(IStudyIndex index, IObjectStore store, TimeProvider time)
{
    // An object younger than this may belong to a commit that is under way.
    private static readonly TimeSpan s_youngest = TimeSpan.FromMinutes(5);

    /// <summary>Parts of an object that were begun longer ago than this are of no upload that is under way.</summary>
    internal static readonly TimeSpan LongestUpload = TimeSpan.FromDays(1);

    /// <summary>
    /// Instances, those in quarantine included, whose object is missing, shorter, or (when digests are checked) of other content;
    /// streamed.
    /// </summary>
    public async IAsyncEnumerable<VerificationFinding> CheckIndexAsync(bool checkDigests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (InstanceRow row in index.ListAllInstancesAsync(cancellationToken))
        {
            if (await CheckAsync(row.DataSet, checkDigests ? row.Digest : default(ReadOnlyMemory<byte>?), cancellationToken) is { } problem)
            {
                yield return new VerificationFinding(problem, row.File.Key);
            }
        }

        const int PageSize = 1000;
        for (int offset = 0; await index.ListQuarantineAsync(PageSize, offset, cancellationToken) is { Count: > 0 } page; offset += page.Count)
        {
            foreach (QuarantineRow row in page)
            {
                if (await CheckAsync(row.DataSet, checkDigests ? row.Digest : default(ReadOnlyMemory<byte>?), cancellationToken) is { } problem)
                {
                    yield return new VerificationFinding(problem, row.File.Key);
                }
            }
        }
    }

    /// <summary>Objects to which no row points and that no commit under way can mean; streamed.</summary>
    /// <param name="remove">Whether to remove them, and parts of objects that were never completed, which are not told.</param>
    /// <param name="includeYoung">Whether to look at objects of the last minutes too; only while nothing is being ingested.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public async IAsyncEnumerable<VerificationFinding> CheckStoreAsync(bool remove, bool includeYoung, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        DateTimeOffset before = time.GetUtcNow() - s_youngest;
        await foreach (ObjectInfo found in store.ListAsync("", cancellationToken))
        {
            if ((includeYoung || found.PublishedAt < before) && !await index.IsReferencedAsync(found.Key, cancellationToken))
            {
                if (remove)
                {
                    await store.DeleteAsync(found.Key, cancellationToken);
                }

                yield return new VerificationFinding(VerificationProblem.Orphan, found.Key);
            }
        }

        if (remove)
        {
            await store.RemoveUnfinishedAsync("", includeYoung ? DateTimeOffset.MaxValue : time.GetUtcNow() - LongestUpload, cancellationToken);
        }
    }

    private async ValueTask<VerificationProblem?> CheckAsync(ObjectLocation dataSet, ReadOnlyMemory<byte>? digest, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(dataSet.Key, cancellationToken) is not { } found)
        {
            return VerificationProblem.ObjectMissing;
        }

        if (found.Length < dataSet.Offset + dataSet.Length)
        {
            return VerificationProblem.ContentChanged;
        }

        if (digest is { } expected)
        {
            await using Stream stream = await store.OpenReadAsync(dataSet, cancellationToken);
            byte[] computed = await SHA256.HashDataAsync(stream, cancellationToken);
            if (!expected.Span.SequenceEqual(computed))
            {
                return VerificationProblem.ContentChanged;
            }
        }

        return null;
    }
}

/// <summary>What is wrong between store and index.</summary>
public enum VerificationProblem
{
    /// <summary>A row points to an object that is not there.</summary>
    ObjectMissing,

    /// <summary>The object is not what was stored.</summary>
    ContentChanged,

    /// <summary>No row points to the object: it is left from a crash before it was acknowledged.</summary>
    Orphan,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Problem">What.</param>
/// <param name="Key">With which object.</param>
public readonly record struct VerificationFinding(VerificationProblem Problem, ObjectKey Key);
