using MedicalAi.Dicom;

namespace MedicalAi.DicomScp;

/// <summary>The levels of Query/Retrieve (PS3.4 C.6), by their names in Query/Retrieve Level (0008,0052).</summary>
internal enum QueryLevel
{
    /// <summary>PATIENT.</summary>
    Patient,

    /// <summary>STUDY.</summary>
    Study,

    /// <summary>SERIES.</summary>
    Series,

    /// <summary>IMAGE.</summary>
    Image,
}

/// <summary>Reads levels.</summary>
internal static class QueryLevels
{
    /// <summary>The level that an identifier names; null when it names none of the information model.</summary>
    /// <param name="identifier">The identifier.</param>
    /// <param name="isPatientRoot">Whether the model is Patient Root; else it is Study Root.</param>
    public static QueryLevel? Find(DicomDataSet identifier, bool isPatientRoot) => identifier.GetString(DicomTags.QueryRetrieveLevel) switch
    {
        "PATIENT" when isPatientRoot => QueryLevel.Patient,
        "STUDY" => QueryLevel.Study,
        "SERIES" => QueryLevel.Series,
        "IMAGE" => QueryLevel.Image,
        _ => null,
    };
}
