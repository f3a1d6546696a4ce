using System.Globalization;
using System.Text;
using Dapper;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>
/// Translates a query to SQL. Values are always parameters; only constants of this assembly become text of the statement. Where the
/// columns do not decide, or not alone, <see cref="Filter"/> has to look at what they let pass.
/// </summary>
internal sealed class IndexSql
{
    // The last character that there is: no text with a prefix comes after the prefix with it behind.
    private const string Last = "\U0010FFFF";

    private const string Anything = "1 = 1";
    private const string Nothing = "1 = 0";

    // The numbers of columns are whole and within this; others are decided by the attribute itself.
    private const int MaximumNumber = int.MaxValue;

    // Clocks on earth are up to 26 hours apart.
    private const int MaximumDaysApart = 2;

    private readonly IndexDialect _dialect;
    private readonly StringBuilder _where = new(Anything);

    public IndexSql(IndexQuery query, IndexDialect dialect)
    {
        _dialect = dialect;
        StringBuilder below = new();
        List<KeyMatcher> filtered = [];
        List<KeyMatcher> deep = [];
        bool isDeepExact = true;
        foreach (KeyMatcher key in KeyMatcher.Read(query.Matches.Where(key => IndexAttributes.CanMatch(key, query.Level, query.IsRelational)), query.Options))
        {
            (string? condition, bool isExact) = Condition(key);
            IndexLevel level = IndexAttributes.LevelOf(key.Tag);
            bool isBelow = level > query.Level && level > IndexLevel.Study;
            if (condition is not null)
            {
                (isBelow ? below : _where).Append(" AND ").Append(condition);
            }

            HasUidBelowStudy |= key.Tag == DicomTags.SeriesInstanceUID || key.Tag == DicomTags.SOPInstanceUID;

            if (isBelow)
            {
                deep.Add(key);
                isDeepExact &= isExact;
            }
            else if (!isExact)
            {
                filtered.Add(key);
            }
        }

        if (deep.Count > 0)
        {
            bool hasInstances = deep.Exists(key => IndexAttributes.LevelOf(key.Tag) == IndexLevel.Instance);
            _where.Append(query.Level == IndexLevel.Series
                ? $" AND EXISTS (SELECT 1 FROM instances i WHERE i.series_id = se.id{below})"
                : $" AND EXISTS (SELECT 1 FROM series se{(hasInstances ? " JOIN instances i ON i.series_id = se.id" : "")} WHERE se.study_id = st.id{below})");
        }

        Filter = new IndexFilter(filtered, isDeepExact ? [] : deep, query.Options);
    }

    public string Where => _where.ToString();

    public IndexFilter Filter { get; }

    /// <summary>Whether series or instances are looked for by their UIDs.</summary>
    public bool HasUidBelowStudy { get; }

    public DynamicParameters Parameters { get; } = new();

    /// <summary>A condition that holds for all that match, and whether it holds for nothing else; null when the columns say nothing.</summary>
    private (string? Condition, bool IsExact) Condition(KeyMatcher key)
    {
        if (!key.IsReadable)
        {
            return (Nothing, true);
        }

        if (IndexColumns.Find(key.Tag) is not var (column, kind))
        {
            return (null, false);
        }

        return key switch
        {
            EmptyMatcher => Empty(column, kind),
            TextMatcher text when kind == IndexColumns.Kind.List => (List(column, text), text.Patterns.Count == 0),
            TextMatcher text => (Text(column, text), true),
            NameMatcher name => ($"({string.Join(name.NeedsAll ? " AND " : " OR ", name.Alternatives.Select(one => Name(column, name.Tag, one)))})", true),
            NumberMatcher number => Number(column, kind, number),
            DateAndTimeMatcher dates => DateAndTime(dates),
            _ => (null, false),
        };
    }

    private static (string Condition, bool IsExact) Empty(string column, IndexColumns.Kind kind)
    {
        (string alphabetic, string ideographic, string phonetic) = IndexColumns.GroupsOf(column);
        return kind switch
        {
            IndexColumns.Kind.List => ($"{column} = ''", true),
            IndexColumns.Kind.Name => ($"({alphabetic} IS NULL AND {ideographic} IS NULL AND {phonetic} IS NULL)", false),
            IndexColumns.Kind.DateOrTime or IndexColumns.Kind.Number => ($"{column} IS NULL", false),
            _ => ($"{column} IS NULL", true),
        };
    }

    private string Text(string column, TextMatcher key)
    {
        IEnumerable<string> plain = key.Plain.Count > 0 ? [IsOneOf(column, key.Plain)] : [];
        return $"({string.Join(" OR ", plain.Concat(key.Patterns.Select(pattern => Pattern(column, pattern))))})";
    }

    private string List(string column, TextMatcher key)
    {
        IEnumerable<string> conditions = key.Plain.Select(_dialect.Literal).Concat(key.Patterns.Select(_dialect.Pattern)).Select(one => _dialect.IsLike($"'\\' || {column} || '\\'", Parameter(_dialect.Pattern("*") + _dialect.Literal("\\") + one + _dialect.Literal("\\") + _dialect.Pattern("*"))));
        return $"({string.Join(key.NeedsAll ? " AND " : " OR ", conditions)})";
    }

    private string Name(string column, DicomTag tag, NameMatcher.Pattern key)
    {
        (string alphabetic, string ideographic, string phonetic) = IndexColumns.GroupsOf(column);
        string literal = !key.IsOfAnyGroup ? $"({Group(alphabetic, key.Groups.Alphabetic)} AND {Group(ideographic, key.Groups.Ideographic)} AND {Group(phonetic, key.Groups.Phonetic)})"
            : key.Groups.Alphabetic is { } pattern ? $"({Pattern(alphabetic, pattern)} OR {Pattern(ideographic, pattern)} OR {Pattern(phonetic, pattern)})"
            : Nothing;
        return key.Words.Count == 0 ? literal : _dialect.EitherOfStudy(literal, string.Join(" AND ", key.Words.Select(word => Word(tag, word))));

        string Group(string groupColumn, string? group) => NameMatcher.Pattern.IsAny(group) ? Anything : Pattern(groupColumn, group!);
    }

    private string Word(DicomTag tag, string word) =>
        $"st.id IN (SELECT study_id FROM name_words WHERE attribute = {Parameter(tag.ToHex())} AND {_dialect.IsBetween("word", Parameter(word), Parameter(word + Last))})";

    private (string? Condition, bool IsExact) Number(string column, IndexColumns.Kind kind, NumberMatcher key)
    {
        bool isOfColumn = kind == IndexColumns.Kind.Count || key.Values.All(value => value == Math.Truncate(value) && value is >= 0 and <= MaximumNumber);
        return isOfColumn ? ($"({string.Join(" OR ", key.Values.Select(value => $"{column} = {Parameter(value)}"))})", true) : (null, false);
    }

    private (string? Condition, bool IsExact) DateAndTime(DateAndTimeMatcher key)
    {
        string? date = key.Dates is null ? null : IndexColumns.Find(key.Pair.Date)!.Value.Column;
        string? time = key.Times is null ? null : IndexColumns.Find(key.Pair.Time)!.Value.Column;
        if (key.IsMoved)
        {
            return (date is null ? null : Between(date, Shift(key.Dates!.Value.First, -MaximumDaysApart), Shift(key.Dates.Value.Last, MaximumDaysApart)), false);
        }

        string? dates = date is null ? null : Between(date, Text(key.Dates!.Value.First), Text(key.Dates.Value.Last));
        if (key.IsCombined)
        {
            // The dates alone say nothing new, but have an index.
            string both = Between(
                $"({date} || coalesce({time}, '{ComparableDates.Midnight}'))",
                key.Dates!.Value.First is { } first ? Text(first) + Text(key.Times!.Value.First) : null,
                key.Dates.Value.Last is { } last ? Text(last) + Text(key.Times!.Value.Last) : null);
            return ($"({dates} AND {both})", true);
        }

        return (dates ?? Between(time!, Text(key.Times!.Value.First), Text(key.Times.Value.Last)), true);
    }

    private static string? Text(DateOnly? date) => date is { } day ? ComparableDates.Format(day) : null;

    private static string? Text(TimeOnly? time) => time is { } one ? ComparableDates.Format(one) : null;

    private static string? Shift(DateOnly? date, int days) =>
        date is { } day ? ComparableDates.Format(DateOnly.FromDayNumber(Math.Clamp(day.DayNumber + days, 0, DateOnly.MaxValue.DayNumber))) : null;

    private string Between(string column, string? first, string? last) => first is not null && first == last ? $"{column} = {Parameter(first)}"
        : last is null ? $"{column} >= {Parameter(first)}"
        : first is null ? $"{column} <= {Parameter(last)}"
        : $"({column} >= {Parameter(first)} AND {column} <= {Parameter(last)})";

    private string IsOneOf(string column, IReadOnlyCollection<string> values) => values.Count == 1
        ? _dialect.IsEqual(column, Parameter(values.First()))
        : _dialect.IsIn(column, Parameter(_dialect.List(values)));

    /// <summary>A pattern with DICOM's wild cards; what stands before the first one is looked up in an index where there is one.</summary>
    private string Pattern(string column, string pattern)
    {
        if (!WildCard.IsIn(pattern))
        {
            return _dialect.IsEqual(column, Parameter(pattern));
        }

        string like = _dialect.IsLike(column, Parameter(_dialect.Pattern(pattern)));
        string prefix = WildCard.PrefixOf(pattern);
        return prefix.Length == 0 ? like : $"({_dialect.IsBetween(column, Parameter(prefix), Parameter(prefix + Last))} AND {like})";
    }

    private string Parameter(object? value)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"@p{Parameters.ParameterNames.Count()}");
        Parameters.Add(name, value is string text ? _dialect.Text(text) : value);
        return name;
    }
}
