using System.Collections.Frozen;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>The attributes that belong to a study and to a series (PS3.3 C.7.1 to C.7.5), kept as JSON with their rows.</summary>
internal static class ModuleAttributes
{
    /// <summary>Patient, Patient Study and General Study modules.</summary>
    public static FrozenSet<DicomTag> Study { get; } = new[]
    {
        DicomTags.PatientName, DicomTags.PatientID, DicomTags.IssuerOfPatientID, DicomTags.IssuerOfPatientIDQualifiersSequence,
        DicomTags.OtherPatientIDsSequence, DicomTags.OtherPatientNames, DicomTags.PatientBirthDate, DicomTags.PatientBirthTime,
        DicomTags.PatientSex, DicomTags.EthnicGroup, DicomTags.PatientComments, DicomTags.PatientSpeciesDescription,
        DicomTags.PatientBreedDescription, DicomTags.ResponsiblePerson, DicomTags.ResponsibleOrganization,
        DicomTags.PatientIdentityRemoved, DicomTags.DeidentificationMethod,
        DicomTags.AdmittingDiagnosesDescription, DicomTags.PatientAge, DicomTags.PatientSize, DicomTags.PatientWeight,
        DicomTags.PatientSexNeutered, DicomTags.MedicalAlerts, DicomTags.Allergies, DicomTags.SmokingStatus, DicomTags.PregnancyStatus,
        DicomTags.Occupation, DicomTags.AdditionalPatientHistory, DicomTags.PatientState, DicomTags.AdmissionID,
        DicomTags.StudyInstanceUID, DicomTags.StudyDate, DicomTags.StudyTime, DicomTags.ReferringPhysicianName,
        DicomTags.ReferringPhysicianIdentificationSequence, DicomTags.StudyID, DicomTags.AccessionNumber,
        DicomTags.IssuerOfAccessionNumberSequence, DicomTags.StudyDescription, DicomTags.PhysiciansOfRecord,
        DicomTags.NameOfPhysiciansReadingStudy, DicomTags.ProcedureCodeSequence, DicomTags.ReferencedStudySequence,
        DicomTags.ReasonForPerformedProcedureCodeSequence, DicomTags.TimezoneOffsetFromUTC,
    }.ToFrozenSet();

    /// <summary>General Series, Frame of Reference and General Equipment modules.</summary>
    public static FrozenSet<DicomTag> Series { get; } = new[]
    {
        DicomTags.Modality, DicomTags.SeriesInstanceUID, DicomTags.SeriesNumber, DicomTags.Laterality, DicomTags.SeriesDate,
        DicomTags.SeriesTime, DicomTags.PerformingPhysicianName, DicomTags.ProtocolName, DicomTags.SeriesDescription,
        DicomTags.SeriesDescriptionCodeSequence, DicomTags.OperatorsName, DicomTags.ReferencedPerformedProcedureStepSequence,
        DicomTags.BodyPartExamined, DicomTags.PatientPosition, DicomTags.RequestAttributesSequence,
        DicomTags.PerformedProcedureStepID, DicomTags.PerformedProcedureStepStartDate, DicomTags.PerformedProcedureStepStartTime,
        DicomTags.PerformedProcedureStepDescription, DicomTags.PerformedProtocolCodeSequence,
        DicomTags.CommentsOnThePerformedProcedureStep, DicomTags.FrameOfReferenceUID,
        DicomTags.Manufacturer, DicomTags.InstitutionName, DicomTags.InstitutionAddress, DicomTags.StationName,
        DicomTags.InstitutionalDepartmentName, DicomTags.ManufacturerModelName, DicomTags.DeviceSerialNumber, DicomTags.SoftwareVersions,
    }.ToFrozenSet();
}
