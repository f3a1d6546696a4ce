using System.Runtime.CompilerServices;
using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.DicomScp;

/// <summary>The instances that an identifier names, as the index knows them. None is held: they are listed anew each time.</summary>
internal sealed class RetrieveSelection(RetrieveKeys keys, IStudyIndex index)
{
    // Instances come study by study.
    private (DicomUid Study, bool IsOfPatient)? _asked;

    /// <summary>Looks through them.</summary>
    public async ValueTask<RetrievePlan> SurveyAsync(CancellationToken cancellationToken)
    {
        long total = 0;
        long last = 0;
        HashSet<InstanceKind> seen = [];
        List<InstanceKind> kinds = [];
        await foreach (InstanceRow row in ListAsync(cancellationToken))
        {
            total++;
            last = Math.Max(last, row.Id);
            InstanceKind kind = InstanceKind.Of(row);
            if (seen.Add(kind))
            {
                kinds.Add(kind);
            }
        }

        return new RetrievePlan(total, last, kinds);
    }

    /// <summary>Lists them, each once.</summary>
    public async IAsyncEnumerable<InstanceRow> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (keys.Level == QueryLevel.Image)
        {
            foreach (DicomUid instance in keys.Instances)
            {
                if (await index.FindInstanceAsync(instance, cancellationToken) is { } row && IsWithin(row) && await IsOfPatientAsync(row.Identity.Study, cancellationToken))
                {
                    yield return row;
                }
            }

            yield break;
        }

        await foreach ((DicomUid study, DicomUid? series) in ListContainersAsync(cancellationToken))
        {
            if (await IsOfPatientAsync(study, cancellationToken))
            {
                await foreach (InstanceRow row in index.ListInstancesAsync(study, series, cancellationToken))
                {
                    yield return row;
                }
            }
        }
    }

    private bool IsWithin(InstanceRow row) =>
        (keys.Studies.Count == 0 || keys.Studies.Contains(row.Identity.Study)) && (keys.Series.Count == 0 || keys.Series.Contains(row.Identity.Series));

    /// <summary>The studies or series that are named.</summary>
    private async IAsyncEnumerable<(DicomUid Study, DicomUid? Series)> ListContainersAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (keys.Level == QueryLevel.Patient)
        {
            await foreach (IndexMatch match in index.FindAsync(new IndexQuery(IndexLevel.Study).With(DicomTags.PatientID, keys.PatientId!), cancellationToken))
            {
                yield return (match.Study.Study, null);
            }
        }
        else if (keys.Level == QueryLevel.Study)
        {
            foreach (DicomUid study in keys.Studies)
            {
                yield return (study, null);
            }
        }
        else
        {
            foreach (DicomUid series in keys.Series)
            {
                if (keys.Studies.Count > 0)
                {
                    foreach (DicomUid study in keys.Studies)
                    {
                        yield return (study, series);
                    }
                }
                else
                {
                    await foreach (IndexMatch match in index.FindAsync(new IndexQuery(IndexLevel.Series).With(DicomTags.SeriesInstanceUID, series.Value), cancellationToken))
                    {
                        yield return (match.Study.Study, series);
                    }
                }
            }
        }
    }

    private async ValueTask<bool> IsOfPatientAsync(DicomUid study, CancellationToken cancellationToken)
    {
        if (keys.PatientId is null)
        {
            return true;
        }

        if (_asked is not { } asked || asked.Study != study)
        {
            StudyRow? row = await index.FindStudyAsync(study, cancellationToken);
            asked = (study, row is not null && DicomJson.Parse(row.Attributes.Span).Value.GetString(DicomTags.PatientID) == keys.PatientId);
            _asked = asked;
        }

        return asked.IsOfPatient;
    }
}

/// <summary>What is to be retrieved.</summary>
/// <param name="Total">The number of instances.</param>
/// <param name="LastId">The highest number of a row among them: those that came later are left out.</param>
/// <param name="Kinds">What has to be negotiated for them.</param>
internal sealed record RetrievePlan(long Total, long LastId, IReadOnlyList<InstanceKind> Kinds);

/// <summary>What has to be negotiated for an instance.</summary>
/// <param name="SopClass">Its SOP class.</param>
/// <param name="TransferSyntax">The transfer syntax in which it is stored.</param>
internal readonly record struct InstanceKind(DicomUid SopClass, TransferSyntax TransferSyntax)
{
    /// <summary>That of an instance.</summary>
    public static InstanceKind Of(InstanceRow row) => new(row.Identity.SopClass, row.TransferSyntax);
}
