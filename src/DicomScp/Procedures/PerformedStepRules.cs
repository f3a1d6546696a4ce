using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>
/// The rules of PS3.4 table F.7.2-1, as far as they are held against what modalities send: attributes of type 1, those that N-SET must not change, and
/// those of a final state. Attributes of type 2 that are left out are let pass, as many devices do.
/// </summary>
internal static class PerformedStepRules
{
    private static readonly DicomTag[] s_creation =
    [
        DicomTags.PerformedProcedureStepID, DicomTags.PerformedStationAETitle, DicomTags.PerformedProcedureStepStartDate, DicomTags.PerformedProcedureStepStartTime, DicomTags.Modality,
    ];

    private static readonly DicomTag[] s_final = [DicomTags.PerformedProcedureStepEndDate, DicomTags.PerformedProcedureStepEndTime];

    private static readonly DicomTag[] s_finalSeries = [DicomTags.SeriesInstanceUID, DicomTags.ProtocolName];

    // What N-CREATE has told for good. The sequences are not compared, as nothing is taken from them.
    private static readonly DicomTag[] s_fixed =
    [
        .. s_creation, DicomTags.PatientName, DicomTags.PatientID, DicomTags.PatientBirthDate, DicomTags.PatientSex, DicomTags.PerformedStationName, DicomTags.PerformedLocation, DicomTags.StudyID,
    ];

    private static readonly DicomTag[] s_fixedSequences = [DicomTags.ScheduledStepAttributesSequence, DicomTags.ReferencedPatientSequence];

    /// <summary>What a new step is; null, with the response to it, when it breaks the rules.</summary>
    public static PerformedStep? Create(DicomUid sopInstance, DicomDataSet attributes, string callingAe, out DimseResponse failure)
    {
        attributes.ConvertToUtf8();
        if (ReadStatus(attributes, out failure) is not { } status)
        {
            return null;
        }

        if (status != PerformedStepStatus.InProgress)
        {
            failure = new DimseResponse(DimseStatus.InvalidAttributeValue, "A new step is IN PROGRESS", DicomTags.PerformedProcedureStepStatus);
            return null;
        }

        if (FirstMissing(attributes, s_creation) is { } missing)
        {
            failure = missing;
            return null;
        }

        foreach (DicomDataSet item in NormalizedRequest.FindItems(attributes, DicomTags.ScheduledStepAttributesSequence, out failure))
        {
            if (NormalizedRequest.FindUid(item, DicomTags.StudyInstanceUID, out failure) is null)
            {
                return null;
            }
        }

        return failure.Status == DimseStatus.Success ? ToStep(sopInstance, status, attributes, callingAe, 1) : null;
    }

    /// <summary>What a step is after a change; null, with the response to it, when the change breaks the rules.</summary>
    public static PerformedStep? Change(DicomUid sopInstance, StoredStep stored, DicomDataSet changes, out DimseResponse failure)
    {
        DicomDataSet attributes = DicomDataSet.Parse(stored.DataSet, TransferSyntax.ExplicitVrLittleEndian).Value;
        changes.ConvertToUtf8();
        foreach (DicomTag tag in s_fixed)
        {
            if (changes.Contains(tag) && !changes.GetStrings(tag).SequenceEqual(attributes.GetStrings(tag)))
            {
                failure = new DimseResponse(DimseStatus.InvalidAttributeValue, "The attribute cannot be changed", tag);
                return null;
            }
        }

        foreach (DicomElement element in changes)
        {
            if (!element.Tag.IsGroupLength && !s_fixedSequences.Contains(element.Tag))
            {
                attributes.Set(element);
            }
        }

        if (ReadStatus(attributes, out failure) is not { } status)
        {
            return null;
        }

        if (status != PerformedStepStatus.InProgress && Unfinished(attributes, status) is { } unfinished)
        {
            failure = unfinished;
            return null;
        }

        return ToStep(sopInstance, status, attributes, stored.CallingAe, stored.Revision + 1);
    }

    private static PerformedStepStatus? ReadStatus(DicomDataSet attributes, out DimseResponse failure)
    {
        failure = NormalizedRequest.Missing(attributes, DicomTags.PerformedProcedureStepStatus) ?? default;
        if (failure.Status != DimseStatus.Success)
        {
            return null;
        }

        switch (attributes.GetString(DicomTags.PerformedProcedureStepStatus))
        {
            case "IN PROGRESS":
                return PerformedStepStatus.InProgress;
            case "COMPLETED":
                return PerformedStepStatus.Completed;
            case "DISCONTINUED":
                return PerformedStepStatus.Discontinued;
            default:
                failure = new DimseResponse(DimseStatus.InvalidAttributeValue, "The status is none of the defined ones", DicomTags.PerformedProcedureStepStatus);
                return null;
        }
    }

    // A step that was broken off may have made nothing.
    private static DimseResponse? Unfinished(DicomDataSet attributes, PerformedStepStatus status)
    {
        if (FirstMissing(attributes, s_final) is { } missing)
        {
            return missing;
        }

        IReadOnlyList<DicomDataSet> series = NormalizedRequest.FindItems(attributes, DicomTags.PerformedSeriesSequence, out DimseResponse failure);
        return series.Count == 0 && status == PerformedStepStatus.Completed ? failure : series.Select(item => FirstMissing(item, s_finalSeries)).FirstOrDefault(one => one is not null);
    }

    private static DimseResponse? FirstMissing(DicomDataSet attributes, DicomTag[] tags) => tags.Select(tag => NormalizedRequest.Missing(attributes, tag)).FirstOrDefault(missing => missing is not null);

    private static PerformedStep ToStep(DicomUid sopInstance, PerformedStepStatus status, DicomDataSet attributes, string callingAe, long revision) => new()
    {
        SopInstance = sopInstance,
        Status = status,
        Studies = [.. attributes.GetItems(DicomTags.ScheduledStepAttributesSequence).Select(item => item.GetUid(DicomTags.StudyInstanceUID)).OfType<DicomUid>().Distinct()],
        Instances =
        [
            .. attributes.GetItems(DicomTags.PerformedSeriesSequence)
                .SelectMany(series => series.GetItems(DicomTags.ReferencedImageSequence).Concat(series.GetItems(DicomTags.ReferencedNonImageCompositeSOPInstanceSequence)))
                .Select(reference => reference.GetUid(DicomTags.ReferencedSOPInstanceUID)).OfType<DicomUid>().Distinct(),
        ],
        DataSet = DicomDataSetWriter.ToBytes(attributes, TransferSyntax.ExplicitVrLittleEndian),
        CallingAe = callingAe,
        Revision = revision,
    };
}
