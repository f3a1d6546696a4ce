using System.Globalization;

namespace MedicalAi.DictionaryGenerator;

/// <summary>One line of private-dictionary.tsv: an element of a private creator, by its group and its number within the block.</summary>
internal sealed record PrivateRow(string Creator, string Group, string Element, string Vr, string Vm, string Name)
{
    /// <summary>
    /// The rows whose group and element number are known, one for each element of a creator. Some creators have their elements listed as <c>00190002</c>, without
    /// the block: there too the last two digits are the number within it. The form with <c>xx</c> counts where there are both.
    /// </summary>
    public static List<PrivateRow> Read(string path) =>
    [
        .. File.ReadLines(path).Skip(1).Select(line => line.Split('\t'))
            .Where(cell => !cell[1].EndsWith("xx", StringComparison.Ordinal) && IsPrivate(cell[1][..4]))
            .OrderBy(cell => cell[1][4..6] == "xx" ? 0 : 1)
            .Select(cell => new PrivateRow(cell[0].Trim(), cell[1][..4].ToUpperInvariant(), cell[1][6..].ToUpperInvariant(), cell[2].Replace("_", " or ", StringComparison.Ordinal), cell[3], Named(cell[4])))
            .DistinctBy(row => (row.Creator, row.Group, row.Element)),
    ];

    private static bool IsPrivate(string group) => ushort.TryParse(group, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort number) && number % 2 == 1;

    private static string Named(string name) => name is "Unknown" or "?" ? "" : name;
}
