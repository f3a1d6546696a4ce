namespace MedicalAi.Dicom;

/// <summary>How bad a <see cref="DicomFinding"/> is.</summary>
public enum DicomSeverity
{
    /// <summary>Nothing is wrong: what was not checked.</summary>
    Note,

    /// <summary>Allowed or harmless, but seldom meant.</summary>
    Warning,

    /// <summary>Against the standard.</summary>
    Error,
}
