using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using Microsoft.Extensions.Primitives;

namespace MedicalAi.DicomWeb;

/// <summary>The query parameters of a search (PS3.18 8.3.4, 10.6.1.2), read.</summary>
/// <param name="Query">The query of the index; its limit is what the client asked for, capped.</param>
/// <param name="Keys">The attributes of the keys, those of sequences by the sequence at the top, and the names of their parameters.</param>
/// <param name="Included">The attributes of <c>includefield</c> and of the keys, which are returned too.</param>
/// <param name="IncludesAll">Whether <c>includefield=all</c> was asked for.</param>
/// <param name="Ignored">The names of parameters that have no effect.</param>
internal sealed record SearchQuery(IndexQuery Query, IReadOnlyList<(DicomTag Tag, string Name)> Keys, IReadOnlySet<DicomTag> Included, bool IncludesAll, IReadOnlyList<string> Ignored)
{
    // Sequences within sequences are rare, and no search is known with more than two.
    private const int MaximumDepth = 8;

    /// <summary>Reads the parameters of a request. The UIDs of the path are keys as well.</summary>
    /// <param name="level">What is searched for.</param>
    /// <param name="request">The request.</param>
    /// <param name="maximum">The most matches.</param>
    /// <param name="problem">Why the parameters cannot be read; null when they can.</param>
    public static SearchQuery? Parse(IndexLevel level, DicomWebRequest request, int maximum, out Problem? problem)
    {
        List<AttributeMatch> matches = [];
        List<(DicomTag Tag, string Name)> keys = [];
        HashSet<DicomTag> included = [];
        List<string> ignored = [];
        bool all = false;
        MatchingOptions options = default;
        int limit = maximum;
        int offset = 0;
        problem = null;
        if (request.Study is { } study)
        {
            matches.Add(new AttributeMatch(DicomTags.StudyInstanceUID, study.Value));
        }

        if (request.Series is { } series)
        {
            matches.Add(new AttributeMatch(DicomTags.SeriesInstanceUID, series.Value));
        }

        foreach ((string name, StringValues values) in request.Context.Request.Query)
        {
            switch (name.ToLowerInvariant())
            {
                case "accept" or "charset":
                    break;
                case "includefield":
                    all |= ReadIncluded(values, included, ignored);
                    break;
                case "fuzzymatching":
                    options = options with { FuzzyNames = IsTrue(values) };
                    break;
                case "emptyvaluematching":
                    options = options with { EmptyValues = IsTrue(values) };
                    break;
                case "multiplevaluematching":
                    options = options with { AllValues = IsTrue(values) };
                    break;
                case "limit":
                    problem ??= ReadNumber(name, values, maximum, out limit);
                    break;
                case "offset":
                    problem ??= ReadNumber(name, values, int.MaxValue, out offset);
                    break;
                default:
                    ReadKey(name, values, matches, keys, ignored);
                    break;
            }
        }

        included.UnionWith(keys.Select(key => key.Tag));
        if (new DataSetMatcher(matches, options).Unreadable is { } unreadable)
        {
            problem ??= Unreadable(keys.Find(key => key.Tag == unreadable.Tag).Name, unreadable);
        }

        IndexQuery query = new(level) { Matches = matches, Limit = limit, Offset = offset, Options = options };
        return problem is null ? new SearchQuery(query, keys, included, all, ignored) : null;
    }

    private static bool IsTrue(StringValues values) => string.Equals(values[0], "true", StringComparison.OrdinalIgnoreCase);

    private static bool ReadIncluded(StringValues values, HashSet<DicomTag> included, List<string> ignored)
    {
        bool all = false;
        foreach (string name in values.OfType<string>().SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            if (name.Equals("all", StringComparison.OrdinalIgnoreCase))
            {
                all = true;
            }
            else if (DicomTag.TryParse(name.Split('.')[0], out DicomTag tag))
            {
                // Of an attribute within a sequence the whole sequence is returned, which holds it.
                included.Add(tag);
            }
            else
            {
                ignored.Add("includefield");
            }
        }

        return all;
    }

    private static Problem? ReadNumber(string name, StringValues values, int maximum, out int number)
    {
        if (values.Count == 1 && long.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out long value))
        {
            number = (int)Math.Min(value, maximum);
            return null;
        }

        number = 0;
        return Problem.BadRequest($"The query parameter {name} takes one whole number that is not negative.");
    }

    private static void ReadKey(string name, StringValues values, List<AttributeMatch> matches, List<(DicomTag Tag, string Name)> keys, List<string> ignored)
    {
        string[] parts = name.Split('.');
        DicomTag[] path = new DicomTag[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!DicomTag.TryParse(parts[i], out path[i]))
            {
                // Only names of the form of the standard are told back: anything else might hold patient data by mistake.
                ignored.Add("(unknown)");
                return;
            }
        }

        string words = string.Join('.', path.Select(tag => DicomDictionary.Find(tag) is { Keyword: { Length: > 0 } keyword } ? keyword : tag.ToHex()));
        bool isSequence = DicomDictionary.FindVr(path[^1]) == Vr.SQ;
        if (path.Length > MaximumDepth || path[..^1].Any(tag => DicomDictionary.FindVr(tag) != Vr.SQ) || (isSequence && values.Any(value => !string.IsNullOrEmpty(value))))
        {
            ignored.Add(words);
            return;
        }

        keys.Add((path[0], words));
        if (isSequence)
        {
            return; // It is only to be returned.
        }

        foreach (string value in Split(path[^1], [.. values.OfType<string>()]))
        {
            Add(matches, path, value);
        }
    }

    /// <summary>The values that all have to match; those of which one has to are separated by backslashes.</summary>
    private static string[] Split(DicomTag tag, string[] values)
    {
        // A comma separates UIDs, and codes and tags, in which there is none.
        Vr vr = DicomDictionary.FindVr(tag);
        string[] lists = vr is Vr.UI or Vr.CS or Vr.AT ? Array.ConvertAll(values, value => value.Replace(',', '\\')) : values;
        return vr == Vr.UI || tag == DicomTags.ModalitiesInStudy ? [string.Join('\\', lists)] : lists;
    }

    /// <summary>Adds a key; keys within the same sequence have to match within one item.</summary>
    private static void Add(List<AttributeMatch> keys, ReadOnlySpan<DicomTag> path, string value)
    {
        if (path.Length == 1)
        {
            keys.Add(new AttributeMatch(path[0], value));
            return;
        }

        DicomTag sequence = path[0];
        int index = keys.FindIndex(key => key.Tag == sequence);
        List<AttributeMatch> item = index < 0 ? [] : [.. keys[index].Item];
        Add(item, path[1..], value);
        AttributeMatch changed = new(sequence, "") { Item = item };
        if (index < 0)
        {
            keys.Add(changed);
        }
        else
        {
            keys[index] = changed;
        }
    }

    private static Problem Unreadable(string name, AttributeMatch key) => Problem.BadRequest(key.Vr switch
    {
        Vr.DA => $"The value of {name} is not a date or a range of dates: YYYYMMDD, YYYYMMDD-, -YYYYMMDD or YYYYMMDD-YYYYMMDD.",
        Vr.TM => $"The value of {name} is not a time or a range of times: HHMMSS, HHMMSS-, -HHMMSS or HHMMSS-HHMMSS.",
        _ => $"The value of {name} cannot be matched with: it is none of its value representation, or too long.",
    });
}
