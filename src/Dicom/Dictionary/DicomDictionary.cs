using System.Collections.Frozen;

namespace MedicalAi.Dicom;

/// <summary>
/// The data dictionary of PS3.6. The VR of a tag comes from sorted static data, so that implicit VR is read without any table
/// being built; keywords and names are parsed once, when the first one is asked for.
/// </summary>
public static class DicomDictionary
{
    private static readonly Lazy<Texts> s_texts = new(() => new Texts());

    /// <summary>All entries with exact tags, in the order of their tags.</summary>
    public static IReadOnlyList<DictionaryEntry> Entries => s_texts.Value.Exact;

    /// <summary>
    /// The VR of an element as implicit VR syntaxes need it (PS3.5 A.1): group lengths are UL, private creators LO, elements
    /// that the dictionary does not have UN.
    /// </summary>
    public static Vr FindVr(DicomTag tag)
    {
        int index = DictionaryTable.Tags.BinarySearch(tag.Value);
        if (index >= 0)
        {
            return (Vr)DictionaryTable.Vrs[index];
        }

        if (tag.IsGroupLength)
        {
            return Vr.UL;
        }

        if (tag.IsPrivate)
        {
            return tag.IsPrivateCreator ? Vr.LO : Vr.UN;
        }

        int repeating = FindRepeating(tag);
        return repeating >= 0 ? (Vr)DictionaryTable.RepeatingVrs[repeating] : Vr.UN;
    }

    /// <summary>The entry of a tag; null where the dictionary has none (private elements, for example).</summary>
    public static DictionaryEntry? Find(DicomTag tag)
    {
        int index = DictionaryTable.Tags.BinarySearch(tag.Value);
        if (index >= 0)
        {
            return s_texts.Value.Exact[index];
        }

        int repeating = tag.IsPrivate ? -1 : FindRepeating(tag);
        return repeating >= 0 ? s_texts.Value.Repeating[repeating] with { Tag = tag } : null;
    }

    /// <summary>The entry of a keyword, for example <c>PatientName</c>; letter case matters.</summary>
    public static DictionaryEntry? Find(ReadOnlySpan<char> keyword) =>
        s_texts.Value.Keywords.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(keyword, out DictionaryEntry? entry) ? entry : null;

    private static int FindRepeating(DicomTag tag)
    {
        for (int i = 0; i < DictionaryTable.RepeatingTags.Length; i++)
        {
            if ((tag.Value & DictionaryTable.RepeatingMasks[i]) == DictionaryTable.RepeatingTags[i])
            {
                return i;
            }
        }

        return -1;
    }

    private sealed class Texts
    {
        public Texts()
        {
            Exact = Parse(DictionaryTable.Texts, DictionaryTable.Tags, DictionaryTable.Vrs);
            Repeating = Parse(DictionaryTable.RepeatingTexts, DictionaryTable.RepeatingTags, DictionaryTable.RepeatingVrs);
            Keywords = Exact.Concat(Repeating).Where(entry => entry.Keyword.Length > 0)
                .ToFrozenDictionary(entry => entry.Keyword, StringComparer.Ordinal);
        }

        public DictionaryEntry[] Exact { get; }

        public DictionaryEntry[] Repeating { get; }

        public FrozenDictionary<string, DictionaryEntry> Keywords { get; }

        private static DictionaryEntry[] Parse(string texts, ReadOnlySpan<uint> tags, ReadOnlySpan<ushort> vrs)
        {
            DictionaryEntry[] entries = new DictionaryEntry[tags.Length];
            int i = 0;
            foreach (ReadOnlySpan<char> line in texts.AsSpan().EnumerateLines())
            {
                string[] cell = line.ToString().Split('\t');
                entries[i] = new DictionaryEntry(DicomTag.FromValue(tags[i]), cell[0], cell[1], (Vr)vrs[i], cell[2], cell[3], cell[4] == "R");
                i++;
            }

            return entries;
        }
    }
}
