using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp;

/// <summary>
/// Asks a Modality Worklist SCP (PS3.4 annex K, C-FIND) what was ordered of studies. A worklist that does not answer in time is left alone for a while: it
/// never holds up what is to be computed.
/// </summary>
internal sealed class WorklistInquiry(WorklistOptions options, AeRegistryFile registry, TimeProvider time, ILogger<WorklistInquiry> logger)
{
    // A worklist that passes the keys over is not listened to the end.
    private const int MaximumMatches = 200;
    private static readonly PresentationContext s_context = new(DicomUids.ModalityWorklistInformationModelFind, [TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ImplicitVrLittleEndian]);
    private long _notBefore;

    /// <summary>What was ordered of a study; null when that is not known. See <see cref="StudyOrderSource"/>.</summary>
    public async ValueTask<StudyOrder?> AskAsync(StudyRow study, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(study);
        if (time.GetUtcNow().UtcTicks < Interlocked.Read(ref _notBefore))
        {
            ProcedureMetrics.WorklistAsked("resting");
            return null;
        }

        using CancellationTokenSource limit = new(options.Limit, time);
        using CancellationTokenSource any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            ApplicationEntity source = registry.Current.FindDestination(options.Source.Value) ?? throw new DicomNetworkException(NetworkFailure.ConnectFailed, "It is no destination of the AE registry.");
            StudyOrder? order = await AskAsync(source.ToClientOptions(options.Calling), new WorklistQuery(study), any.Token);
            ProcedureMetrics.WorklistAsked(order is null ? "none" : "found");
            if (order is not null)
            {
                Log.OrderLearnt(logger, options.Source.Value, study.Study.Value, order.Priority, order.Procedures.Count);
            }

            return order;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Rest(string.Create(CultureInfo.InvariantCulture, $"It did not answer within {options.Limit.TotalSeconds:0.#} s."));
        }
        catch (DicomNetworkException e)
        {
            Rest(e.Message);
        }
        catch (DimseFailureException e)
        {
            // What it says besides may name the patient.
            Rest($"It answered {DimseStatus.Describe(e.Response.Status)}.");
        }

        return null;
    }

    private static async Task<StudyOrder?> AskAsync(DicomClientOptions source, WorklistQuery query, CancellationToken cancellationToken)
    {
        await using DicomClient client = await DicomClient.ConnectAsync(source, [s_context], cancellationToken);
        StudyOrder? order = null;
        foreach (DicomDataSet identifier in query.Identifiers())
        {
            List<DicomDataSet> matches = [];
            await foreach (DicomDataSet match in client.FindAsync(DicomUids.ModalityWorklistInformationModelFind, identifier, cancellationToken: cancellationToken))
            {
                matches.Add(match);
                if (matches.Count == MaximumMatches)
                {
                    break;
                }
            }

            if (query.Choose(matches) is { Count: > 0 } chosen)
            {
                order = WorklistQuery.ToOrder(chosen);
                break;
            }
        }

        await client.LeaveAsync(cancellationToken);
        return order;
    }

    private void Rest(string reason)
    {
        Interlocked.Exchange(ref _notBefore, (time.GetUtcNow() + options.Rest).UtcTicks);
        ProcedureMetrics.WorklistAsked("failed");
        Log.WorklistAway(logger, options.Source.Value, (int)options.Rest.TotalSeconds, reason);
    }
}
