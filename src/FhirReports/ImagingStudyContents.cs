using System.Globalization;
using Hl7.Fhir.Model;
using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.FhirReports;

/// <summary>
/// Fills an ImagingStudy with the series and instances that the archive holds at the time of reading, our own results among them.
/// Its version then is that of the resource and the revision of the study.
/// </summary>
/// <param name="index">The studies.</param>
/// <param name="maximumInstances">The most instances that the studies of one answer name together.</param>
internal sealed class ImagingStudyContents(IStudyIndex index, int maximumInstances)
{
    // Studies beyond the limit name their series and how many instances they have; the instances are found by DICOMweb.
    private int _remaining = maximumInstances;

    public async System.Threading.Tasks.Task FillAsync(ImagingStudy study, CancellationToken cancellationToken)
    {
        string? urn = study.Identifier.Find(identifier => identifier.System == FhirConcepts.DicomUidSystem)?.Value;
        if (urn is null || !DicomUid.TryParse(urn.Replace("urn:oid:", "", StringComparison.Ordinal), out DicomUid uid)
            || await index.FindStudyAsync(uid, cancellationToken) is not { } row)
        {
            return;
        }

        study.NumberOfSeries = row.NumberOfSeries;
        study.NumberOfInstances = row.NumberOfInstances;
        study.Modality = [.. row.Modalities.Select(Modality)];
        study.Meta!.VersionId = string.Create(CultureInfo.InvariantCulture, $"{study.Meta.VersionId}.{row.Revision}");
        study.Meta.LastUpdated = study.Meta.LastUpdated > row.UpdatedAt ? study.Meta.LastUpdated : row.UpdatedAt;
        Dictionary<DicomUid, ImagingStudy.SeriesComponent> series = [];
        await foreach (IndexMatch match in index.FindAsync(new IndexQuery(IndexLevel.Series).With(DicomTags.StudyInstanceUID, uid.Value), cancellationToken))
        {
            ImagingStudy.SeriesComponent component = Series(match.Series!);
            series[match.Series!.Series] = component;
            study.Series.Add(component);
        }

        if (row.NumberOfInstances > _remaining)
        {
            return;
        }

        _remaining -= row.NumberOfInstances;

        await foreach (InstanceRow instance in index.ListInstancesAsync(uid, null, cancellationToken))
        {
            if (series.TryGetValue(instance.Identity.Series, out ImagingStudy.SeriesComponent? component))
            {
                component.Instance.Add(new ImagingStudy.InstanceComponent
                {
                    Uid = instance.Identity.SopInstance.Value,
                    SopClass = new Coding("urn:ietf:rfc:3986", FhirConcepts.ToUrn(instance.Identity.SopClass)),
                    Number = instance.InstanceNumber is >= 0 and <= int.MaxValue ? (int)instance.InstanceNumber : null,
                });
            }
        }
    }

    private static ImagingStudy.SeriesComponent Series(SeriesRow row)
    {
        ParseResult<DicomDataSet> parsed = DicomJson.Parse(row.Attributes.Span);
        DicomDataSet attributes = parsed.Ok ? parsed.Value : new DicomDataSet();
        return new ImagingStudy.SeriesComponent
        {
            Uid = row.Series.Value,
            Number = attributes.GetInt32(DicomTags.SeriesNumber) is { } number and >= 0 ? number : null,
            Modality = Modality(FhirConcepts.Clean(row.Modality) ?? "OT"),
            Description = FhirConcepts.Clean(attributes.GetString(DicomTags.SeriesDescription)),
            NumberOfInstances = row.NumberOfInstances,
            BodySite = FhirConcepts.Clean(attributes.GetString(DicomTags.BodyPartExamined)) is { } part ? new Coding { Display = part } : null,
        };
    }

    private static Coding Modality(string code) => new(FhirConcepts.Dicom, code);
}
