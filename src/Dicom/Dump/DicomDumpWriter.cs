using System.Globalization;
using System.Text;

namespace MedicalAi.Dicom;

/// <summary>Writes the lines of a dump.</summary>
internal sealed class DicomDumpWriter(TextWriter output)
{
    // Of a long value this much is shown; the value itself may be gigabytes.
    private const int MaxValueLength = 64;
    private const int MaxShownBytes = 16;
    private const int CommentColumn = 60;

    private readonly StringBuilder _line = new(160);

    public void WriteDataSet(DicomDataSet dataSet, int depth)
    {
        foreach (DicomElement element in dataSet)
        {
            Begin(depth, element.Tag, element.Vr == Vr.None ? "na" : element.Vr.ToString());
            if (element.Items is { } items)
            {
                End(Invariant($"{items.Count} {(items.Count == 1 ? "item" : "items")}"), Name(dataSet, element.Tag));
                for (int i = 0; i < items.Count; i++)
                {
                    _line.Append(' ', 2 * (depth + 1)).Append(CultureInfo.InvariantCulture, $"Item {i + 1}");
                    End(Invariant($"{items[i].Count} {(items[i].Count == 1 ? "element" : "elements")}"), "");
                    WriteDataSet(items[i], depth + 2);
                }
            }
            else if (element.Fragments is { } fragments)
            {
                _line.Append(CultureInfo.InvariantCulture, $"offset table of {fragments.OffsetTable.Length / 4}");
                End(Invariant($"{fragments.Items.Sum(fragment => fragment.Location.Length)}, {fragments.Items.Count} {(fragments.Items.Count == 1 ? "fragment" : "fragments")}"), Name(dataSet, element.Tag));
            }
            else
            {
                WriteValue(dataSet, element);
            }
        }
    }

    private void WriteValue(DicomDataSet dataSet, DicomElement element)
    {
        long length = element.Bulk?.Length ?? element.Value.Length;
        int count = 0;
        if (element.Bulk is { } bulk)
        {
            _line.Append(CultureInfo.InvariantCulture, $"(at byte {bulk.Offset})");
            count = 1;
        }
        else if (element.BulkDataUri is { } uri)
        {
            AppendText([uri], isText: true);
            count = 1;
        }
        else if (element.IsEmpty)
        {
            _line.Append("(no value)");
        }
        else if (element.Vr.IsBulk() || element.Vr == Vr.None)
        {
            AppendBytes(element.Value.Span);
            count = 1;
        }
        else
        {
            string[] values = dataSet.GetStrings(element.Tag);
            count = values.Length;
            AppendText(values, element.Vr.IsText());
        }

        End(Invariant($"{length}, {count}"), Name(dataSet, element.Tag) + UidName(dataSet, element));
    }

    private void AppendText(string[] values, bool isText)
    {
        StringBuilder text = new(MaxValueLength + 1);
        for (int i = 0; i < values.Length && text.Length <= MaxValueLength; i++)
        {
            text.Append(i == 0 ? "" : "\\").Append(values[i].AsSpan(0, Math.Min(values[i].Length, MaxValueLength + 1)));
        }

        bool isCut = text.Length > MaxValueLength;
        text.Length = Math.Min(text.Length, MaxValueLength);
        _line.Append(isText ? "[" : "");
        foreach (Rune rune in text.ToString().EnumerateRunes())
        {
            // Control characters could steer a terminal.
            _line.Append(Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.LineSeparator ? "." : rune.ToString());
        }

        _line.Append(isCut ? "..." : "").Append(isText ? "]" : "");
    }

    private void AppendBytes(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length && i < MaxShownBytes; i++)
        {
            _line.Append(i == 0 ? "" : "\\").Append(CultureInfo.InvariantCulture, $"{bytes[i]:x2}");
        }

        _line.Append(bytes.Length > MaxShownBytes ? "..." : "");
    }

    private static string Name(DicomDataSet dataSet, DicomTag tag)
    {
        if (DicomDictionary.Find(tag) is { } entry)
        {
            return entry.Keyword.Length > 0 ? entry.Keyword : entry.Name;
        }

        if (!tag.IsPrivate)
        {
            return tag.IsGroupLength ? "GroupLength" : "not of the dictionary";
        }

        DicomTag creator = new(tag.Group, (ushort)(tag.Element >> 8));
        return tag.IsPrivateCreator ? "PrivateCreator"
            : !creator.IsPrivateCreator || dataSet.GetString(creator) is not { } owner ? "private"
            : dataSet.FindEntry(tag) is { Name.Length: > 0 } known ? $"{known.Name}, private of {Clean(owner)}"
            : "private of " + Clean(owner);
    }

    private static string UidName(DicomDataSet dataSet, DicomElement element) =>
        element.Vr == Vr.UI && dataSet.GetUid(element.Tag) is { } uid && UidRegistry.Find(uid) is { } entry ? " = " + entry.Name : "";

    private static string Clean(string text) => string.Create(Math.Min(text.Length, MaxValueLength), text, static (target, from) =>
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = char.IsControl(from[i]) || char.IsSurrogate(from[i]) ? '.' : from[i];
        }
    });

    private void Begin(int depth, DicomTag tag, string vr) =>
        _line.Append(' ', 2 * depth).Append(CultureInfo.InvariantCulture, $"{tag} {vr} ");

    private void End(string size, string name)
    {
        _line.Append(' ', Math.Max(1, CommentColumn - _line.Length)).Append("# ").Append(size);
        if (name.Length > 0)
        {
            _line.Append(' ').Append(name);
        }

        output.WriteLine(_line);
        _line.Clear();
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
