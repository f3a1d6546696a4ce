using System.Collections.Frozen;
using System.Text;

namespace MedicalAi.Archive;

/// <summary>PostgreSQL: lists are arrays, patterns LIKE's; rows are locked that are about to be changed.</summary>
internal sealed class PostgresDialect : IndexDialect
{
    // An entry of an index cannot hold more than some 2,700 bytes: longer texts are looked up by their beginning (see the migrations).
    private const int Indexed = 128;

    private static readonly FrozenSet<string> s_indexedByBeginning = new[]
    {
        "st.patient_id", "st.accession_number", "st.patient_name_alphabetic", "st.patient_name_ideographic", "st.patient_name_phonetic", "v.value",
    }.ToFrozenSet();

    public static PostgresDialect Instance { get; } = new();

    public override string ForUpdate => " FOR UPDATE";

    public override string SkipLocked => " FOR UPDATE SKIP LOCKED";

    public override string OrderedJoin => "JOIN";

    public override object List(IReadOnlyCollection<string> values) => values.Select(value => Text(value)).ToArray();

    public override object List(IReadOnlyCollection<long> values) => values.ToArray();

    public override string IsIn(string column, string parameter) => s_indexedByBeginning.Contains(column)
        ? $"({Beginning(column)} IN (SELECT left(one, {Indexed}) FROM unnest({parameter}) one) AND {column} = ANY({parameter}))"
        : $"{column} = ANY({parameter})";

    public override string RowsOf(string parameter) => $"unnest({parameter}) AS one (value)";

    public override string IsLike(string text, string parameter) => $"{text} LIKE {parameter}";

    public override string Pattern(string key)
    {
        StringBuilder pattern = new(key.Length + 8);
        foreach (char c in key)
        {
            pattern.Append(c switch
            {
                '*' => "%",
                '?' => "_",
                '%' or '_' or '\\' => $"\\{c}",
                _ => c.ToString(),
            });
        }

        return pattern.ToString();
    }

    public override string Literal(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);

    /// <summary>A text of this database has no NUL, and no half of a surrogate pair; what has them is against the standard and is kept with U+FFFD instead.</summary>
    public override string? Text(string? text)
    {
        if (text is null || (!text.Contains('\0', StringComparison.Ordinal) && !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')))
        {
            return text;
        }

        StringBuilder valid = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            valid.Append((rune.Value == 0 ? Rune.ReplacementChar : rune).ToString());
        }

        return valid.ToString();
    }

    // OR with a sub-query in it is answered by looking at every row.
    public override string EitherOfStudy(string first, string second) => $"st.id IN (SELECT st.id FROM studies st WHERE {first} UNION ALL SELECT st.id FROM studies st WHERE {second})";

    public override string Unindexed(string column) => column;

    public override string IsEqual(string column, string parameter) => s_indexedByBeginning.Contains(column)
        ? $"({Beginning(column)} = left({parameter}, {Indexed}) AND {column} = {parameter})"
        : $"{column} = {parameter}";

    public override string IsBetween(string column, string from, string before)
    {
        string indexed = s_indexedByBeginning.Contains(column) ? Beginning(column) : column;
        return $"{indexed} >= left({from}, {Indexed}) AND {indexed} < {before}";
    }

    private static string Beginning(string column) => $"left({column}, {Indexed})";
}
