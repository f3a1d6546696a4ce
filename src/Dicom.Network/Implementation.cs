namespace MedicalAi.Dicom.Network;

/// <summary>How this implementation names itself in associations (PS3.7 D.3.3.2).</summary>
public static class Implementation
{
    /// <summary>Implementation Class UID.</summary>
    public static DicomUid ClassUid { get; } = FileMetaInformation.OurImplementationClass;

    /// <summary>Implementation Version Name, at most 16 characters.</summary>
    public const string VersionName = FileMetaInformation.OurImplementationVersion;
}
