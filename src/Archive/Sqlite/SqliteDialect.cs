using System.Text.Json;

namespace MedicalAi.Archive;

/// <summary>SQLite: lists are JSON, patterns GLOB's; one transaction writes at a time, so that nothing need be locked.</summary>
internal sealed class SqliteDialect : IndexDialect
{
    public static SqliteDialect Instance { get; } = new();

    public override string ForUpdate => "";

    public override string SkipLocked => "";

    public override string OrderedJoin => "CROSS JOIN";

    public override object List(IReadOnlyCollection<string> values) => JsonSerializer.Serialize(values);

    public override object List(IReadOnlyCollection<long> values) => JsonSerializer.Serialize(values);

    public override string IsIn(string column, string parameter) => $"{column} IN (SELECT value FROM json_each({parameter}))";

    public override string RowsOf(string parameter) => $"json_each({parameter})";

    public override string IsLike(string text, string parameter) => $"{text} GLOB {parameter}";

    // GLOB has DICOM's wild cards and, beyond them, sets in brackets, which are escaped.
    public override string Pattern(string key) => key.Replace("[", "[[]", StringComparison.Ordinal);

    public override string Literal(string text) => Pattern(text).Replace("*", "[*]", StringComparison.Ordinal).Replace("?", "[?]", StringComparison.Ordinal);

    public override string? Text(string? text) => text;

    public override string EitherOfStudy(string first, string second) => $"({first} OR ({second}))";

    public override string Unindexed(string column) => "+" + column;

    public override string IsEqual(string column, string parameter) => $"{column} = {parameter}";

    public override string IsBetween(string column, string from, string before) => $"{column} >= {from} AND {column} < {before}";
}
