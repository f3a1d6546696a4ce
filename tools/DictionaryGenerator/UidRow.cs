namespace MedicalAi.DictionaryGenerator;

/// <summary>One line of uids.tsv.</summary>
internal sealed record UidRow(string Uid, string Keyword, string Name, string Type, bool Retired)
{
    public static List<UidRow> Read(string path) =>
    [
        .. File.ReadLines(path).Skip(1).Select(line => line.Split('\t'))
            .Select(cell => new UidRow(cell[0], cell[1], cell[2], cell[3], cell.Length > 5 && cell[5] == "Y")),
    ];
}
