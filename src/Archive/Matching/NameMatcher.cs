using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>
/// Matching of persons' names (PS3.4 C.2.2.2.1 and 4): a key without <c>=</c> matches any one of the component groups as a whole, one
/// with it those groups that it gives. When fuzzy, also a name each of whose words the key begins.
/// </summary>
internal sealed class NameMatcher : KeyMatcher
{
    private readonly bool _canHaveSeveral;

    /// <param name="key">The key.</param>
    /// <param name="isFuzzy">Whether matching is fuzzy.</param>
    /// <param name="needsAll">Whether each of its values has to match.</param>
    public NameMatcher(AttributeMatch key, bool isFuzzy, bool needsAll)
        : base(key)
    {
        Alternatives = [.. SplitValues(key).Select(value => Pattern.Parse(value, isFuzzy))];
        NeedsAll = needsAll;
        _canHaveSeveral = CanHaveSeveral(key.Tag);
    }

    /// <summary>The values of the key.</summary>
    public IReadOnlyList<Pattern> Alternatives { get; }

    /// <summary>Whether each of the values has to match; else one is enough.</summary>
    public bool NeedsAll { get; }

    /// <inheritdoc />
    public override bool IsReadable => Alternatives.Count <= MaximumPatterns && Key.Value.Length <= MaximumPatternLength;

    /// <inheritdoc />
    public override bool IsMatch(DicomDataSet dataSet)
    {
        if (!IsReadable)
        {
            return false;
        }

        List<NormalizedName> names = [.. ReadValues(dataSet, Tag, _canHaveSeveral).Select(NormalizedName.Parse)];
        return NeedsAll ? Alternatives.All(IsFound) : Alternatives.Any(IsFound);

        bool IsFound(Pattern pattern) => pattern.IsAnything || names.Exists(pattern.IsMatch);
    }

    /// <summary>One value of a key for names.</summary>
    /// <param name="Groups">The groups that it gives; the alphabetic one alone may be any group.</param>
    /// <param name="IsOfAnyGroup">Whether one of the groups of a name, whichever, is to match.</param>
    /// <param name="Words">The words that begin words of the name; none when matching is not fuzzy.</param>
    public sealed record Pattern(NormalizedName Groups, bool IsOfAnyGroup, IReadOnlyList<string> Words)
    {
        /// <summary>Reads a value.</summary>
        public static Pattern Parse(string value, bool isFuzzy)
        {
            NormalizedName groups = NormalizedName.Parse(value);
            return new Pattern(groups, !value.Contains('=', StringComparison.Ordinal), isFuzzy ? groups.Words : []);
        }

        /// <summary>Whether no group is given, so that anything matches and nothing too.</summary>
        public bool IsAnything => !IsOfAnyGroup && IsAny(Groups.Alphabetic) && IsAny(Groups.Ideographic) && IsAny(Groups.Phonetic);

        /// <summary>Whether a name matches.</summary>
        public bool IsMatch(NormalizedName name)
        {
            bool isLiteral = IsOfAnyGroup
                ? IsGroupMatch(name.Alphabetic) || IsGroupMatch(name.Ideographic) || IsGroupMatch(name.Phonetic)
                : IsMatch(Groups.Alphabetic, name.Alphabetic) && IsMatch(Groups.Ideographic, name.Ideographic) && IsMatch(Groups.Phonetic, name.Phonetic);
            return isLiteral || (Words.Count > 0 && name.Words is var words && Words.All(word => words.Any(one => one.StartsWith(word, StringComparison.Ordinal))));

            bool IsGroupMatch(string? group) => group is not null && Groups.Alphabetic is { } pattern && WildCard.IsMatch(pattern, group);
        }

        // A group that the key does not give, or all of which is a wild card, may be anything.
        private static bool IsMatch(string? pattern, string? group) => IsAny(pattern) || (group is not null && WildCard.IsMatch(pattern!, group));

        /// <summary>Whether a group of a key stands for any group, and for none.</summary>
        public static bool IsAny(string? pattern) => pattern is null || pattern.AsSpan().Trim('*').IsEmpty;
    }
}
