using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp;

/// <summary>
/// Modality Performed Procedure Step as SCP (PS3.4 annex F): N-CREATE and N-SET of the SOP class, N-GET of its Retrieve SOP class. What modalities tell
/// is entered durably, and says when a study is complete.
/// </summary>
internal sealed class PerformedStepService(IProcedureIndex procedures, ILogger<PerformedStepService> logger) : DimseService
{
    // Error ID (0000,0903): the step has ended (PS3.4 F.7.2.2.2).
    private const ushort MayNoLongerBeUpdated = 0xA710;

    // Steps name each of their instances.
    private const int MaximumLength = 16 << 20;
    private const int MaximumTries = 10;

    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass) => sopClass == DicomUids.ModalityPerformedProcedureStep || sopClass == DicomUids.ModalityPerformedProcedureStepRetrieve;

    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass, TransferSyntax transferSyntax) => SupportedSopClasses.NormalizedTransferSyntaxes.Contains(transferSyntax);

    /// <inheritdoc />
    public override async ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!NormalizedRequest.IsOfContext(request, out DimseResponse? refusal))
        {
            return refusal.Value;
        }

        bool isRetrieve = request.AbstractSyntax == DicomUids.ModalityPerformedProcedureStepRetrieve;
        try
        {
            return request.Command.CommandField switch
            {
                DimseCommand.NCreateRequest when !isRetrieve => await CreateAsync(request, cancellationToken),
                DimseCommand.NSetRequest when !isRetrieve => await ChangeAsync(request, cancellationToken),
                DimseCommand.NGetRequest when isRetrieve => await GetAsync(request, cancellationToken),
                _ => new DimseResponse(DimseStatus.UnrecognizedOperation, isRetrieve ? "The SOP class knows N-GET only" : "The SOP class knows N-CREATE and N-SET only"),
            };
        }
        catch (IOException)
        {
            return new DimseResponse(DimseStatus.ResourceLimitation, "The disk of the index is full");
        }
        catch (ArchiveUnavailableException)
        {
            return new DimseResponse(DimseStatus.ProcessingFailure, "The index is not available");
        }
    }

    private async ValueTask<DimseResponse> CreateAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        (DicomDataSet? attributes, DimseResponse failure) = await NormalizedRequest.ReadAsync(request, MaximumLength, cancellationToken);
        if (attributes is null)
        {
            return failure;
        }

        // One without UID gets one of us (PS3.7 10.1.5.1.4).
        DicomUid uid = request.Command.SopInstance ?? DicomUid.NewUid();
        if (PerformedStepRules.Create(uid, attributes, request.Peer.CallingAe, out failure) is not { } step)
        {
            return failure;
        }

        if (!await procedures.AddStepAsync(step, cancellationToken))
        {
            return new DimseResponse(DimseStatus.DuplicateSopInstance, "There is a step of this UID", DicomTags.AffectedSOPInstanceUID);
        }

        Tell(step, request);
        return new DimseResponse(DimseStatus.Success) { SopInstance = uid };
    }

    private async ValueTask<DimseResponse> ChangeAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        (DicomDataSet? changes, DimseResponse failure) = await NormalizedRequest.ReadAsync(request, MaximumLength, cancellationToken);
        if (changes is null)
        {
            return failure;
        }

        for (int i = 0; i < MaximumTries; i++)
        {
            if (request.Command.SopInstance is not { } uid || await procedures.FindStepAsync(uid, cancellationToken) is not { } stored)
            {
                return new DimseResponse(DimseStatus.NoSuchSopInstance, "There is no step of this UID", DicomTags.RequestedSOPInstanceUID);
            }

            if (stored.Status != PerformedStepStatus.InProgress)
            {
                return new DimseResponse(DimseStatus.ProcessingFailure, "Performed Procedure Step Object may no longer be updated") { ErrorId = MayNoLongerBeUpdated };
            }

            if (PerformedStepRules.Change(uid, stored, changes, out failure) is not { } step)
            {
                return failure;
            }

            // False: another change came in between, and this one follows it.
            if (await procedures.ReplaceStepAsync(step, cancellationToken))
            {
                Tell(step, request);
                return new DimseResponse(DimseStatus.Success);
            }
        }

        return new DimseResponse(DimseStatus.ProcessingFailure, "The step is being changed by others");
    }

    private async ValueTask<DimseResponse> GetAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        if (request.Command.SopInstance is not { } uid || await procedures.FindStepAsync(uid, cancellationToken) is not { } stored)
        {
            return new DimseResponse(DimseStatus.NoSuchSopInstance, "There is no step of this UID", DicomTags.RequestedSOPInstanceUID);
        }

        DicomDataSet attributes = DicomDataSet.Parse(stored.DataSet, TransferSyntax.ExplicitVrLittleEndian).Value;
        if (request.Command.AttributeIdentifiers is { Count: > 0 } wanted)
        {
            HashSet<DicomTag> kept = [.. wanted, DicomTags.SpecificCharacterSet];
            foreach (DicomTag tag in attributes.Select(element => element.Tag).Where(tag => !kept.Contains(tag)).ToArray())
            {
                attributes.Remove(tag);
            }
        }

        return new DimseResponse(DimseStatus.Success) { DataSet = attributes };
    }

    private void Tell(PerformedStep step, DimseRequest request)
    {
        Log.StepTold(logger, step.SopInstance.Value, request.Peer.CallingAe, step.Status, step.Instances.Count);
        ProcedureMetrics.StepTold(step.Status);
    }
}
