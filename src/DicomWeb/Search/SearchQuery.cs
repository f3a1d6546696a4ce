using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using Microsoft.Extensions.Primitives;

namespace MedicalAi.DicomWeb;

/// <summary>The query parameters of a search (PS3.18 8.3.4, 10.6.1.2), read.</summary>
/// <param name="Query">The query of the index; its limit is what the client asked for, capped.</param>
/// <param name="Included">The attributes of <c>includefield</c> and of the keys, which are returned too.</param>
/// <param name="IncludesAll">Whether <c>includefield=all</c> was asked for.</param>
/// <param name="Ignored">The names of parameters that have no effect.</param>
internal sealed record SearchQuery(IndexQuery Query, IReadOnlySet<DicomTag> Included, bool IncludesAll, IReadOnlyList<string> Ignored)
{
    /// <summary>Reads the parameters of a request. The UIDs of the path are keys as well.</summary>
    /// <param name="level">What is searched for.</param>
    /// <param name="request">The request.</param>
    /// <param name="maximum">The most matches.</param>
    /// <param name="problem">Why the parameters cannot be read; null when they can.</param>
    public static SearchQuery? Parse(IndexLevel level, DicomWebRequest request, int maximum, out Problem? problem)
    {
        List<AttributeMatch> matches = [];
        HashSet<DicomTag> included = [];
        List<string> ignored = [];
        bool all = false;
        bool fuzzy = false;
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
                    fuzzy = string.Equals(values[0], "true", StringComparison.OrdinalIgnoreCase);
                    break;
                case "limit":
                    problem ??= ReadNumber(name, values, maximum, out limit);
                    break;
                case "offset":
                    problem ??= ReadNumber(name, values, int.MaxValue, out offset);
                    break;
                default:
                    problem ??= ReadKey(name, values, matches, included, ignored);
                    break;
            }
        }

        IndexQuery query = new(level) { Matches = matches, Limit = limit, Offset = offset, FuzzyMatching = fuzzy };
        return problem is null ? new SearchQuery(query, included, all, ignored) : null;
    }

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

    private static Problem? ReadKey(string name, StringValues values, List<AttributeMatch> matches, HashSet<DicomTag> included, List<string> ignored)
    {
        if (!DicomTag.TryParse(name, out DicomTag tag))
        {
            // Only names of the form of the standard are told back: anything else might hold patient data by mistake.
            ignored.Add(name.Length <= 128 && name.Split('.').All(part => DicomTag.TryParse(part, out _)) ? name : "(unknown)");
            return null;
        }

        included.Add(tag);
        Vr vr = DicomDictionary.FindVr(tag);
        string[] keys = [.. values.OfType<string>()];
        if (vr is Vr.DA && Array.Find(keys, key => !IsDateKey(key)) is not null)
        {
            return Problem.BadRequest($"The value of {name} is not a date or a range of dates: YYYYMMDD, YYYYMMDD-, -YYYYMMDD or YYYYMMDD-YYYYMMDD.");
        }

        if (vr == Vr.UI || tag == DicomTags.ModalitiesInStudy)
        {
            keys = [string.Join('\\', keys)];
        }

        matches.AddRange(keys.Select(key => new AttributeMatch(tag, key)));
        return null;
    }

    private static bool IsDateKey(string key) => key.AsSpan().ContainsAny('*', '?')
        || (key.Split('-') is { Length: 1 or 2 } ends && Array.TrueForAll(ends, end => end.Length is 0 or 4 or 6 or 8 && end.All(char.IsAsciiDigit)));
}
