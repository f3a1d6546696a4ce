using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>The identifier of a C-MOVE or C-GET request (PS3.4 C.4.2.1.4.1), read and checked. Of each list, empty is any.</summary>
/// <param name="Level">What is to be retrieved.</param>
/// <param name="PatientId">The Patient ID; null for any.</param>
/// <param name="Studies">Study Instance UIDs.</param>
/// <param name="Series">Series Instance UIDs.</param>
/// <param name="Instances">SOP Instance UIDs.</param>
internal sealed record RetrieveKeys(QueryLevel Level, string? PatientId, IReadOnlyList<DicomUid> Studies, IReadOnlyList<DicomUid> Series, IReadOnlyList<DicomUid> Instances)
{
    private static readonly DicomTag[] s_unique = [DicomTags.PatientID, DicomTags.StudyInstanceUID, DicomTags.SeriesInstanceUID, DicomTags.SOPInstanceUID];

    /// <summary>Reads an identifier; null when it breaks the rules of the information model.</summary>
    /// <param name="identifier">The identifier.</param>
    /// <param name="isPatientRoot">Whether the model is Patient Root; else it is Study Root.</param>
    /// <param name="isRelational">Whether the unique keys of the levels above may be left out, or be lists (PS3.4 C.4.2.2.2).</param>
    /// <param name="failure">The response to an identifier that breaks the rules.</param>
    public static RetrieveKeys? Parse(DicomDataSet identifier, bool isPatientRoot, bool isRelational, out DimseResponse failure)
    {
        failure = default;
        if (QueryLevels.Find(identifier, isPatientRoot) is not { } level)
        {
            failure = new DimseResponse(DimseStatus.DataSetDoesNotMatch, "Query/Retrieve Level is missing or not one of the SOP class", DicomTags.QueryRetrieveLevel);
            return null;
        }

        string[][] keys = new string[s_unique.Length][];
        for (int i = 0; i < keys.Length; i++)
        {
            bool isKey = i <= (int)level && (isPatientRoot || i > 0);
            keys[i] = isKey ? [.. identifier.GetStrings(s_unique[i]).Where(value => value.Length > 0).Distinct()] : [];
            bool isWanted = i == (int)level || !isRelational;
            bool isList = i > 0 && (i == (int)level || isRelational);
            if (!isKey)
            {
                continue;
            }

            if (isWanted && keys[i].Length == 0)
            {
                failure = new DimseResponse(DimseStatus.DataSetDoesNotMatch, $"The unique key of the level {(QueryLevel)i} is missing", s_unique[i]);
                return null;
            }

            if ((!isList && keys[i].Length > 1) || keys[i].Any(value => value.AsSpan().ContainsAny('*', '?')))
            {
                failure = new DimseResponse(DimseStatus.DataSetDoesNotMatch, isList ? "A unique key has wild cards" : "A unique key must have one value without wild cards", s_unique[i]);
                return null;
            }
        }

        return new RetrieveKeys(level, keys[0].Length > 0 ? keys[0][0] : null, Uids(keys[1]), Uids(keys[2]), Uids(keys[3]));
    }

    private static DicomUid[] Uids(string[] values) => Array.ConvertAll(values, value => new DicomUid(value));
}
