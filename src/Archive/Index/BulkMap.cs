namespace MedicalAi.Archive;

/// <summary>The places of all bulk values of an instance, so that each is a range read.</summary>
/// <param name="Entries">The values in the order of the data set.</param>
/// <param name="IsDeflated">
/// Whether the places count in the inflated data set, because the stored one is deflated: then a value is not a range of the
/// object, and <see cref="ArchiveReader"/> inflates to reach it.
/// </param>
public sealed partial record BulkMap(IReadOnlyList<BulkEntry> Entries, bool IsDeflated)
{
    /// <summary>The entry of a path; null when there is none.</summary>
    public BulkEntry? Find(string path)
    {
        foreach (BulkEntry entry in Entries)
        {
            if (string.Equals(entry.Path, path, StringComparison.OrdinalIgnoreCase))
            {
                return entry;
            }
        }

        return null;
    }
}
