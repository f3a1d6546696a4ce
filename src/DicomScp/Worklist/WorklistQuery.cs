using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.DicomScp;

/// <summary>The identifiers of a Modality Worklist query (PS3.4 table K.6-1) for what was ordered of a study, and what its matches tell.</summary>
internal sealed class WorklistQuery
{
    private readonly DicomUid _study;
    private readonly IReadOnlyList<string> _modalities;
    private readonly string? _patientId;
    private readonly string? _accessionNumber;

    /// <param name="study">The study.</param>
    public WorklistQuery(StudyRow study)
    {
        ParseResult<DicomDataSet> attributes = DicomJson.Parse(study.Attributes.Span);
        _study = study.Study;
        _modalities = study.Modalities;
        _patientId = attributes.Ok ? attributes.Value.GetString(DicomTags.PatientID) : null;
        _accessionNumber = attributes.Ok ? attributes.Value.GetString(DicomTags.AccessionNumber) : null;
    }

    /// <summary>
    /// The identifiers, one after the other to be tried until one has matches that are of the study. The patient's identifier comes first: it is a
    /// required key of every worklist, and its few matches tell all the others.
    /// </summary>
    public IEnumerable<DicomDataSet> Identifiers()
    {
        if (IsSingle(_patientId))
        {
            yield return Identifier(DicomTags.PatientID, _patientId!);
        }

        if (IsSingle(_accessionNumber))
        {
            yield return Identifier(DicomTags.AccessionNumber, _accessionNumber!);
        }

        yield return Identifier(DicomTags.StudyInstanceUID, _study.Value);
    }

    /// <summary>Those of the matches of a query that are of the study: by its UID, else by its accession number, else the only one of the patient that can be.</summary>
    public IReadOnlyList<DicomDataSet> Choose(IReadOnlyList<DicomDataSet> matches)
    {
        // Keys other than the required ones may be passed over by the worklist.
        DicomDataSet[] byStudy = [.. matches.Where(match => match.GetUid(DicomTags.StudyInstanceUID) == _study)];
        DicomDataSet[] byAccession = _accessionNumber is null ? [] : [.. matches.Where(match => match.GetString(DicomTags.AccessionNumber) == _accessionNumber)];
        return byStudy.Length > 0 ? byStudy
            : byAccession.Length > 0 ? byAccession
            : matches is [{ } only] && IsOfPatient(only) ? matches
            : [];
    }

    /// <summary>What was ordered.</summary>
    public static StudyOrder ToOrder(IReadOnlyList<DicomDataSet> matches) => new(
        matches.Select(match => Priority(match.GetString(DicomTags.RequestedProcedurePriority))).Max(),
        [
            .. matches.SelectMany(match => match.GetItems(DicomTags.RequestedProcedureCodeSequence)
                .Concat(match.GetItems(DicomTags.ScheduledProcedureStepSequence).SelectMany(step => step.GetItems(DicomTags.ScheduledProtocolCodeSequence))))
                .Select(code => new ProcedureCode(code.GetString(DicomTags.CodeValue) ?? "", code.GetString(DicomTags.CodingSchemeDesignator) ?? "", code.GetString(DicomTags.CodeMeaning) ?? ""))
                .Where(code => code.Value.Length > 0)
                .Distinct(),
        ]);

    private static TaskPriority? Priority(string? priority) => priority switch
    {
        "STAT" => TaskPriority.Stat,
        "HIGH" => TaskPriority.High,
        "ROUTINE" or "MEDIUM" => TaskPriority.Routine,
        "LOW" => TaskPriority.Low,
        _ => null,
    };

    // What would be a wild card or a list is no key.
    private static bool IsSingle(string? value) => value is not null && !value.AsSpan().ContainsAny('*', '?', '\\');

    private static DicomDataSet Identifier(DicomTag key, string value)
    {
        DicomDataSet identifier = WorklistKeys.All();
        if (!System.Text.Ascii.IsValid(value))
        {
            identifier.SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192");
        }

        return identifier.SetString(key, value);
    }

    // The modality of the scheduled step was used, and no accession number says otherwise.
    private bool IsOfPatient(DicomDataSet match) =>
        match.GetString(DicomTags.PatientID) == _patientId
        && _patientId is not null
        && (_accessionNumber is null || match.GetString(DicomTags.AccessionNumber) is null)
        && match.GetItems(DicomTags.ScheduledProcedureStepSequence).Any(step => _modalities.Contains(step.GetString(DicomTags.Modality)));
}
