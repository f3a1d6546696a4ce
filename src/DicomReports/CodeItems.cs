using MedicalAi.Dicom;
using MedicalAi.Findings;

namespace MedicalAi.DicomReports;

/// <summary>The Code Sequence Macro (PS3.3 section 8.8) out and in.</summary>
internal static class CodeItems
{
    /// <summary>The most characters of Code Value (VR SH); longer codes stand in Long Code Value.</summary>
    private const int MaximumCodeValue = 16;

    /// <summary>An item of a code sequence.</summary>
    /// <param name="scope">The data set whose character set applies.</param>
    /// <param name="code">The code.</param>
    public static DicomDataSet Write(DicomDataSet scope, CodedConcept code) => new DicomDataSet(scope)
        .SetString(code.Value.Length > MaximumCodeValue ? DicomTags.LongCodeValue : DicomTags.CodeValue, code.Value)
        .SetString(DicomTags.CodingSchemeDesignator, code.Scheme)
        .SetString(DicomTags.CodeMeaning, code.Meaning);

    /// <summary>Reads an item; null when code, scheme or meaning is absent.</summary>
    public static CodedConcept? Read(DicomDataSet item) =>
        (item.GetString(DicomTags.CodeValue) ?? item.GetString(DicomTags.LongCodeValue)) is { } value
        && item.GetString(DicomTags.CodingSchemeDesignator) is { } scheme
        && item.GetString(DicomTags.CodeMeaning) is { } meaning
            ? new CodedConcept(value, scheme, meaning)
            : null;
}
