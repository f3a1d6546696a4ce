using System.Globalization;

namespace MedicalAi.DictionaryGenerator;

/// <summary>One line of dictionary.tsv. Repeating groups have an <c>x</c> where a digit may vary.</summary>
internal sealed record TagRow(string Text, uint Tag, uint Mask, string Keyword, string Name, string Vr, string Vm, bool Retired)
{
    /// <summary>The VR to take when nothing else is known; of several, the one that holds any value (PS3.5 A.1).</summary>
    public string FirstVr => Vr.Contains("OW", StringComparison.Ordinal) && Vr.StartsWith("OB", StringComparison.Ordinal) ? "OW" : Vr.Split(' ')[0];

    public static List<TagRow> Read(string path)
    {
        List<TagRow> rows = [];
        foreach (string line in File.ReadLines(path).Skip(1))
        {
            string[] cell = line.Split('\t');
            uint tag = uint.Parse(cell[0].Replace('x', '0'), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            uint mask = uint.Parse(string.Concat(cell[0].Select(c => c == 'x' ? '0' : 'F')), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            rows.Add(new TagRow(cell[0].Replace('x', '0'), tag, mask, cell[1], cell[2], cell[3], cell[4], cell.Length > 5 && cell[5] == "Y"));
        }

        return rows;
    }
}
