using System.Globalization;
using System.Text;

namespace MedicalAi.Dicom;

/// <summary>
/// Private elements that are known (PS3.5 section 7.8): those that GDCM and pydicom have gathered of what manufacturers publish.
/// The table is read when the first private element is asked for.
/// </summary>
public static class PrivateDictionary
{
    private const int MaxCreatorLength = 64;

    private static readonly Lazy<Dictionary<string, PrivateCreator>> s_creators = new(Load);

    /// <summary>The entry of an element; null where it is not known. Its keyword is empty, and so is its name where only the VR is known.</summary>
    /// <param name="creator">The private creator whose block the element is in, without padding.</param>
    /// <param name="tag">The element, in whatever block.</param>
    public static DictionaryEntry? Find(string creator, DicomTag tag)
    {
        ArgumentNullException.ThrowIfNull(creator);
        return tag.IsPrivate && tag.Element >= 0x1000 && s_creators.Value.TryGetValue(creator, out PrivateCreator? known) ? known.Find(tag) : null;
    }

    /// <summary>The creator of a name as it stands in a data set, padding included; null when nothing is known of it.</summary>
    internal static PrivateCreator? Find(ReadOnlySpan<byte> creator)
    {
        ReadOnlySpan<byte> name = creator.Trim(" \0"u8);
        if (name.Length is 0 or > MaxCreatorLength)
        {
            return null;
        }

        Span<char> characters = stackalloc char[MaxCreatorLength];
        int count = Encoding.Latin1.GetChars(name, characters);
        return s_creators.Value.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(characters[..count], out PrivateCreator? known) ? known : null;
    }

    private static Dictionary<string, PrivateCreator> Load()
    {
        byte[] text = Read();
        Dictionary<string, PrivateCreator> creators = new(512, StringComparer.Ordinal);
        List<PrivateCreator.Row> rows = [];
        string creator = "";
        for (int start = 0; start < text.Length;)
        {
            int length = text.AsSpan(start).IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = text.AsSpan(start, length);
            if (line[0] == '\t')
            {
                rows.Add(new PrivateCreator.Row(int.Parse(line[1..7], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), FindVr(line[8..]), start + 1, length - 1));
            }
            else
            {
                Add();
                creator = Encoding.UTF8.GetString(line);
            }

            start += length + 1;
        }

        Add();
        return creators;

        void Add()
        {
            if (rows.Count > 0)
            {
                creators.Add(creator, new PrivateCreator(text, [.. rows]));
                rows.Clear();
            }
        }
    }

    // Of "OB or OW" the one that holds any value.
    private static Vr FindVr(ReadOnlySpan<byte> vrs) => vrs.StartsWith("OB or OW"u8) ? Vr.OW : (Vr)((vrs[0] << 8) | vrs[1]);

    private static byte[] Read()
    {
        using Stream stream = typeof(PrivateDictionary).Assembly.GetManifestResourceStream("private-dictionary.txt")
            ?? throw new InvalidOperationException("The table of private elements is missing.");
        byte[] text = new byte[stream.Length];
        stream.ReadExactly(text);
        return text;
    }
}
