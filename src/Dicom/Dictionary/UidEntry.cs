namespace MedicalAi.Dicom;

/// <summary>What the registry of UIDs (PS3.6 annex A) says of one UID.</summary>
/// <param name="Uid">The UID.</param>
/// <param name="Keyword">The keyword, for example <c>CTImageStorage</c>.</param>
/// <param name="Name">The name, for example <c>CT Image Storage</c>.</param>
/// <param name="Type">The type, for example <c>SOP Class</c> or <c>Transfer Syntax</c>.</param>
/// <param name="IsRetired">Whether it is retired.</param>
public sealed record UidEntry(DicomUid Uid, string Keyword, string Name, string Type, bool IsRetired);
