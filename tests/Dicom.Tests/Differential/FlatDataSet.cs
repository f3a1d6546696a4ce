using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace MedicalAi.Dicom.Tests.Differential;

/// <summary>
/// A data set in DICOM JSON as a table: path to "VR value\value", with what may be written in several ways written in one.
/// What is made the same, and why:
/// numbers are compared as numbers (0.50 is 0.5, and DS may be a number or a string, PS3.18 F.2.3.1), FL as single precision;
/// an empty value is a missing one (PS3.18 F.2.5); empty component groups of a name are missing ones, and the separators of
/// components that end a group mean nothing (PS3.5 section 6.2.1.2); nor do spaces that end a value (table 6.2-1);
/// FD may be rounded to 14 digits, for not everybody writes 17; minus zero is zero;
/// bytes are compared by digest; Specific Character Set is not compared, for all of it is UTF-8.
/// </summary>
internal static class FlatDataSet
{
    public static string Digest(string path, DicomElement element) => element.Fragments is { } fragments
        ? Digest(Items(fragments)) + " encapsulated"
        : Digest(element.Value.Span);

    public static SortedDictionary<string, string> Of(DicomDataSet dataSet) =>
        Of(JsonDocument.Parse(DicomJson.ToBytes(dataSet, Digest)).RootElement);

    public static SortedDictionary<string, string> Of(JsonElement dataSet)
    {
        SortedDictionary<string, string> flat = new(StringComparer.Ordinal);
        Add(flat, dataSet, "");
        return flat;
    }

    /// <summary>A line for each path whose values are not the same.</summary>
    public static IEnumerable<string> Differences(SortedDictionary<string, string> ours, SortedDictionary<string, string> theirs) => Compare(ours, theirs).Select(one =>
        $"{one.Path}: we have {(one.Ours.Length == 0 ? "nothing" : $"[{one.Ours}]")}, they have {(one.Theirs.Length == 0 ? "nothing" : $"[{one.Theirs}]")}");

    /// <summary>The paths whose values are not the same, with both; empty for a value that is not there.</summary>
    public static IEnumerable<(string Path, string Ours, string Theirs)> Compare(SortedDictionary<string, string> ours, SortedDictionary<string, string> theirs) =>
        ours.Keys.Union(theirs.Keys)
            .Select(path => (Path: path, Ours: ours.GetValueOrDefault(path, ""), Theirs: theirs.GetValueOrDefault(path, "")))
            .Where(one => one.Ours != one.Theirs);

    private static string Digest(ReadOnlySpan<byte> bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}:{bytes.Length}";

    /// <summary>The offset table and the fragments with their headers, as they stand in the file (PS3.5 A.4).</summary>
    private static byte[] Items(DicomFragments fragments)
    {
        using MemoryStream items = new();
        foreach (ReadOnlyMemory<byte> value in fragments.Items.Select(fragment => fragment.Value).Prepend(fragments.OffsetTable))
        {
            items.Write([0xFE, 0xFF, 0x00, 0xE0]);
            items.Write(BitConverter.GetBytes(value.Length));
            items.Write(value.Span);
        }

        return items.ToArray();
    }

    private static void Add(SortedDictionary<string, string> flat, JsonElement dataSet, string path)
    {
        foreach (JsonProperty attribute in dataSet.EnumerateObject())
        {
            string name = path + attribute.Name;
            string vr = attribute.Value.GetProperty("vr").GetString()!;
            if (attribute.Name == "00080005" || attribute.Name.StartsWith("0002", StringComparison.Ordinal) || attribute.Name.StartsWith("0000", StringComparison.Ordinal) || attribute.Name.EndsWith("0000", StringComparison.Ordinal))
            {
                continue; // Character set; group lengths and meta information do not belong to the model.
            }

            if (attribute.Value.TryGetProperty("failed", out JsonElement failed))
            {
                flat[name] = "failed " + failed.GetString();
            }
            else if (attribute.Value.TryGetProperty("BulkDataURI", out JsonElement uri))
            {
                flat[name] = $"{vr} {uri.GetString()}";
            }
            else if (attribute.Value.TryGetProperty("InlineBinary", out JsonElement inline))
            {
                flat[name] = $"{vr} {Digest(inline.GetBytesFromBase64())}";
            }
            else if (vr == "SQ")
            {
                JsonElement[] items = attribute.Value.TryGetProperty("Value", out JsonElement value) ? [.. value.EnumerateArray()] : [];
                flat[name] = $"SQ of {items.Length}";
                for (int i = 0; i < items.Length; i++)
                {
                    Add(flat, items[i], string.Create(CultureInfo.InvariantCulture, $"{name}/{i}/"));
                }
            }
            else
            {
                string text = attribute.Value.TryGetProperty("Value", out JsonElement value)
                    ? string.Join('\\', value.EnumerateArray().Select(one => Text(vr, one)))
                    : "";
                flat[name] = $"{vr} {text}";
            }
        }
    }

    private static string Text(string vr, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.Object => Name(value),
        JsonValueKind.Number => Number(vr, value.GetRawText()),
        _ when vr is "DS" or "IS" or "FL" or "FD" or "SV" or "UV" => Number(vr, value.GetString()!),
        _ => value.GetString()!.TrimEnd(' '),
    };

    private static string Number(string vr, string text) =>
        !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? text
        : vr == "FL" && number != 0 ? ((float)number).ToString("R", CultureInfo.InvariantCulture)
        : Math.Abs(number) > 1L << 53 ? text
        : number == 0 ? "0"
        : number.ToString(vr == "FD" ? "G14" : "R", CultureInfo.InvariantCulture);

    private static string Name(JsonElement name) => string.Join('=', new[] { "Alphabetic", "Ideographic", "Phonetic" }
        .Select(group => name.TryGetProperty(group, out JsonElement value) ? (value.GetString() ?? "").TrimEnd('^') : "")).TrimEnd('=');
}
