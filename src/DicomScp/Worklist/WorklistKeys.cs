using MedicalAi.Dicom;

namespace MedicalAi.DicomScp;

/// <summary>The keys of a Modality Worklist query (PS3.4 table K.6-1).</summary>
public static class WorklistKeys
{
    private static readonly HashSet<DicomTag> s_ofStep =
    [
        DicomTags.ScheduledStationAETitle, DicomTags.ScheduledProcedureStepStartDate, DicomTags.ScheduledProcedureStepStartTime, DicomTags.ScheduledProcedureStepEndDate,
        DicomTags.ScheduledProcedureStepEndTime, DicomTags.Modality, DicomTags.ScheduledPerformingPhysicianName, DicomTags.ScheduledProcedureStepDescription,
        DicomTags.ScheduledStationName, DicomTags.ScheduledProcedureStepLocation, DicomTags.ScheduledProtocolCodeSequence, DicomTags.PreMedication,
        DicomTags.ScheduledProcedureStepID, DicomTags.ScheduledProcedureStepStatus,
    ];

    /// <summary>Whether an attribute is one of the items of Scheduled Procedure Step Sequence (0040,0100).</summary>
    public static bool IsOfStep(DicomTag tag) => s_ofStep.Contains(tag);

    /// <summary>An identifier that asks for what tells a scheduled step from others, of all that are scheduled: keys are to be set in it.</summary>
    public static DicomDataSet All()
    {
        DicomDataSet step = new DicomDataSet()
            .SetEmpty(DicomTags.Modality)
            .SetEmpty(DicomTags.ScheduledStationAETitle)
            .SetEmpty(DicomTags.ScheduledProcedureStepStartDate)
            .SetEmpty(DicomTags.ScheduledProcedureStepStartTime)
            .SetEmpty(DicomTags.ScheduledProcedureStepDescription)
            .SetEmpty(DicomTags.ScheduledProcedureStepID)
            .SetSequence(DicomTags.ScheduledProtocolCodeSequence, Code());
        return new DicomDataSet()
            .SetEmpty(DicomTags.AccessionNumber)
            .SetEmpty(DicomTags.PatientName)
            .SetEmpty(DicomTags.PatientID)
            .SetEmpty(DicomTags.StudyInstanceUID)
            .SetEmpty(DicomTags.RequestedProcedureDescription)
            .SetSequence(DicomTags.RequestedProcedureCodeSequence, Code())
            .SetSequence(DicomTags.ScheduledProcedureStepSequence, step)
            .SetEmpty(DicomTags.RequestedProcedureID)
            .SetEmpty(DicomTags.RequestedProcedurePriority);
    }

    private static DicomDataSet Code() => new DicomDataSet().SetEmpty(DicomTags.CodeValue).SetEmpty(DicomTags.CodingSchemeDesignator).SetEmpty(DicomTags.CodeMeaning);
}
