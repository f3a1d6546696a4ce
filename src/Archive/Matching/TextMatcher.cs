using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>
/// Single value, list of UID and wild card matching of characters (PS3.4 C.2.2.2.1, 2 and 4). Letter case counts. Tags (VR AT) are
/// compared as their eight digits.
/// </summary>
internal sealed class TextMatcher : KeyMatcher
{
    private readonly HashSet<string> _plain;
    private readonly bool _canHaveSeveral;

    /// <param name="key">The key.</param>
    /// <param name="needsAll">Whether each of its values has to match.</param>
    public TextMatcher(AttributeMatch key, bool needsAll)
        : base(key)
    {
        // Exactly the VRs of PS3.4 C.2.2.2.4 know wild cards; of what nobody knows the VR, text is assumed.
        bool hasWildCards = key.Vr is Vr.AE or Vr.CS or Vr.LO or Vr.LT or Vr.SH or Vr.ST or Vr.UC or Vr.UN or Vr.UR or Vr.UT;
        IEnumerable<string> values = SplitValues(key);
        if (key.Vr == Vr.AT)
        {
            values = values.Select(value => value.ToUpperInvariant());
        }

        ILookup<bool, string> byKind = values.Distinct().ToLookup(value => hasWildCards && WildCard.IsIn(value));
        _plain = [.. byKind[false]];
        Patterns = [.. byKind[true]];
        NeedsAll = needsAll;
        _canHaveSeveral = CanHaveSeveral(key.Tag);
    }

    /// <summary>The values without wild cards.</summary>
    public IReadOnlyCollection<string> Plain => _plain;

    /// <summary>The values with wild cards.</summary>
    public IReadOnlyList<string> Patterns { get; }

    /// <summary>Whether each of the values has to match; else one is enough.</summary>
    public bool NeedsAll { get; }

    /// <inheritdoc />
    public override bool IsReadable => Patterns.Count <= MaximumPatterns && Patterns.All(pattern => pattern.Length <= MaximumPatternLength);

    /// <inheritdoc />
    public override bool IsMatch(DicomDataSet dataSet)
    {
        if (!IsReadable)
        {
            return false;
        }

        IReadOnlyList<string> values = ReadValues(dataSet, Tag, _canHaveSeveral);
        return NeedsAll
            ? _plain.All(values.Contains) && Patterns.All(pattern => values.Any(value => IsMatch(pattern, value)))
            : values.Any(value => _plain.Contains(value) || Patterns.Any(pattern => IsMatch(pattern, value)));
    }

    // An absent value among others is no value, which even a star does not match.
    private static bool IsMatch(string pattern, string value) => value.Length > 0 && WildCard.IsMatch(pattern, value);
}
