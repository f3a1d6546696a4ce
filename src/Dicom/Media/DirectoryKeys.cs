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

/// <summary>The keys of directory records (PS3.3 F.5) and the type of the record for a SOP class (PS3.3 table F.4-1).</summary>
internal static class DirectoryKeys
{
    public static DirectoryKey[] Patient { get; } = [Two(DicomTags.PatientName), One(DicomTags.PatientID)];

    public static DirectoryKey[] Study { get; } =
        [One(DicomTags.StudyDate), One(DicomTags.StudyTime), Two(DicomTags.StudyDescription), One(DicomTags.StudyInstanceUID), One(DicomTags.StudyID), Two(DicomTags.AccessionNumber)];

    public static DirectoryKey[] Series { get; } = [One(DicomTags.Modality), One(DicomTags.SeriesInstanceUID), One(DicomTags.SeriesNumber)];

    private static readonly DirectoryKey s_number = One(DicomTags.InstanceNumber);
    private static readonly DirectoryKey[] s_dated = [s_number, One(DicomTags.ContentDate), One(DicomTags.ContentTime)];
    private static readonly DirectoryKey[] s_labelled = [s_number, One(DicomTags.ContentLabel), Two(DicomTags.ContentDescription), Two(DicomTags.ContentCreatorName)];

    private static readonly Dictionary<string, DirectoryKey[]> s_instances = new(StringComparer.Ordinal)
    {
        ["IMAGE"] = [s_number],
        ["SR DOCUMENT"] =
        [
            .. s_dated, One(DicomTags.CompletionFlag), One(DicomTags.VerificationFlag), Perhaps(DicomTags.VerificationDateTime), One(DicomTags.ConceptNameCodeSequence),
        ],
        ["KEY OBJECT DOC"] = [.. s_dated, One(DicomTags.ConceptNameCodeSequence)],
        ["PRESENTATION"] =
        [
            .. s_labelled, One(DicomTags.PresentationCreationDate), One(DicomTags.PresentationCreationTime), Perhaps(DicomTags.ReferencedSeriesSequence), Perhaps(DicomTags.BlendingSequence),
        ],
        ["WAVEFORM"] = s_dated,
        ["RT DOSE"] = [s_number, One(DicomTags.DoseSummationType)],
        ["RT STRUCTURE SET"] = [s_number, One(DicomTags.StructureSetLabel), Two(DicomTags.StructureSetDate), Two(DicomTags.StructureSetTime)],
        ["RT PLAN"] = [s_number, One(DicomTags.RTPlanLabel), Two(DicomTags.RTPlanDate), Two(DicomTags.RTPlanTime)],
        ["RT TREAT RECORD"] = [s_number, Two(DicomTags.TreatmentDate), Two(DicomTags.TreatmentTime)],
        ["ENCAP DOC"] =
        [
            s_number, Two(DicomTags.ContentDate), Two(DicomTags.ContentTime), Two(DicomTags.DocumentTitle), Two(DicomTags.ConceptNameCodeSequence),
            Perhaps(DicomTags.HL7InstanceIdentifier), One(DicomTags.MIMETypeOfEncapsulatedDocument),
        ],
        ["REGISTRATION"] = [.. s_labelled, One(DicomTags.ContentDate), One(DicomTags.ContentTime)],
        ["FIDUCIAL"] = [.. s_labelled, One(DicomTags.ContentDate), One(DicomTags.ContentTime)],
        ["VALUE MAP"] = [.. s_labelled, One(DicomTags.ContentDate), One(DicomTags.ContentTime)],
        ["RAW DATA"] = [Two(DicomTags.InstanceNumber), One(DicomTags.ContentDate), One(DicomTags.ContentTime)],
    };

    private static readonly Dictionary<DicomUid, string> s_types = new()
    {
        [DicomUids.KeyObjectSelectionDocumentStorage] = "KEY OBJECT DOC",
        [DicomUids.RTDoseStorage] = "RT DOSE",
        [DicomUids.RTStructureSetStorage] = "RT STRUCTURE SET",
        [DicomUids.RTPlanStorage] = "RT PLAN",
        [DicomUids.RTIonPlanStorage] = "RT PLAN",
        [DicomUids.RTBeamsTreatmentRecordStorage] = "RT TREAT RECORD",
        [DicomUids.RTBrachyTreatmentRecordStorage] = "RT TREAT RECORD",
        [DicomUids.RTIonBeamsTreatmentRecordStorage] = "RT TREAT RECORD",
        [DicomUids.RTTreatmentSummaryRecordStorage] = "RT TREAT RECORD",
        [DicomUids.SpatialRegistrationStorage] = "REGISTRATION",
        [DicomUids.DeformableSpatialRegistrationStorage] = "REGISTRATION",
        [DicomUids.SpatialFiducialsStorage] = "FIDUCIAL",
        [DicomUids.RealWorldValueMappingStorage] = "VALUE MAP",
        [DicomUids.RawDataStorage] = "RAW DATA",
        [DicomUids.GrayscaleSoftcopyPresentationStateStorage] = "PRESENTATION",
        [DicomUids.ColorSoftcopyPresentationStateStorage] = "PRESENTATION",
        [DicomUids.PseudoColorSoftcopyPresentationStateStorage] = "PRESENTATION",
        [DicomUids.BlendingSoftcopyPresentationStateStorage] = "PRESENTATION",
        [DicomUids.XAXRFGrayscaleSoftcopyPresentationStateStorage] = "PRESENTATION",
        [DicomUids.BasicTextSRStorage] = "SR DOCUMENT",
        [DicomUids.EnhancedSRStorage] = "SR DOCUMENT",
        [DicomUids.ComprehensiveSRStorage] = "SR DOCUMENT",
        [DicomUids.Comprehensive3DSRStorage] = "SR DOCUMENT",
        [DicomUids.ExtensibleSRStorage] = "SR DOCUMENT",
        [DicomUids.ProcedureLogStorage] = "SR DOCUMENT",
        [DicomUids.MammographyCADSRStorage] = "SR DOCUMENT",
        [DicomUids.ChestCADSRStorage] = "SR DOCUMENT",
        [DicomUids.ColonCADSRStorage] = "SR DOCUMENT",
        [DicomUids.XRayRadiationDoseSRStorage] = "SR DOCUMENT",
        [DicomUids.RadiopharmaceuticalRadiationDoseSRStorage] = "SR DOCUMENT",
        [DicomUids.PatientRadiationDoseSRStorage] = "SR DOCUMENT",
        [DicomUids.AcquisitionContextSRStorage] = "SR DOCUMENT",
        [DicomUids.SimplifiedAdultEchoSRStorage] = "SR DOCUMENT",
        [DicomUids.EncapsulatedPDFStorage] = "ENCAP DOC",
        [DicomUids.EncapsulatedCDAStorage] = "ENCAP DOC",
        [DicomUids.EncapsulatedSTLStorage] = "ENCAP DOC",
        [DicomUids.EncapsulatedOBJStorage] = "ENCAP DOC",
        [DicomUids.EncapsulatedMTLStorage] = "ENCAP DOC",
        [DicomUids.TwelveLeadECGWaveformStorage] = "WAVEFORM",
        [DicomUids.GeneralECGWaveformStorage] = "WAVEFORM",
        [DicomUids.AmbulatoryECGWaveformStorage] = "WAVEFORM",
        [DicomUids.HemodynamicWaveformStorage] = "WAVEFORM",
        [DicomUids.CardiacElectrophysiologyWaveformStorage] = "WAVEFORM",
        [DicomUids.BasicVoiceAudioWaveformStorage] = "WAVEFORM",
        [DicomUids.GeneralAudioWaveformStorage] = "WAVEFORM",
        [DicomUids.ArterialPulseWaveformStorage] = "WAVEFORM",
        [DicomUids.RespiratoryWaveformStorage] = "WAVEFORM",
    };

    // Spectroscopy has rows, but a record of its own, which is not written.
    private static readonly HashSet<DicomUid> s_noImages = [DicomUids.MRSpectroscopyStorage];

    /// <summary>The type of the record of an instance, segmentations and other images being IMAGE; null when it is none that is known.</summary>
    public static string? TypeOf(DicomDataSet instance, DicomUid sopClass) =>
        s_types.TryGetValue(sopClass, out string? type) ? type : instance.Contains(DicomTags.Rows) && !s_noImages.Contains(sopClass) ? "IMAGE" : null;

    /// <summary>The keys of the record of an instance.</summary>
    public static DirectoryKey[] OfInstance(string type) => s_instances[type];

    private static DirectoryKey One(DicomTag tag) => new(tag, KeyType.Type1);

    private static DirectoryKey Perhaps(DicomTag tag) => new(tag, KeyType.Type1C);

    private static DirectoryKey Two(DicomTag tag) => new(tag, KeyType.Type2);
}
