namespace MedicalAi.Dicom.Media;

/// <summary>A key of a directory record; one of type 1 must have a value, one of type 2 can be empty, one of type 1C can be absent.</summary>
internal readonly record struct DirectoryKey(DicomTag Tag, KeyType Type);

/// <summary>The types of keys (PS3.3 F.5, PS3.5 section 7.4).</summary>
internal enum KeyType
{
    Type1,
    Type1C,
    Type2,
}

/// <summary>
/// The keys of directory records (PS3.3 F.5.1 to F.5.48, edition 2024). Specific Character Set goes with every record. Two keys are made
/// and not copied, see <see cref="DirectoryRecordBuilder"/>: Verification DateTime, and the Content Sequence of documents.
/// </summary>
internal static class DirectoryKeys
{
    public static DirectoryKey[] Patient { get; } = [Two(DicomTags.PatientName), One(DicomTags.PatientID)];

    public static DirectoryKey[] Study { get; } =
        [One(DicomTags.StudyDate), One(DicomTags.StudyTime), Two(DicomTags.StudyDescription), One(DicomTags.StudyInstanceUID), One(DicomTags.StudyID), Two(DicomTags.AccessionNumber)];

    public static DirectoryKey[] Series { get; } = [One(DicomTags.Modality), One(DicomTags.SeriesInstanceUID), One(DicomTags.SeriesNumber)];

    private static readonly DirectoryKey s_number = One(DicomTags.InstanceNumber);
    private static readonly DirectoryKey[] s_dated = [s_number, One(DicomTags.ContentDate), One(DicomTags.ContentTime)];

    // Content Identification Macro, PS3.3 table 10-12.
    private static readonly DirectoryKey[] s_labelled = [s_number, One(DicomTags.ContentLabel), Two(DicomTags.ContentDescription), Two(DicomTags.ContentCreatorName)];
    private static readonly DirectoryKey[] s_datedAndLabelled = [.. s_labelled, One(DicomTags.ContentDate), One(DicomTags.ContentTime)];

    private static readonly Dictionary<string, DirectoryKey[]> s_instances = new(StringComparer.Ordinal)
    {
        ["IMAGE"] = [s_number],
        ["RT DOSE"] = [s_number, One(DicomTags.DoseSummationType)],
        ["RT STRUCTURE SET"] = [s_number, One(DicomTags.StructureSetLabel), Two(DicomTags.StructureSetDate), Two(DicomTags.StructureSetTime)],
        ["RT PLAN"] = [s_number, One(DicomTags.RTPlanLabel), Two(DicomTags.RTPlanDate), Two(DicomTags.RTPlanTime)],
        ["RT TREAT RECORD"] = [s_number, Two(DicomTags.TreatmentDate), Two(DicomTags.TreatmentTime)],
        ["PRESENTATION"] =
        [
            .. s_labelled, One(DicomTags.PresentationCreationDate), One(DicomTags.PresentationCreationTime), Perhaps(DicomTags.ReferencedSeriesSequence), Perhaps(DicomTags.BlendingSequence),
        ],
        ["WAVEFORM"] = s_dated,
        ["SR DOCUMENT"] = [.. s_dated, One(DicomTags.CompletionFlag), One(DicomTags.VerificationFlag), One(DicomTags.ConceptNameCodeSequence)],
        ["KEY OBJECT DOC"] = [.. s_dated, One(DicomTags.ConceptNameCodeSequence)],
        ["SPECTROSCOPY"] =
        [
            .. s_dated, One(DicomTags.ImageType), Perhaps(DicomTags.ReferencedImageEvidenceSequence), One(DicomTags.NumberOfFrames), One(DicomTags.Rows), One(DicomTags.Columns),
            One(DicomTags.DataPointRows), One(DicomTags.DataPointColumns),
        ],
        ["RAW DATA"] = [Two(DicomTags.InstanceNumber), One(DicomTags.ContentDate), One(DicomTags.ContentTime)],
        ["REGISTRATION"] = s_datedAndLabelled,
        ["FIDUCIAL"] = s_datedAndLabelled,
        ["HANGING PROTOCOL"] =
        [
            One(DicomTags.HangingProtocolCreator), One(DicomTags.HangingProtocolCreationDateTime), One(DicomTags.HangingProtocolDefinitionSequence),
            One(DicomTags.NumberOfPriorsReferenced), Two(DicomTags.HangingProtocolUserIdentificationCodeSequence),
        ],
        ["ENCAP DOC"] =
        [
            s_number, Two(DicomTags.ContentDate), Two(DicomTags.ContentTime), Two(DicomTags.DocumentTitle), Two(DicomTags.ConceptNameCodeSequence),
            Perhaps(DicomTags.HL7InstanceIdentifier), One(DicomTags.MIMETypeOfEncapsulatedDocument),
        ],
        ["VALUE MAP"] = s_datedAndLabelled,
        ["STEREOMETRIC"] = [],
        ["PALETTE"] = [One(DicomTags.ContentLabel), Two(DicomTags.ContentDescription)],
        ["IMPLANT"] = [One(DicomTags.Manufacturer), One(DicomTags.ImplantName), Perhaps(DicomTags.ImplantSize), One(DicomTags.ImplantPartNumber)],
        ["IMPLANT ASSY"] = [One(DicomTags.ImplantAssemblyTemplateName), One(DicomTags.Manufacturer), One(DicomTags.ProcedureTypeCodeSequence)],
        ["IMPLANT GROUP"] = [One(DicomTags.ImplantTemplateGroupName), One(DicomTags.ImplantTemplateGroupIssuer)],
        ["PLAN"] = [],
        ["MEASUREMENT"] = s_datedAndLabelled,
        ["SURFACE"] = s_datedAndLabelled,
        ["SURFACE SCAN"] = [One(DicomTags.ContentDate), One(DicomTags.ContentTime)],
        ["TRACT"] = s_datedAndLabelled,
        ["ASSESSMENT"] = [s_number, One(DicomTags.InstanceCreationDate), Two(DicomTags.InstanceCreationTime)],
        ["RADIOTHERAPY"] =
        [
            s_number, Perhaps(DicomTags.UserContentLabel), Perhaps(DicomTags.UserContentLongLabel), Two(DicomTags.ContentDescription), Two(DicomTags.ContentCreatorName),
        ],
        ["ANNOTATION"] = s_datedAndLabelled,
        ["INVENTORY"] =
        [
            One(DicomTags.ContentDate), One(DicomTags.ContentTime), Two(DicomTags.InventoryPurpose), One(DicomTags.InventoryLevel), Two(DicomTags.ScopeOfInventorySequence),
            One(DicomTags.InventoryCompletionStatus), One(DicomTags.TotalNumberOfStudyRecords),
        ],
    };

    /// <summary>The keys of the record of an instance.</summary>
    public static DirectoryKey[] OfInstance(string type) => s_instances[type];

    private static DirectoryKey One(DicomTag tag) => new(tag, KeyType.Type1);

    private static DirectoryKey Perhaps(DicomTag tag) => new(tag, KeyType.Type1C);

    private static DirectoryKey Two(DicomTag tag) => new(tag, KeyType.Type2);
}
