using System.Collections.Frozen;

namespace MedicalAi.Dicom;

/// <summary>The registry of UIDs of PS3.6 annex A.</summary>
public static class UidRegistry
{
    private static readonly Lazy<UidEntry[]> s_entries = new(Parse);

    private static readonly Lazy<FrozenDictionary<string, UidEntry>> s_byUid =
        new(() => s_entries.Value.ToFrozenDictionary(entry => entry.Uid.Value, StringComparer.Ordinal));

    private static readonly Lazy<UidEntry[]> s_storage = new(() => [.. s_entries.Value.Where(IsStorage)]);

    /// <summary>All registered UIDs.</summary>
    public static IReadOnlyList<UidEntry> Entries => s_entries.Value;

    /// <summary>
    /// The SOP classes of the Storage service class (PS3.4 B.5), the retired ones too: composite instances that can be sent by
    /// C-STORE.
    /// </summary>
    public static IReadOnlyList<UidEntry> StorageSopClasses => s_storage.Value;

    /// <summary>The entry of a UID; null when it is not registered.</summary>
    public static UidEntry? Find(DicomUid uid) => uid.Value is { } value && s_byUid.Value.TryGetValue(value, out UidEntry? entry) ? entry : null;

    /// <summary>Whether the UID is a storage SOP class of the standard.</summary>
    public static bool IsStorageSopClass(DicomUid uid) => Find(uid) is { } entry && IsStorage(entry);

    private static bool IsStorage(UidEntry entry) =>
        entry.Type == "SOP Class"
        && (entry.Uid.Value.StartsWith("1.2.840.10008.5.1.4.1.1.", StringComparison.Ordinal)
            || (entry.Uid.Value.StartsWith("1.2.840.10008.5.1.4.34.", StringComparison.Ordinal) && entry.Name.EndsWith(" Storage", StringComparison.Ordinal))
            || entry.Keyword is "HangingProtocolStorage" or "ColorPaletteStorage" or "GenericImplantTemplateStorage"
                or "ImplantAssemblyTemplateStorage" or "ImplantTemplateGroupStorage")
        && !entry.Name.Contains("Query", StringComparison.Ordinal);

    private static UidEntry[] Parse()
    {
        List<UidEntry> entries = new(512);
        foreach (ReadOnlySpan<char> line in UidTable.Texts.AsSpan().EnumerateLines())
        {
            string[] cell = line.ToString().Split('\t');
            entries.Add(new UidEntry(new DicomUid(cell[0]), cell[1], cell[2], cell[3], cell[4] == "R"));
        }

        return [.. entries];
    }
}
