namespace MedicalAi.Dicom;

/// <summary>
/// Concepts of content items that tell who somebody is, whatever the type of their value (PS3.16 TID 1002 to 1009 and others): structured content is clean
/// without such items.
/// </summary>
internal static class IdentityConcepts
{
    private static readonly Dictionary<(string Scheme, string Code), RetainOptions> s_concepts = new()
    {
        // Names, identifiers and dates of birth, which no option retains.
        [("DCM", "121008")] = RetainOptions.None, // Person Observer Name
        [("DCM", "128774")] = RetainOptions.None, // Person Observer's Login Name
        [("DCM", "121022")] = RetainOptions.None, // Accession Number
        [("DCM", "121029")] = RetainOptions.None, // Subject Name
        [("DCM", "121030")] = RetainOptions.None, // Subject ID
        [("DCM", "121031")] = RetainOptions.None, // Subject Birth Date
        [("DCM", "121036")] = RetainOptions.None, // Mother of fetus
        [("DCM", "121041")] = RetainOptions.None, // Specimen Identifier
        [("DCM", "113870")] = RetainOptions.None, // Person Name
        [("DCM", "113871")] = RetainOptions.None, // Person ID
        [("DCM", "113872")] = RetainOptions.None, // Person ID Issuer
        [("DCM", "110190")] = RetainOptions.None, // Issuer of Identifier
        [("DCM", "111700")] = RetainOptions.None, // Specimen Container Identifier
        [("DCM", "111705")] = RetainOptions.None, // Parent Specimen Identifier
        [("DCM", "111706")] = RetainOptions.None, // Issuer of Parent Specimen Identifier
        [("DCM", "111724")] = RetainOptions.None, // Issuer of Specimen Identifier
        [("DCM", "113516")] = RetainOptions.None, // Prescription Identifier
        [("DCM", "121040")] = RetainOptions.None, // Specimen Accession Number
        [("DCM", "121043")] = RetainOptions.None, // Slide Identifier
        [("DCM", "121152")] = RetainOptions.None, // Person administering drug/contrast
        [("DCM", "128775")] = RetainOptions.None, // Identifier within Person Observer's Role

        [("DCM", "121009")] = RetainOptions.InstitutionIdentity, // Person Observer's Organization Name
        [("DCM", "113873")] = RetainOptions.InstitutionIdentity, // Organization Name

        [("DCM", "121013")] = RetainOptions.DeviceIdentity, // Device Observer Name
        [("DCM", "121016")] = RetainOptions.DeviceIdentity, // Device Observer Serial Number
        [("DCM", "121017")] = RetainOptions.DeviceIdentity, // Device Observer Physical Location During Observation
        [("DCM", "121000")] = RetainOptions.DeviceIdentity, // Unique Device Identifiers
        [("DCM", "121148")] = RetainOptions.DeviceIdentity, // Unit Serial Identifier
        [("DCM", "121193")] = RetainOptions.DeviceIdentity, // Device Subject Name
        [("DCM", "121196")] = RetainOptions.DeviceIdentity, // Device Subject Serial Number
        [("DCM", "121197")] = RetainOptions.DeviceIdentity, // Device Subject Physical Location during observation
        [("DCM", "113877")] = RetainOptions.DeviceIdentity, // Device Name
        [("DCM", "113880")] = RetainOptions.DeviceIdentity, // Device Serial Number

        [("DCM", "121032")] = RetainOptions.PatientCharacteristics, // Subject Sex
        [("DCM", "121033")] = RetainOptions.PatientCharacteristics, // Subject Age
        [("SCT", "397669002")] = RetainOptions.PatientCharacteristics, // Age
        [("SCT", "424144002")] = RetainOptions.PatientCharacteristics, // Age
        [("SCT", "263495000")] = RetainOptions.PatientCharacteristics, // Gender
        [("SCT", "27113001")] = RetainOptions.PatientCharacteristics, // Body weight
        [("SCT", "50373000")] = RetainOptions.PatientCharacteristics, // Body height
        [("LN", "29463-7")] = RetainOptions.PatientCharacteristics, // Patient Weight
        [("LN", "8302-2")] = RetainOptions.PatientCharacteristics, // Patient Height
        [("LN", "8277-6")] = RetainOptions.PatientCharacteristics, // Body Surface Area
        [("LN", "11449-6")] = RetainOptions.PatientCharacteristics, // Pregnancy status
    };

    /// <summary>Whether a content item has to go: its concept tells who somebody is, and no option retains it.</summary>
    public static bool Identifies(DicomDataSet contentItem, RetainOptions retain) =>
        contentItem.GetItems(DicomTags.ConceptNameCodeSequence) is [{ } name, ..]
        && s_concepts.TryGetValue((name.GetString(DicomTags.CodingSchemeDesignator) ?? "", name.GetString(DicomTags.CodeValue) ?? ""), out RetainOptions option)
        && (option == RetainOptions.None || !retain.HasFlag(option));
}
