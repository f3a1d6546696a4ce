namespace MedicalAi.Dicom;

/// <summary>The options of the Basic Application Level Confidentiality Profile (PS3.15 E.3), each a column of table E.1-1.</summary>
[Flags]
public enum RetainOptions
{
    /// <summary>The basic profile alone.</summary>
    None = 0,

    /// <summary>Retain Safe Private: the private elements of table E.3.10-1 that are known here.</summary>
    SafePrivate = 1,

    /// <summary>Retain UIDs.</summary>
    Uids = 2,

    /// <summary>Retain Device Identity. AE titles, which the option asks to be cleaned, are removed or replaced.</summary>
    DeviceIdentity = 4,

    /// <summary>Retain Institution Identity.</summary>
    InstitutionIdentity = 8,

    /// <summary>Retain Patient Characteristics. Free text, which the option asks to be cleaned, is removed.</summary>
    PatientCharacteristics = 16,

    /// <summary>Retain Longitudinal Temporal Information with Full Dates.</summary>
    FullDates = 32,

    /// <summary>Retain Longitudinal Temporal Information with Modified Dates: all dates of a patient shifted by the same days.</summary>
    ModifiedDates = 64,

    /// <summary>Clean Descriptors. Nothing reads the text: cleaning is removing here, as the basic profile does.</summary>
    CleanDescriptors = 128,

    /// <summary>Clean Graphics. Nothing looks at the graphics: cleaning is removing here, as the basic profile does.</summary>
    CleanGraphics = 256,
}
