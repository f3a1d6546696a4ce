using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>One key, read once, to be held against many data sets by the rules of PS3.4 C.2.2.2.</summary>
/// <param name="key">The key.</param>
internal abstract class KeyMatcher(AttributeMatch key)
{
    /// <summary>The most characters of a value with wild cards, and the most values of a key that is no list of plain values.</summary>
    public const int MaximumPatternLength = 1024, MaximumPatterns = 100;

    private const string EmptyValue = "\"\"";

    /// <summary>The key.</summary>
    public AttributeMatch Key { get; } = key;

    /// <summary>The key, and others that are matched with it.</summary>
    public virtual IReadOnlyList<AttributeMatch> Keys => [Key];

    /// <summary>The attribute.</summary>
    public DicomTag Tag => Key.Tag;

    /// <summary>The attributes that are looked at.</summary>
    public virtual IEnumerable<DicomTag> Tags => [Tag];

    /// <summary>Whether the value is one of the VR; if not, nothing matches.</summary>
    public virtual bool IsReadable => true;

    /// <summary>Whether a data set matches.</summary>
    public abstract bool IsMatch(DicomDataSet dataSet);

    /// <summary>Whether attributes of a VR can be matched at all: bytes cannot.</summary>
    public static bool CanMatch(Vr vr) => vr == Vr.UN || (vr != Vr.None && !vr.IsBulk());

    /// <summary>The matchers of those keys that do not match all anyway.</summary>
    public static List<KeyMatcher> Read(IEnumerable<AttributeMatch> keys, MatchingOptions options)
    {
        List<KeyMatcher> matchers = [];
        foreach (AttributeMatch key in keys)
        {
            if (key.IsUniversal || !CanMatch(key.Vr))
            {
                continue;
            }

            if (options.EmptyValues && key.Value.Trim() == EmptyValue && key.Vr != Vr.SQ)
            {
                matchers.Add(new EmptyMatcher(key));
            }
            else if (key.Vr is Vr.DA or Vr.TM && DateTimePairs.Find(key.Tag) is { } pair)
            {
                bool isCombined = options.CombinedDateTime && matchers.OfType<DateAndTimeMatcher>().Any(one => one.Pair == pair && one.TryCombine(key));
                if (!isCombined)
                {
                    matchers.Add(new DateAndTimeMatcher(key, pair, options.TimezoneOffset));
                }
            }
            else
            {
                matchers.Add(Create(key, options));
            }
        }

        return matchers;
    }

    private static KeyMatcher Create(AttributeMatch key, MatchingOptions options)
    {
        bool needsAll = options.AllValues && key.Vr is Vr.AE or Vr.AS or Vr.AT or Vr.CS or Vr.LO or Vr.PN or Vr.SH or Vr.UC && CanHaveSeveral(key.Tag);
        return key.Vr switch
        {
            Vr.SQ => new SequenceMatcher(key, options),
            Vr.PN => new NameMatcher(key, options.FuzzyNames, needsAll),
            Vr.DA or Vr.TM => new DateAndTimeMatcher(key, null, null),
            Vr.DT => new DateTimeMatcher(key, options.TimezoneOffset),
            Vr.DS or Vr.FD or Vr.FL or Vr.IS or Vr.SL or Vr.SS or Vr.SV or Vr.UL or Vr.US or Vr.UV => new NumberMatcher(key),
            _ => new TextMatcher(key, needsAll),
        };
    }

    /// <summary>Whether an attribute can have several values; one that the dictionary does not know can.</summary>
    public static bool CanHaveSeveral(DicomTag tag) => DicomDictionary.Find(tag) is not { Vm: "1" };

    /// <summary>
    /// The values of an attribute to match with. Where only one is allowed, a backslash is a character of it, so that a value against
    /// the rules is not found by its parts.
    /// </summary>
    protected static IReadOnlyList<string> ReadValues(DicomDataSet dataSet, DicomTag tag, bool canHaveSeveral)
    {
        string[] values = dataSet.GetStrings(tag);
        return values.Length <= 1 || canHaveSeveral ? values : [string.Join('\\', values)];
    }

    /// <summary>The values of a key, without padding; empty ones are left out.</summary>
    protected static IReadOnlyList<string> SplitValues(AttributeMatch key) => !key.Vr.IsText() || key.Vr.IsMultiValuedText()
        ? [.. key.Value.Split('\\').Select(value => value.Trim(' ', '\0')).Where(value => value.Length > 0)]
        : [key.Value.TrimEnd(' ', '\0')];
}
