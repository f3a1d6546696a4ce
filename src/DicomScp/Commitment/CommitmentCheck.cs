using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.DicomScp;

/// <summary>Looks whether instances are safe with us: in the index, of the SOP class that is told, and whole in the object store.</summary>
internal sealed class CommitmentCheck(IStudyIndex index, IObjectStore store, TimeProvider time)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Looks for instances; those that are missing are waited for until a time.</summary>
    /// <returns>For each in turn, why it is not committed; null for those that are.</returns>
    /// <exception cref="ArchiveUnavailableException">The index is away.</exception>
    /// <exception cref="IOException">The object store is away.</exception>
    public async Task<ushort?[]> RunAsync(IReadOnlyList<CommittedReference> references, DateTimeOffset until, CancellationToken cancellationToken)
    {
        ushort?[] reasons = new ushort?[references.Count];
        List<int> left = [.. Enumerable.Range(0, references.Count)];
        while (true)
        {
            List<int> missing = [];
            foreach (int i in left)
            {
                reasons[i] = await FindReasonAsync(references[i].Reference, cancellationToken);
                if (reasons[i] == CommitmentFailure.NoSuchObjectInstance)
                {
                    missing.Add(i);
                }
            }

            left = missing;
            if (left.Count == 0 || time.GetUtcNow() >= until)
            {
                return reasons;
            }

            await Task.Delay(s_pause, time, cancellationToken);
        }
    }

    private async ValueTask<ushort?> FindReasonAsync(SopReference reference, CancellationToken cancellationToken)
    {
        if (await index.FindInstanceAsync(reference.SopInstance, cancellationToken) is not { } row)
        {
            return UidRegistry.Find(reference.SopClass) is not null && !UidRegistry.IsStorageSopClass(reference.SopClass) ? CommitmentFailure.SopClassNotSupported : CommitmentFailure.NoSuchObjectInstance;
        }

        if (row.Identity.SopClass != reference.SopClass)
        {
            return CommitmentFailure.ClassInstanceConflict;
        }

        // The index has it and the store has not: that must not be called safe, and waiting does not help.
        return await store.FindAsync(row.File.Key, cancellationToken) is { } found && found.Length >= row.File.Offset + row.File.Length ? null : CommitmentFailure.Processing;
    }
}
