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

    /// <summary>Retain Device Identity. AE titles, which the option asks to be cleaned, are replaced by pseudonyms.</summary>
    DeviceIdentity = 4,

    /// <summary>Retain Institution Identity.</summary>
    InstitutionIdentity = 8,

    /// <summary>Retain Patient Characteristics. Free text, which the option asks to be cleaned, keeps words of medicine alone.</summary>
    PatientCharacteristics = 16,

    /// <summary>Retain Longitudinal Temporal Information with Full Dates.</summary>
    FullDates = 32,

    /// <summary>Retain Longitudinal Temporal Information with Modified Dates: all dates of a patient shifted by the same days.</summary>
    ModifiedDates = 64,

    /// <summary>
    /// Clean Descriptors: descriptions stay with those of their words that are words of medicine and imaging, and no names of those concerned; codes stay.
    /// </summary>
    CleanDescriptors = 128,

    /// <summary>Clean Graphics: graphics of presentation states stay, their text is cleaned as descriptors are; overlays and curves are removed, for what they show is pixels.</summary>
    CleanGraphics = 256,

    /// <summary>
    /// Clean Structured Content: content items stay without those that tell who somebody is; text is cleaned as descriptors are, names are replaced, dates and
    /// UIDs are treated like all others.
    /// </summary>
    CleanStructuredContent = 512,
}
