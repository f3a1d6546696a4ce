namespace MedicalAi.Dicom;

/// <summary>What the data dictionary (PS3.6 chapters 6 to 9) says of one data element.</summary>
/// <param name="Tag">The tag asked for; within a repeating group the very tag, not the pattern.</param>
/// <param name="Keyword">The keyword, for example <c>PatientName</c>; empty for a few retired elements.</param>
/// <param name="Name">The name, for example <c>Patient's Name</c>.</param>
/// <param name="Vr">The VR to take; of several, the one that holds any value (<c>OB or OW</c> gives OW, <c>US or SS</c> US).</param>
/// <param name="Vrs">The VRs as the dictionary has them, for example <c>OB or OW</c>.</param>
/// <param name="Vm">The value multiplicity, for example <c>1-n</c>.</param>
/// <param name="IsRetired">Whether the element is retired.</param>
public sealed record DictionaryEntry(DicomTag Tag, string Keyword, string Name, Vr Vr, string Vrs, string Vm, bool IsRetired);
