namespace MedicalAi.Dicom;

/// <summary>What a data set says of its having been de-identified (PS3.3 C.7.1.1 and C.12.1.1.9).</summary>
internal static class DeidentificationMarks
{
    // CID 7050.
    private static readonly (RetainOptions Option, string Code, string Meaning)[] s_methods =
    [
        (RetainOptions.None, "113100", "Basic Application Confidentiality Profile"),
        (RetainOptions.CleanGraphics, "113103", "Clean Graphics Option"),
        (RetainOptions.CleanStructuredContent, "113104", "Clean Structured Content Option"),
        (RetainOptions.CleanDescriptors, "113105", "Clean Descriptors Option"),
        (RetainOptions.FullDates, "113106", "Retain Longitudinal Temporal Information Full Dates Option"),
        (RetainOptions.ModifiedDates, "113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
        (RetainOptions.PatientCharacteristics, "113108", "Retain Patient Characteristics Option"),
        (RetainOptions.DeviceIdentity, "113109", "Retain Device Identity Option"),
        (RetainOptions.Uids, "113110", "Retain UIDs Option"),
        (RetainOptions.SafePrivate, "113111", "Retain Safe Private Option"),
        (RetainOptions.InstitutionIdentity, "113112", "Retain Institution Identity Option"),
    ];

    /// <summary>Sets the attributes.</summary>
    public static void Set(DicomDataSet result, RetainOptions retain)
    {
        List<DicomDataSet> codes = [];
        foreach ((RetainOptions option, string code, string meaning) in s_methods)
        {
            if (retain.HasFlag(option))
            {
                codes.Add(new DicomDataSet(result)
                    .SetString(DicomTags.CodeValue, code)
                    .SetString(DicomTags.CodingSchemeDesignator, "DCM")
                    .SetString(DicomTags.CodeMeaning, meaning));
            }
        }

        result.SetString(DicomTags.PatientIdentityRemoved, "YES")
            .SetString(DicomTags.DeidentificationMethod, "MedicalAi.Gateway: PS3.15 table E.1-1, header only")
            .SetSequence(DicomTags.DeidentificationMethodCodeSequence, [.. codes])
            .SetString(
                DicomTags.LongitudinalTemporalInformationModified,
                retain.HasFlag(RetainOptions.FullDates) ? "UNMODIFIED" : retain.HasFlag(RetainOptions.ModifiedDates) ? "MODIFIED" : "REMOVED");
    }
}
