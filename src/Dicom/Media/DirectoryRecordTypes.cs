using System.Collections.Frozen;

namespace MedicalAi.Dicom.Media;

/// <summary>Which directory record an instance has, by its SOP class (PS3.3 table F.4-1 and the sections of F.5).</summary>
internal static class DirectoryRecordTypes
{
    private static readonly FrozenDictionary<DicomUid, string> s_types = new (string Type, DicomUid[] SopClasses)[]
    {
        ("RT DOSE", [DicomUids.RTDoseStorage]),
        ("RT STRUCTURE SET", [DicomUids.RTStructureSetStorage]),
        ("RT PLAN", [DicomUids.RTPlanStorage, DicomUids.RTIonPlanStorage]),
        ("RT TREAT RECORD",
        [
            DicomUids.RTBeamsTreatmentRecordStorage, DicomUids.RTBrachyTreatmentRecordStorage, DicomUids.RTIonBeamsTreatmentRecordStorage,
            DicomUids.RTTreatmentSummaryRecordStorage,
        ]),
        ("PRESENTATION",
        [
            DicomUids.GrayscaleSoftcopyPresentationStateStorage, DicomUids.ColorSoftcopyPresentationStateStorage,
            DicomUids.PseudoColorSoftcopyPresentationStateStorage, DicomUids.BlendingSoftcopyPresentationStateStorage,
            DicomUids.XAXRFGrayscaleSoftcopyPresentationStateStorage, DicomUids.GrayscalePlanarMPRVolumetricPresentationStateStorage,
            DicomUids.CompositingPlanarMPRVolumetricPresentationStateStorage, DicomUids.AdvancedBlendingPresentationStateStorage,
            DicomUids.VolumeRenderingVolumetricPresentationStateStorage, DicomUids.SegmentedVolumeRenderingVolumetricPresentationStateStorage,
            DicomUids.MultipleVolumeRenderingVolumetricPresentationStateStorage, DicomUids.VariableModalityLUTSoftcopyPresentationStateStorage,
            DicomUids.BasicStructuredDisplayStorage,
        ]),
        ("WAVEFORM",
        [
            DicomUids.TwelveLeadECGWaveformStorage, DicomUids.GeneralECGWaveformStorage, DicomUids.AmbulatoryECGWaveformStorage,
            DicomUids.General32bitECGWaveformStorage, DicomUids.HemodynamicWaveformStorage, DicomUids.CardiacElectrophysiologyWaveformStorage,
            DicomUids.BasicVoiceAudioWaveformStorage, DicomUids.GeneralAudioWaveformStorage, DicomUids.ArterialPulseWaveformStorage,
            DicomUids.RespiratoryWaveformStorage, DicomUids.MultichannelRespiratoryWaveformStorage,
            DicomUids.RoutineScalpElectroencephalogramWaveformStorage, DicomUids.ElectromyogramWaveformStorage,
            DicomUids.ElectrooculogramWaveformStorage, DicomUids.SleepElectroencephalogramWaveformStorage, DicomUids.BodyPositionWaveformStorage,
        ]),
        ("SR DOCUMENT",
        [
            DicomUids.BasicTextSRStorage, DicomUids.EnhancedSRStorage, DicomUids.ComprehensiveSRStorage, DicomUids.Comprehensive3DSRStorage,
            DicomUids.ExtensibleSRStorage, DicomUids.ProcedureLogStorage, DicomUids.MammographyCADSRStorage, DicomUids.ChestCADSRStorage,
            DicomUids.ColonCADSRStorage, DicomUids.XRayRadiationDoseSRStorage, DicomUids.EnhancedXRayRadiationDoseSRStorage,
            DicomUids.RadiopharmaceuticalRadiationDoseSRStorage, DicomUids.PatientRadiationDoseSRStorage,
            DicomUids.SpectaclePrescriptionReportStorage, DicomUids.MacularGridThicknessAndVolumeReportStorage, DicomUids.ImplantationPlanSRStorage,
            DicomUids.AcquisitionContextSRStorage, DicomUids.SimplifiedAdultEchoSRStorage, DicomUids.PlannedImagingAgentAdministrationSRStorage,
            DicomUids.PerformedImagingAgentAdministrationSRStorage, DicomUids.WaveformAnnotationSRStorage,
        ]),
        ("KEY OBJECT DOC", [DicomUids.KeyObjectSelectionDocumentStorage]),
        ("SPECTROSCOPY", [DicomUids.MRSpectroscopyStorage]),
        ("RAW DATA", [DicomUids.RawDataStorage]),
        ("REGISTRATION", [DicomUids.SpatialRegistrationStorage, DicomUids.DeformableSpatialRegistrationStorage]),
        ("FIDUCIAL", [DicomUids.SpatialFiducialsStorage]),
        ("HANGING PROTOCOL", [DicomUids.HangingProtocolStorage]),
        ("ENCAP DOC",
        [
            DicomUids.EncapsulatedPDFStorage, DicomUids.EncapsulatedCDAStorage, DicomUids.EncapsulatedSTLStorage, DicomUids.EncapsulatedOBJStorage,
            DicomUids.EncapsulatedMTLStorage,
        ]),
        ("VALUE MAP", [DicomUids.RealWorldValueMappingStorage]),
        ("STEREOMETRIC", [DicomUids.StereometricRelationshipStorage]),
        ("PALETTE", [DicomUids.ColorPaletteStorage]),
        ("IMPLANT", [DicomUids.GenericImplantTemplateStorage]),
        ("IMPLANT ASSY", [DicomUids.ImplantAssemblyTemplateStorage]),
        ("IMPLANT GROUP", [DicomUids.ImplantTemplateGroupStorage]),
        ("PLAN", [DicomUids.RTBeamsDeliveryInstructionStorage, DicomUids.RTBrachyApplicationSetupDeliveryInstructionStorage]),
        ("MEASUREMENT",
        [
            DicomUids.LensometryMeasurementsStorage, DicomUids.AutorefractionMeasurementsStorage, DicomUids.KeratometryMeasurementsStorage,
            DicomUids.SubjectiveRefractionMeasurementsStorage, DicomUids.VisualAcuityMeasurementsStorage,
            DicomUids.OphthalmicAxialMeasurementsStorage, DicomUids.OphthalmicVisualFieldStaticPerimetryMeasurementsStorage,
        ]),
        ("SURFACE", [DicomUids.SurfaceSegmentationStorage]),
        ("SURFACE SCAN", [DicomUids.SurfaceScanMeshStorage, DicomUids.SurfaceScanPointCloudStorage]),
        ("TRACT", [DicomUids.TractographyResultsStorage]),
        ("ASSESSMENT", [DicomUids.ContentAssessmentResultsStorage]),
        ("RADIOTHERAPY",
        [
            DicomUids.RTPhysicianIntentStorage, DicomUids.RTSegmentAnnotationStorage, DicomUids.RTRadiationSetStorage,
            DicomUids.CArmPhotonElectronRadiationStorage, DicomUids.TomotherapeuticRadiationStorage, DicomUids.RoboticArmRadiationStorage,
            DicomUids.RTRadiationRecordSetStorage, DicomUids.RTRadiationSalvageRecordStorage, DicomUids.TomotherapeuticRadiationRecordStorage,
            DicomUids.CArmPhotonElectronRadiationRecordStorage, DicomUids.RoboticRadiationRecordStorage,
            DicomUids.RTRadiationSetDeliveryInstructionStorage, DicomUids.RTTreatmentPreparationStorage,
            DicomUids.RTPatientPositionAcquisitionInstructionStorage,
        ]),
        ("ANNOTATION", [DicomUids.MicroscopyBulkSimpleAnnotationsStorage]),
        ("INVENTORY", [DicomUids.InventoryStorage]),
    }.SelectMany(row => row.SopClasses.Select(sopClass => (sopClass, row.Type))).ToFrozenDictionary(pair => pair.sopClass, pair => pair.Type);

    // These belong to no patient: their records stand in the root (PS3.3 figure F.4-1).
    private static readonly FrozenSet<string> s_ofRoot = ["HANGING PROTOCOL", "PALETTE", "IMPLANT", "IMPLANT ASSY", "IMPLANT GROUP", "INVENTORY"];

    /// <summary>The type of the record of an instance, segmentations and other images being IMAGE; null when it is none that is known.</summary>
    public static string? Find(DicomDataSet instance, DicomUid sopClass) =>
        s_types.TryGetValue(sopClass, out string? type) ? type
        : instance.Contains(DicomTags.Rows) && instance.Contains(DicomTags.Columns) ? "IMAGE"
        : instance.Contains(DicomTags.EncapsulatedDocument) ? "ENCAP DOC"
        : null;

    /// <summary>Whether records of a type stand in the root, and not below a patient, a study and a series.</summary>
    public static bool IsOfRoot(string type) => s_ofRoot.Contains(type);
}
