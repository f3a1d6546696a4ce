using System.Collections.Frozen;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>The attributes that belong to a patient, a study and a series (PS3.3 C.7.1 to C.7.5), kept as JSON with the rows of studies and series.</summary>
internal static class ModuleAttributes
{
    /// <summary>Patient and Clinical Trial Subject modules.</summary>
    public static FrozenSet<DicomTag> Patient { get; } = new[]
    {
        DicomTags.PatientName, DicomTags.PatientID, DicomTags.IssuerOfPatientID, DicomTags.TypeOfPatientID, DicomTags.IssuerOfPatientIDQualifiersSequence,
        DicomTags.OtherPatientIDs, DicomTags.OtherPatientIDsSequence, DicomTags.OtherPatientNames, DicomTags.PatientBirthDate, DicomTags.PatientBirthTime,
        DicomTags.PatientBirthDateInAlternativeCalendar, DicomTags.PatientDeathDateInAlternativeCalendar, DicomTags.PatientAlternativeCalendar,
        DicomTags.PatientSex, DicomTags.EthnicGroup, DicomTags.PatientComments, DicomTags.QualityControlSubject, DicomTags.ReferencedPatientSequence,
        DicomTags.ReferencedPatientPhotoSequence, DicomTags.PatientSpeciesDescription, DicomTags.PatientSpeciesCodeSequence,
        DicomTags.PatientBreedDescription, DicomTags.PatientBreedCodeSequence, DicomTags.BreedRegistrationSequence,
        DicomTags.StrainDescription, DicomTags.StrainNomenclature, DicomTags.StrainCodeSequence, DicomTags.StrainAdditionalInformation,
        DicomTags.StrainStockSequence, DicomTags.GeneticModificationsSequence,
        DicomTags.ResponsiblePerson, DicomTags.ResponsiblePersonRole, DicomTags.ResponsibleOrganization,
        DicomTags.SourcePatientGroupIdentificationSequence, DicomTags.GroupOfPatientsIdentificationSequence,
        DicomTags.PatientIdentityRemoved, DicomTags.DeidentificationMethod, DicomTags.DeidentificationMethodCodeSequence,
        DicomTags.ClinicalTrialSponsorName, DicomTags.ClinicalTrialProtocolID, DicomTags.ClinicalTrialProtocolName, DicomTags.ClinicalTrialSiteID,
        DicomTags.ClinicalTrialSiteName, DicomTags.ClinicalTrialSubjectID, DicomTags.ClinicalTrialSubjectReadingID,
        DicomTags.ClinicalTrialProtocolEthicsCommitteeName, DicomTags.ClinicalTrialProtocolEthicsCommitteeApprovalNumber,
    }.ToFrozenSet();

    /// <summary>What is kept with a study: the attributes of its patient, and the General Study, Patient Study and Clinical Trial Study modules.</summary>
    public static FrozenSet<DicomTag> Study { get; } = new[]
    {
        DicomTags.StudyInstanceUID, DicomTags.StudyDate, DicomTags.StudyTime, DicomTags.ReferringPhysicianName,
        DicomTags.ReferringPhysicianIdentificationSequence, DicomTags.ConsultingPhysicianName, DicomTags.ConsultingPhysicianIdentificationSequence,
        DicomTags.StudyID, DicomTags.AccessionNumber, DicomTags.IssuerOfAccessionNumberSequence, DicomTags.StudyDescription,
        DicomTags.PhysiciansOfRecord, DicomTags.PhysiciansOfRecordIdentificationSequence, DicomTags.NameOfPhysiciansReadingStudy,
        DicomTags.PhysiciansReadingStudyIdentificationSequence, DicomTags.RequestingService, DicomTags.RequestingServiceCodeSequence,
        DicomTags.ReferencedStudySequence, DicomTags.ProcedureCodeSequence, DicomTags.ReasonForPerformedProcedureCodeSequence,
        DicomTags.AdmittingDiagnosesDescription, DicomTags.AdmittingDiagnosesCodeSequence, DicomTags.PatientAge, DicomTags.PatientSize,
        DicomTags.PatientWeight, DicomTags.PatientBodyMassIndex, DicomTags.MeasuredAPDimension, DicomTags.MeasuredLateralDimension,
        DicomTags.PatientSizeCodeSequence, DicomTags.PatientSexNeutered, DicomTags.MedicalAlerts, DicomTags.Allergies, DicomTags.SmokingStatus,
        DicomTags.PregnancyStatus, DicomTags.LastMenstrualDate, DicomTags.Occupation, DicomTags.AdditionalPatientHistory, DicomTags.PatientState,
        DicomTags.AdmissionID, DicomTags.IssuerOfAdmissionIDSequence, DicomTags.ServiceEpisodeID, DicomTags.IssuerOfServiceEpisodeIDSequence,
        DicomTags.ServiceEpisodeDescription, DicomTags.ReasonForVisit, DicomTags.ReasonForVisitCodeSequence,
        DicomTags.ClinicalTrialTimePointID, DicomTags.ClinicalTrialTimePointDescription, DicomTags.LongitudinalTemporalOffsetFromEvent,
        DicomTags.LongitudinalTemporalEventType, DicomTags.ConsentForClinicalTrialUseSequence, DicomTags.TimezoneOffsetFromUTC,
    }.Concat(Patient).ToFrozenSet();

    /// <summary>General Series, Clinical Trial Series, Frame of Reference and General Equipment modules.</summary>
    public static FrozenSet<DicomTag> Series { get; } = new[]
    {
        DicomTags.Modality, DicomTags.SeriesInstanceUID, DicomTags.SeriesNumber, DicomTags.Laterality, DicomTags.SeriesDate,
        DicomTags.SeriesTime, DicomTags.PerformingPhysicianName, DicomTags.PerformingPhysicianIdentificationSequence, DicomTags.ProtocolName,
        DicomTags.SeriesDescription, DicomTags.SeriesDescriptionCodeSequence, DicomTags.OperatorsName, DicomTags.OperatorIdentificationSequence,
        DicomTags.ReferencedPerformedProcedureStepSequence, DicomTags.RelatedSeriesSequence, DicomTags.ReferencedDefinedProtocolSequence,
        DicomTags.ReferencedPerformedProtocolSequence, DicomTags.BodyPartExamined, DicomTags.PatientPosition, DicomTags.AnatomicalOrientationType,
        DicomTags.PresentationIntentType, DicomTags.RequestAttributesSequence, DicomTags.PerformedProcedureStepID,
        DicomTags.PerformedProcedureStepStartDate, DicomTags.PerformedProcedureStepStartTime, DicomTags.PerformedProcedureStepEndDate,
        DicomTags.PerformedProcedureStepEndTime, DicomTags.PerformedProcedureStepDescription, DicomTags.PerformedProtocolCodeSequence,
        DicomTags.CommentsOnThePerformedProcedureStep, DicomTags.ClinicalTrialCoordinatingCenterName, DicomTags.ClinicalTrialSeriesID,
        DicomTags.ClinicalTrialSeriesDescription, DicomTags.FrameOfReferenceUID, DicomTags.PositionReferenceIndicator,
        DicomTags.Manufacturer, DicomTags.InstitutionName, DicomTags.InstitutionAddress, DicomTags.StationName,
        DicomTags.InstitutionalDepartmentName, DicomTags.ManufacturerModelName, DicomTags.DeviceSerialNumber, DicomTags.SoftwareVersions,
        DicomTags.GantryID, DicomTags.UDISequence, DicomTags.DateOfLastCalibration, DicomTags.TimeOfLastCalibration,

        // What the dates and times of the series are by.
        DicomTags.TimezoneOffsetFromUTC,
    }.ToFrozenSet();
}
