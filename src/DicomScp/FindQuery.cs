using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>The identifier of a C-FIND request (PS3.4 C.4.1.1.3), read and checked.</summary>
/// <param name="Level">What is searched for.</param>
/// <param name="Query">The query of the index.</param>
/// <param name="Keys">The elements of the identifier, all of which are to be returned.</param>
/// <param name="HasUnsupportedKeys">Whether a key is passed over in matching or never has a value.</param>
internal sealed record FindQuery(QueryLevel Level, IndexQuery Query, IReadOnlyList<DicomElement> Keys, bool HasUnsupportedKeys)
{
    private static readonly DicomTag[] s_uniqueKeys = [DicomTags.PatientID, DicomTags.StudyInstanceUID, DicomTags.SeriesInstanceUID, DicomTags.SOPInstanceUID];

    // The Patient module: the attributes of studies that are those of their patient.
    private static readonly HashSet<DicomTag> s_patient =
    [
        DicomTags.PatientName, DicomTags.PatientID, DicomTags.IssuerOfPatientID, DicomTags.OtherPatientNames, DicomTags.PatientBirthDate, DicomTags.PatientBirthTime,
        DicomTags.PatientSex, DicomTags.EthnicGroup, DicomTags.PatientComments, DicomTags.PatientSpeciesDescription, DicomTags.PatientBreedDescription,
        DicomTags.ResponsiblePerson, DicomTags.ResponsibleOrganization,
    ];

    // They say how to search or where matches are, and match nothing.
    private static readonly HashSet<DicomTag> s_control =
    [
        DicomTags.SpecificCharacterSet, DicomTags.TimezoneOffsetFromUTC, DicomTags.QueryRetrieveLevel, DicomTags.RetrieveAETitle, DicomTags.InstanceAvailability,
    ];

    /// <summary>Whether the counts of a patient are asked for, which the index does not keep.</summary>
    public bool NeedsPatientCounts => Level == QueryLevel.Patient && Keys.Any(key => IsPatientCount(key.Tag));

    /// <summary>Reads an identifier; null when it breaks the rules of the information model.</summary>
    /// <param name="identifier">The identifier.</param>
    /// <param name="isPatientRoot">Whether the model is Patient Root; else it is Study Root.</param>
    /// <param name="index">The index, which knows the attributes that it can match.</param>
    /// <param name="failure">The response to an identifier that breaks the rules.</param>
    public static FindQuery? Parse(DicomDataSet identifier, bool isPatientRoot, IStudyIndex index, out DimseResponse failure)
    {
        failure = default;
        QueryLevel? named = identifier.GetString(DicomTags.QueryRetrieveLevel) switch
        {
            "PATIENT" when isPatientRoot => QueryLevel.Patient,
            "STUDY" => QueryLevel.Study,
            "SERIES" => QueryLevel.Series,
            "IMAGE" => QueryLevel.Image,
            _ => null,
        };
        if (named is not { } level)
        {
            failure = new DimseResponse(DimseStatus.DataSetDoesNotMatch, "Query/Retrieve Level is missing or not one of the SOP class", DicomTags.QueryRetrieveLevel);
            return null;
        }

        foreach (DicomTag unique in s_uniqueKeys[(isPatientRoot ? 0 : 1)..(int)level])
        {
            if (identifier.GetStrings(unique) is not [{ Length: > 0 } value] || value.AsSpan().ContainsAny('*', '?'))
            {
                failure = new DimseResponse(DimseStatus.DataSetDoesNotMatch, "The unique key of a level above must have one value", unique);
                return null;
            }
        }

        IndexQuery query = new(level switch { QueryLevel.Image => IndexLevel.Instance, QueryLevel.Series => IndexLevel.Series, _ => IndexLevel.Study });
        List<DicomElement> keys = [];
        bool hasUnsupported = false;
        foreach (DicomElement key in identifier)
        {
            if (key.Tag.Element == 0)
            {
                continue; // Group lengths are no keys.
            }

            keys.Add(key);
            if (s_control.Contains(key.Tag))
            {
                continue;
            }

            string value = string.Join('\\', identifier.GetStrings(key.Tag));
            bool isSupported = IsSupported(key, value, level, query, index);
            hasUnsupported |= !isSupported;
            if (isSupported && value.Length > 0)
            {
                query = query.With(key.Tag, value);
            }
        }

        bool needsMetadata = level == QueryLevel.Image && keys.Exists(key => !CanMatch(index, IndexLevel.Series, key.Tag) && !FindMatchWriter.IsInInstanceRow(key.Tag) && !s_control.Contains(key.Tag));
        return new FindQuery(level, query with { IncludeMetadata = needsMetadata }, keys, hasUnsupported);
    }

    /// <summary>Whether an attribute is a count of what a patient has.</summary>
    public static bool IsPatientCount(DicomTag tag) =>
        tag == DicomTags.NumberOfPatientRelatedStudies || tag == DicomTags.NumberOfPatientRelatedSeries || tag == DicomTags.NumberOfPatientRelatedInstances;

    private static bool IsSupported(DicomElement key, string value, QueryLevel level, IndexQuery query, IStudyIndex index)
    {
        if (level == QueryLevel.Patient)
        {
            return s_patient.Contains(key.Tag) || (value.Length == 0 && IsPatientCount(key.Tag));
        }

        // What is only to be returned may be anything that the metadata of the instances has; keys within sequences do not match.
        bool isMatched = value.Length > 0 || key.Items is { } items && items.Any(item => item.Any(element => !element.IsEmpty));
        return CanMatch(index, query.Level, key.Tag) || (!isMatched && level == QueryLevel.Image);
    }

    private static bool CanMatch(IStudyIndex index, IndexLevel level, DicomTag tag) => index.FindUnsupported(new IndexQuery(level).With(tag, "1")).Count == 0;
}
