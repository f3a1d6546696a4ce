using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>The identifier of a C-FIND request (PS3.4 C.4.1.1.3), read and checked.</summary>
/// <param name="Level">What is searched for.</param>
/// <param name="Query">The query of the index.</param>
/// <param name="Keys">The elements of the identifier that are to be returned: those that exist at the level.</param>
/// <param name="HasUnsupportedKeys">Whether a key is not matched, or does not exist at the level.</param>
internal sealed record FindQuery(QueryLevel Level, IndexQuery Query, IReadOnlyList<DicomElement> Keys, bool HasUnsupportedKeys)
{
    // Identifiers have a dozen keys or two. What is more is work for nothing.
    private const int MaximumMatches = 256;

    private static readonly DicomTag[] s_uniqueKeys = [DicomTags.PatientID, DicomTags.StudyInstanceUID, DicomTags.SeriesInstanceUID, DicomTags.SOPInstanceUID];

    // They say how to search or what matches are encoded in, and are no keys.
    private static readonly HashSet<DicomTag> s_control = [DicomTags.SpecificCharacterSet, DicomTags.QueryRetrieveLevel, DicomTags.QueryRetrieveView];

    // They are told of matches, and match nothing.
    private static readonly HashSet<DicomTag> s_told = [DicomTags.TimezoneOffsetFromUTC, DicomTags.RetrieveAETitle, DicomTags.InstanceAvailability];

    /// <summary>Reads an identifier; null when it breaks the rules of the information model.</summary>
    /// <param name="identifier">The identifier.</param>
    /// <param name="isPatientRoot">Whether the model is Patient Root; else it is Study Root.</param>
    /// <param name="options">What was agreed on.</param>
    /// <param name="failure">The response to an identifier that breaks the rules.</param>
    public static FindQuery? Parse(DicomDataSet identifier, bool isPatientRoot, FindOptions options, out DimseResponse failure)
    {
        failure = default;
        if (QueryLevels.Find(identifier, isPatientRoot) is not { } level)
        {
            failure = new DimseResponse(DimseStatus.DataSetDoesNotMatch, "Query/Retrieve Level is missing or not one of the SOP class", DicomTags.QueryRetrieveLevel);
            return null;
        }

        foreach (DicomTag unique in options.RelationalQueries ? [] : s_uniqueKeys[(isPatientRoot ? 0 : 1)..(int)level])
        {
            if (identifier.GetStrings(unique) is not [{ Length: > 0 } value] || value.AsSpan().ContainsAny('*', '?'))
            {
                failure = new DimseResponse(DimseStatus.DataSetDoesNotMatch, "The unique key of a level above must have one value", unique);
                return null;
            }
        }

        FindQuery query = Read(identifier, level, options);
        if (CountMatches(query.Query.Matches) > MaximumMatches)
        {
            failure = new DimseResponse(DimseStatus.CannotUnderstand, "The identifier has more keys than are matched with");
            return null;
        }

        if (new DataSetMatcher(query.Query.Matches, query.Query.Options).Unreadable is { } unreadable)
        {
            failure = new DimseResponse(DimseStatus.CannotUnderstand, "The key is none of its value representation, or too long", unreadable.Tag);
            return null;
        }

        return query;
    }

    /// <summary>The keys within the item of a sequence.</summary>
    public static IEnumerable<AttributeMatch> ReadItem(DicomDataSet item) =>
        item.Where(element => !element.Tag.IsGroupLength && !s_control.Contains(element.Tag)).Select(element => ReadKey(item, element));

    private static FindQuery Read(DicomDataSet identifier, QueryLevel level, FindOptions options)
    {
        IndexLevel indexLevel = (IndexLevel)level;
        List<AttributeMatch> matches = [];
        List<DicomElement> returned = [];
        bool hasUnsupported = false;
        bool needsMetadata = false;
        foreach (DicomElement element in identifier)
        {
            if (element.Tag.IsGroupLength || s_control.Contains(element.Tag))
            {
                continue;
            }

            if (s_told.Contains(element.Tag))
            {
                returned.Add(element);
                continue;
            }

            AttributeMatch key = ReadKey(identifier, element);
            IndexLevel keyLevel = IndexAttributes.LevelOf(key.Tag);
            bool exists = IndexAttributes.IsPatientCount(key.Tag) ? level == QueryLevel.Patient : keyLevel <= indexLevel;
            bool isMatched = !key.IsUniversal && IndexAttributes.CanMatch(key, indexLevel, options.RelationalQueries);
            hasUnsupported |= !exists || (!isMatched && !key.IsUniversal);
            if (exists)
            {
                returned.Add(element);
                needsMetadata |= keyLevel == IndexLevel.Instance && !FindMatchWriter.IsInInstanceRow(key.Tag);
            }

            if (isMatched)
            {
                matches.Add(key);
            }
        }

        IndexQuery query = new(indexLevel)
        {
            Matches = matches,
            Options = options.ToMatching(identifier.TimezoneOffset),
            IsRelational = options.RelationalQueries,
            IncludeMetadata = needsMetadata,
            IncludePatientCounts = returned.Exists(element => IndexAttributes.IsPatientCount(element.Tag)),
        };
        return new FindQuery(level, query, returned, hasUnsupported);
    }

    /// <summary>The key of an element. The dictionary knows the VR better than a peer, where it knows it.</summary>
    private static AttributeMatch ReadKey(DicomDataSet dataSet, DicomElement element)
    {
        Vr known = DicomDictionary.FindVr(element.Tag);
        Vr vr = element.Items is not null ? Vr.SQ : known is Vr.UN ? element.Vr : known;
        return new AttributeMatch(element.Tag, string.Join('\\', dataSet.GetStrings(element.Tag)))
        {
            Vr = vr,
            Item = element.Items is [var item, ..] ? [.. ReadItem(item)] : [],
        };
    }

    private static int CountMatches(IReadOnlyList<AttributeMatch> keys) => keys.Sum(key => key.IsUniversal ? 0 : 1 + CountMatches(key.Item));
}
