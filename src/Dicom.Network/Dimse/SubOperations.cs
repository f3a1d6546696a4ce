namespace MedicalAi.Dicom.Network;

/// <summary>The numbers of C-STORE sub-operations of a C-MOVE or C-GET (PS3.7 sections 9.1.3 and 9.1.4).</summary>
/// <param name="Remaining">Those still to come; null in a final response, save after a C-CANCEL.</param>
/// <param name="Completed">Those that succeeded.</param>
/// <param name="Failed">Those that failed.</param>
/// <param name="Warning">Those that succeeded with a warning.</param>
public readonly record struct SubOperations(ushort? Remaining, ushort Completed, ushort Failed, ushort Warning);
