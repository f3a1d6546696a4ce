using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>
/// A matching key (PS3.4 C.2.2.2). The value's meaning follows from the tag's VR: an empty value matches all; UI takes a list
/// separated by <c>\</c> or <c>,</c>; DA, TM and DT take ranges with <c>-</c>; other text takes the wild cards <c>*</c> and
/// <c>?</c>; person names match without regard to case and accents.
/// </summary>
/// <param name="Tag">The attribute.</param>
/// <param name="Value">The key as text, decoded.</param>
public readonly record struct AttributeMatch(DicomTag Tag, string Value);
