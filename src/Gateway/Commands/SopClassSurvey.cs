using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Gateway;

/// <summary>
/// Asks a peer by C-FIND which SOP classes what is to be retrieved has: by SOP Classes in Study, which is optional, else by an image of each
/// series. C-GET has to propose them before anything comes.
/// </summary>
internal sealed class SopClassSurvey
{
    private const int MaxSeries = 200;

    private readonly DicomClient _client;
    private readonly DicomUid _model;
    private readonly DicomDataSet _identifier;
    private readonly CancellationToken _cancellationToken;
    private readonly HashSet<DicomUid> _classes = [];
    private int _series;

    private SopClassSurvey(DicomClient client, DicomUid model, DicomDataSet identifier, CancellationToken cancellationToken) =>
        (_client, _model, _identifier, _cancellationToken) = (client, model, identifier, cancellationToken);

    /// <summary>The SOP classes; those that were told until something failed, and none from a peer that cannot be queried.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="isPatientRoot">Whether it is retrieved by the Patient Root information model.</param>
    /// <param name="identifier">What is to be retrieved.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<IReadOnlyList<DicomUid>> AskAsync(Peer peer, bool isPatientRoot, DicomDataSet identifier, CancellationToken cancellationToken)
    {
        DicomUid model = isPatientRoot ? DicomUids.PatientRootQueryRetrieveInformationModelFind : DicomUids.StudyRootQueryRetrieveInformationModelFind;
        SopClassSurvey? survey = null;
        try
        {
            await peer.CallAsync<object?>(
                [new PresentationContext(model, [TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ImplicitVrLittleEndian])],
                async client =>
                {
                    survey = new SopClassSurvey(client, model, identifier, cancellationToken);
                    await survey.AskStudiesAsync();
                    return null;
                },
                cancellationToken);
        }
        catch (CommandFailedException)
        {
            // It may be retrieved nevertheless; whether it is there at all the retrieve tells.
        }

        return survey is null ? [] : [.. survey._classes];
    }

    private async Task AskStudiesAsync()
    {
        List<string> silent = [];
        await foreach (DicomDataSet study in FindAsync("STUDY", Key(DicomTags.StudyInstanceUID), DicomTags.SOPClassesInStudy))
        {
            DicomUid[] told = [.. study.GetStrings(DicomTags.SOPClassesInStudy).Select(uid => new DicomUid(uid)).Where(uid => uid.IsValid)];
            _classes.UnionWith(told);
            if (told.Length == 0 && study.GetString(DicomTags.StudyInstanceUID) is { } uid)
            {
                silent.Add(uid);
            }
        }

        foreach (string study in silent)
        {
            await AskSeriesAsync(study);
        }
    }

    private async Task AskSeriesAsync(string study)
    {
        List<string> all = [];
        await foreach (DicomDataSet series in FindAsync("SERIES", Key(DicomTags.SeriesInstanceUID), DicomTags.Modality, (DicomTags.StudyInstanceUID, [study])))
        {
            if (series.GetString(DicomTags.SeriesInstanceUID) is { } uid)
            {
                all.Add(uid);
            }
        }

        foreach (string series in all)
        {
            if (_series++ == MaxSeries)
            {
                return;
            }

            await foreach (DicomDataSet image in FindAsync("IMAGE", Key(DicomTags.SOPInstanceUID), DicomTags.SOPClassUID, (DicomTags.StudyInstanceUID, [study]), (DicomTags.SeriesInstanceUID, [series])))
            {
                if (image.GetUid(DicomTags.SOPClassUID) is { IsValid: true } sopClass)
                {
                    _classes.Add(sopClass);
                }

                break; // A series is of one SOP class, but for rare exceptions.
            }
        }
    }

    private (DicomTag Tag, string[] Values) Key(DicomTag tag) => (tag, _identifier.GetStrings(tag));

    private IAsyncEnumerable<DicomDataSet> FindAsync(string level, (DicomTag Tag, string[] Values) unique, DicomTag wanted, params (DicomTag Tag, string[] Values)[] above)
    {
        DicomDataSet keys = new();
        keys.SetString(DicomTags.QueryRetrieveLevel, level);
        keys.SetEmpty(wanted);
        foreach ((DicomTag tag, string[] values) in (ReadOnlySpan<(DicomTag Tag, string[] Values)>)[Key(DicomTags.PatientID), .. above, unique])
        {
            if (values.Length > 0)
            {
                keys.SetString(tag, values);
            }
            else if (tag == unique.Tag)
            {
                keys.SetEmpty(tag);
            }
        }

        return _client.FindAsync(_model, keys, cancellationToken: _cancellationToken);
    }
}
