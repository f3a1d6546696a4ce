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
