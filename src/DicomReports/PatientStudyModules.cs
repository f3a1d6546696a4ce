using MedicalAi.Dicom;

namespace MedicalAi.DicomReports;

/// <summary>
/// The Patient, Clinical Trial, General Study and Patient Study modules (PS3.3 C.7.1, C.7.2) of a result: those of its source, with
/// text encoded anew, so that the result stands under the same patient and study.
/// </summary>
internal static class PatientStudyModules
{
    // Type 2: there even when the source has no value.
    private static readonly DicomTag[] s_required =
    [
        DicomTags.StudyDate, DicomTags.StudyTime, DicomTags.AccessionNumber, DicomTags.ReferringPhysicianName, DicomTags.PatientName, DicomTags.PatientID,
        DicomTags.PatientBirthDate, DicomTags.PatientSex, DicomTags.StudyID,
    ];

    private static readonly DicomTag[] s_optional =
    [
        // Patient
        DicomTags.IssuerOfPatientID, DicomTags.IssuerOfPatientIDQualifiersSequence, DicomTags.TypeOfPatientID, DicomTags.OtherPatientIDsSequence, DicomTags.OtherPatientNames,
        DicomTags.PatientBirthTime, DicomTags.EthnicGroup, DicomTags.PatientComments, DicomTags.QualityControlSubject, DicomTags.PatientSpeciesDescription,
        DicomTags.PatientSpeciesCodeSequence, DicomTags.PatientBreedDescription, DicomTags.PatientBreedCodeSequence, DicomTags.BreedRegistrationSequence,
        DicomTags.ResponsiblePerson, DicomTags.ResponsiblePersonRole, DicomTags.ResponsibleOrganization, DicomTags.PatientIdentityRemoved,
        DicomTags.DeidentificationMethod, DicomTags.DeidentificationMethodCodeSequence,

        // Clinical trial subject and study
        DicomTags.ClinicalTrialSponsorName, DicomTags.ClinicalTrialProtocolID, DicomTags.ClinicalTrialProtocolName, DicomTags.ClinicalTrialSiteID,
        DicomTags.ClinicalTrialSiteName, DicomTags.ClinicalTrialSubjectID, DicomTags.ClinicalTrialSubjectReadingID, DicomTags.ClinicalTrialTimePointID,
        DicomTags.ClinicalTrialTimePointDescription, DicomTags.ClinicalTrialProtocolEthicsCommitteeName, DicomTags.ClinicalTrialProtocolEthicsCommitteeApprovalNumber,

        // General study
        DicomTags.StudyDescription, DicomTags.ProcedureCodeSequence, DicomTags.IssuerOfAccessionNumberSequence, DicomTags.PhysiciansOfRecord,
        DicomTags.ReferringPhysicianIdentificationSequence, DicomTags.RequestingService, DicomTags.TimezoneOffsetFromUTC,

        // Patient study
        DicomTags.AdmittingDiagnosesDescription, DicomTags.AdmittingDiagnosesCodeSequence, DicomTags.PatientAge, DicomTags.PatientSize, DicomTags.PatientWeight,
        DicomTags.PatientSexNeutered, DicomTags.Occupation, DicomTags.AdmissionID, DicomTags.IssuerOfAdmissionIDSequence,
    ];

    /// <summary>Copies the modules; (0008,0005) of the target is set already.</summary>
    public static void Copy(DicomDataSet source, DicomDataSet target, DicomUid study)
    {
        foreach (DicomTag tag in s_required)
        {
            if (!Copy(source, target, tag))
            {
                target.SetEmpty(tag);
            }
        }

        foreach (DicomTag tag in s_optional)
        {
            Copy(source, target, tag);
        }

        target.SetUid(DicomTags.StudyInstanceUID, study);
    }

    /// <summary>Copies one element in the character set of the target; false when the source has no value that is at hand.</summary>
    public static bool Copy(DicomDataSet source, DicomDataSet target, DicomTag tag)
    {
        if (source.Find(tag) is not { IsEmpty: false, Bulk: null, Fragments: null } element)
        {
            return false;
        }

        if (element.Items is { } items)
        {
            target.SetSequence(tag, [.. items.Select(item => CopyItem(item, target))]);
            return true;
        }

        Vr vr = element.Vr == Vr.UN ? DicomDictionary.FindVr(tag) : element.Vr;
        if (vr == Vr.SQ)
        {
            // A sequence that came as bytes of unknown VR.
            return false;
        }

        if (!vr.UsesCharacterSet())
        {
            target.Set(new DicomElement(tag, vr, element.Value));
            return true;
        }

        string text = source.CharacterSet.Decode(element.Value.Span, vr).TrimEnd(' ', '\0');
        if (text.Length == 0)
        {
            return false;
        }

        target.Set(new DicomElement(tag, vr, target.CharacterSet.Encode(text, vr)));
        return true;
    }

    private static DicomDataSet CopyItem(DicomDataSet source, DicomDataSet scope)
    {
        DicomDataSet item = new(scope);
        foreach (DicomElement element in source)
        {
            if (element.Tag != DicomTags.SpecificCharacterSet && !Copy(source, item, element.Tag) && element.Vr != Vr.UN && !element.IsElsewhere && element.Fragments is null)
            {
                item.SetEmpty(element.Tag);
            }
        }

        return item;
    }
}
