using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests.Differential;

/// <summary>
/// The differences from other readers that are known, with their reasons: <c>differences.tsv</c>. A path is hex tags and item
/// numbers joined by <c>/</c>; it is empty where one reads the file and the other does not, and ends with <c>*</c> for all paths that begin so.
/// </summary>
internal static class KnownDifferences
{
    private const int MaxShown = 80;

    private static readonly Row[] s_rows =
    [
        .. File.ReadLines(Path.Combine(TestData.Root, "tests", "Dicom.Tests", "Differential", "differences.tsv")).Skip(1)
            .Select(line => line.Split('\t')).Select(cell => new Row(new Difference(cell[0], cell[1], cell[3], cell[4]), cell[2], cell[5])),
    ];

    /// <summary>Fails for differences that are not listed, for listed ones that there are no longer, and for ones without a reason.</summary>
    /// <param name="tools">The tools that were asked.</param>
    /// <param name="found">What was found, and with which tool.</param>
    public static void AssertAre(string[] tools, IReadOnlyCollection<(string Tool, Difference Difference)> found)
    {
        (string Tool, Difference Difference)[] shown = [.. found.Select(one => (one.Tool, Shown(one.Difference))).Order()];
        List<string> messages =
        [
            .. shown.Where(one => !s_rows.Any(row => row.Covers(one))).Select(one => Line(one.Tool, one.Difference)),
            .. s_rows.Where(row => tools.Contains(row.Tool) && !shown.Any(row.Covers)).Select(row => "no longer there: " + Line(row.Tool, row.Difference)),
            .. s_rows.Where(row => row.Reason.Length < 10).Select(row => "no reason: " + Line(row.Tool, row.Difference)),
        ];
        Assert.True(messages.Count == 0, $"{messages.Count} differences (file, path, tool, ours, theirs):\n{string.Join('\n', messages.Take(200))}");
    }

    /// <summary>Whether a tool is known to read another value of an element, or none.</summary>
    public static bool Has(string tool, string file, string path) => s_rows.Any(row => row.Tool == tool && row.IsOf(file, path));

    /// <summary>The differences of a comparison of models, which tells paths and other texts: each is known by how it begins.</summary>
    public static IReadOnlyList<Expectation> Of(string tool) => [.. s_rows.Where(row => row.Tool == tool).Select(row => new Expectation(row.Difference.File, row.Difference.Path.TrimEnd('*'), row.Reason))];

    private static string Line(string tool, Difference one) => string.Join('\t', one.File, one.Path, tool, one.Ours, one.Theirs);

    private static Difference Shown(Difference one) => one with { Ours = Shown(one.Ours), Theirs = Shown(one.Theirs) };

    // A line of a file: short, without control characters.
    private static string Shown(string value)
    {
        if (value.Length > MaxShown)
        {
            value = $"{value[..MaxShown]}... sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)))[..16]}";
        }

        return string.Concat(value.Trim(' ').Select(c => char.IsControl(c) || c == '\uFFFD' ? string.Create(CultureInfo.InvariantCulture, $"<U+{(int)c:X4}>") : c.ToString()));
    }

    private sealed record Row(Difference Difference, string Tool, string Reason)
    {
        public bool Covers((string Tool, Difference Difference) found) => found.Tool == Tool
            && (found.Difference == Difference || (Difference.Path.EndsWith('*') && IsOf(found.Difference.File, found.Difference.Path)));

        public bool IsOf(string file, string path) => file == Difference.File
            && (path == Difference.Path || (Difference.Path.EndsWith('*') && path.Length > 0 && path.StartsWith(Difference.Path[..^1], StringComparison.Ordinal)));
    }
}

/// <summary>A difference between our reading of a file and another's.</summary>
/// <param name="File">The file under <c>tests/data/dicom</c>.</param>
/// <param name="Path">The element; empty where one of both does not read the file.</param>
/// <param name="Ours">Our VR and value; empty where we have nothing.</param>
/// <param name="Theirs">Theirs.</param>
internal sealed record Difference(string File, string Path, string Ours, string Theirs) : IComparable<Difference>
{
    public int CompareTo(Difference? other) => other is null ? 1 : (File, Path, Ours, Theirs).CompareTo((other.File, other.Path, other.Ours, other.Theirs));
}
