using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace MedicalAi.Dicom.Tests.Differential;

/// <summary>
/// The text that <c>dcmdump -dc -Un +L +Qn</c> prints, and ours in the same form: path to "VR value", text as its bytes (Latin 1) without padding,
/// bytes as hexadecimal digits. A VR that dcmdump does not know (<c>??</c>) is UN; private elements in implicit VR are <c>??</c> there whatever our table says.
/// </summary>
internal static partial class DcmdumpText
{
    public static SortedDictionary<string, string> Parse(string output)
    {
        SortedDictionary<string, string> flat = new(StringComparer.Ordinal);
        List<string> prefix = [""]; // of each level of indentation: sequences and items take turns
        List<int> items = [];
        foreach (string line in output.Split('\n'))
        {
            if (Line().Match(line) is not { Success: true } match)
            {
                continue;
            }

            int level = match.Groups["indent"].Length / 2;
            string tag = (match.Groups["group"].Value + match.Groups["element"].Value).ToUpperInvariant();
            string vr = match.Groups["vr"].Value;
            string value = match.Groups["value"].Value;
            prefix.RemoveRange(level + 1, prefix.Count - level - 1);
            switch (tag)
            {
                case "FFFEE000" when vr == "pi":
                    flat[prefix[level][..^1]] += " " + (value == "(no value available)" ? "" : value.Replace("\\", "", StringComparison.Ordinal).ToUpperInvariant());
                    break;
                case "FFFEE000":
                    items[level]++;
                    prefix.Add(string.Create(CultureInfo.InvariantCulture, $"{prefix[level]}{items[level]}/"));
                    break;
                case "FFFEE00D" or "FFFEE0DD":
                    break;
                default:
                    string path = prefix[level] + tag;
                    prefix.Add(path + "/");
                    items.RemoveRange(Math.Min(items.Count, level + 1), Math.Max(0, items.Count - level - 1));
                    items.AddRange(Enumerable.Repeat(-1, level + 2 - items.Count));
                    items[level + 1] = -1;
                    if (!Skips(tag))
                    {
                        vr = vr == "up" ? "UL" : vr; // an offset of a DICOMDIR
                        flat[path] = vr == "SQ" ? "SQ" : value.StartsWith("(PixelSequence", StringComparison.Ordinal) ? vr : $"{(vr == "??" ? "UN" : vr)} {Value(vr, value)}".TrimEnd();
                    }

                    break;
            }
        }

        return flat;
    }

    public static SortedDictionary<string, string> Of(DicomDataSet dataSet)
    {
        SortedDictionary<string, string> flat = new(StringComparer.Ordinal);
        Add(flat, dataSet, "");
        return flat;
    }

    private static void Add(SortedDictionary<string, string> flat, DicomDataSet dataSet, string path)
    {
        foreach (DicomElement element in dataSet)
        {
            string name = path + element.Tag.ToHex();
            if (Skips(element.Tag.ToHex()))
            {
                continue;
            }

            if (element.Items is { } items)
            {
                flat[name] = "SQ";
                for (int i = 0; i < items.Count; i++)
                {
                    Add(flat, items[i], string.Create(CultureInfo.InvariantCulture, $"{name}/{i}/"));
                }
            }
            else if (element.Fragments is { } fragments)
            {
                flat[name] = element.Vr + string.Concat(fragments.Items.Select(fragment => fragment.Value).Prepend(fragments.OffsetTable).Select(value => " " + Convert.ToHexString(value.Span)));
            }
            else
            {
                flat[name] = $"{element.Vr} {Value(element)}".TrimEnd();
            }
        }
    }

    // Group lengths and meta information are not compared.
    private static bool Skips(string tag) => tag.EndsWith("0000", StringComparison.Ordinal) || tag.StartsWith("0002", StringComparison.Ordinal);

    private static string Value(DicomElement element)
    {
        ReadOnlySpan<byte> value = element.Value.Span;
        int unit = element.Vr == Vr.AT ? 4 : element.Vr.UnitSize();
        if (element.Vr.IsText())
        {
            return Text(Encoding.Latin1.GetString(value));
        }

        if (element.Vr.IsBulk() && element.Vr is not (Vr.OF or Vr.OD))
        {
            return Convert.ToHexString(value);
        }

        List<string> numbers = [];
        for (; value.Length >= unit; value = value[unit..])
        {
            numbers.Add(element.Vr switch
            {
                Vr.AT => $"({BinaryPrimitives.ReadUInt16LittleEndian(value):x4},{BinaryPrimitives.ReadUInt16LittleEndian(value[2..]):x4})",
                Vr.US => Plain(BinaryPrimitives.ReadUInt16LittleEndian(value)),
                Vr.SS => Plain(BinaryPrimitives.ReadInt16LittleEndian(value)),
                Vr.UL => Plain(BinaryPrimitives.ReadUInt32LittleEndian(value)),
                Vr.SL => Plain(BinaryPrimitives.ReadInt32LittleEndian(value)),
                Vr.FL or Vr.OF => Float(BinaryPrimitives.ReadSingleLittleEndian(value)),
                Vr.FD or Vr.OD => Float(BinaryPrimitives.ReadDoubleLittleEndian(value)),
                _ => Convert.ToHexString(value[..unit]),
            });
        }

        return string.Join('\\', numbers);
    }

    private static string Value(string vr, string value)
    {
        if (value is "(no value available)" or "(no value)")
        {
            return "";
        }

        return vr switch
        {
            _ when value is ['[', .. var text, ']'] => Text(WebUtility.HtmlDecode(text)),
            "OW" => string.Concat(value.Split('\\').Select(word => word[2..] + word[..2])).ToUpperInvariant(),
            "OB" or "UN" or "??" => value.Replace("\\", "", StringComparison.Ordinal).ToUpperInvariant(),
            "FL" or "FD" or "OF" or "OD" => string.Join('\\', value.Split('\\').Select(number => Float(double.Parse(number, CultureInfo.InvariantCulture)))),
            _ => value,
        };
    }

    private static string Text(string text) => text.TrimEnd(' ', '\0');

    private static string Plain(long number) => number.ToString(CultureInfo.InvariantCulture);

    // dcmdump prints fewer digits than a number has.
    private static string Float(double number) => number == 0 ? "0" : number.ToString("G6", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<indent> *)\((?<group>[0-9a-f]{4}),(?<element>[0-9a-f]{4})\) (?<vr>\S\S) (?<value>.*\S) +# *(\d+|u/l),", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Line();
}
