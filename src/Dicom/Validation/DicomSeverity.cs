namespace MedicalAi.Dicom;

/// <summary>How bad a <see cref="DicomFinding"/> is.</summary>
public enum DicomSeverity
{
    /// <summary>Allowed or harmless, but seldom meant.</summary>
    Warning,

    /// <summary>Against the standard.</summary>
    Error,
}
