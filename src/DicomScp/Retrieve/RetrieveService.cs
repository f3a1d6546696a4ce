using System.Data.Common;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp;

/// <summary>What C-MOVE and C-GET as SCP have in common (PS3.4 C.4.2 and C.4.3): what is retrieved, and how it is answered.</summary>
public abstract class RetrieveService : DimseService
{
    // Room for some ten thousand UIDs.
    private const int MaxIdentifierLength = 1024 * 1024;

    private readonly IStudyIndex _index;
    private readonly ArchiveReader _archive;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private protected RetrieveService(IStudyIndex index, ArchiveReader archive, TimeProvider time, ILogger logger) =>
        (_index, _archive, _time, _logger) = (index, archive, time, logger);

    /// <summary>The command that the service carries out.</summary>
    private protected abstract ushort CommandField { get; }

    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass, TransferSyntax transferSyntax) => SupportedSopClasses.FindTransferSyntaxes.Contains(transferSyntax);

    /// <summary>Relational retrieval is agreed to when it is proposed; enhanced multi-frame image conversion is not (PS3.4 C.5.2.1 and C.5.3.1).</summary>
    public override byte[]? NegotiateExtended(DicomUid sopClass, ReadOnlySpan<byte> proposed) =>
        proposed.IsEmpty ? null : [proposed[0] == 1 ? (byte)1 : (byte)0, .. proposed.Length > 1 ? [(byte)0] : Array.Empty<byte>()];

    /// <inheritdoc />
    public override async ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        (RetrieveKeys? keys, DimseResponse failure) = await ReadKeysAsync(request, cancellationToken);
        if (keys is null || FindTarget(request, out failure) is not { } target)
        {
            return failure;
        }

        RetrieveSelection selection = new(keys, _index);
        RetrievePlan plan;
        try
        {
            plan = await selection.SurveyAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is ArchiveUnavailableException or DbException)
        {
            return new DimseResponse(DimseStatus.OutOfResourcesMatches, "The index cannot be read");
        }

        SubOperationLedger ledger = new(plan.Total);
        if (plan.Total > 0)
        {
            SubOperationSender sender = new(request, ledger, target.Options, _logger);
            await using RetrieveProgress progress = new(request, ledger, _time, cancellationToken);
            await SendAsync(request, target, selection, plan, sender, cancellationToken);
            if (!request.IsCancelled)
            {
                ledger.FailRest("No longer in the archive");
            }
        }

        DimseResponse response = ledger.Conclude(request.IsCancelled);
        SubOperations counts = response.SubOperations!.Value;
        Log.Retrieved(_logger, target.Name, request.Peer.CallingAe, keys.Level, plan.Total, counts.Completed, counts.Warning, counts.Failed, response.Status);
        return response;
    }

    /// <summary>Where a request sends to; null when that is refused.</summary>
    private protected abstract RetrieveTarget? FindTarget(DimseRequest request, out DimseResponse failure);

    private async ValueTask SendAsync(DimseRequest request, RetrieveTarget target, RetrieveSelection selection, RetrievePlan plan, SubOperationSender sender, CancellationToken cancellationToken)
    {
        try
        {
            await target.SendAsync(plan, Open, sender, cancellationToken);
        }
        catch (Exception exception) when (exception is ArchiveUnavailableException or DbException)
        {
            // What is left is told as failed.
            Log.RetrieveBroken(_logger, target.Name, request.Peer.CallingAe, exception);
        }

        InstanceSupply Open(IReadOnlySet<InstanceKind>? kinds) => new(
            selection.ListAsync(cancellationToken).Where(row => row.Id <= plan.LastId && kinds?.Contains(InstanceKind.Of(row)) != false), _archive, cancellationToken);
    }

    private async ValueTask<(RetrieveKeys? Keys, DimseResponse Failure)> ReadKeysAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        DimseCommand command = request.Command;
        if (command.CommandField != CommandField)
        {
            return (null, new DimseResponse(DimseStatus.UnrecognizedOperation, "The SOP class does not know the command"));
        }

        if (command.SopClass is { } sopClass && sopClass != request.AbstractSyntax)
        {
            return (null, new DimseResponse(DimseStatus.SopClassNotSupported, "The SOP class is not that of the presentation context", DicomTags.AffectedSOPClassUID));
        }

        if (!command.HasDataSet)
        {
            return (null, new DimseResponse(DimseStatus.CannotUnderstand, "The request has no identifier", DicomTags.CommandDataSetType));
        }

        ParseResult<DicomDataSet> identifier = await request.ReadDataSetAsync(MaxIdentifierLength, cancellationToken);
        if (!identifier.Ok)
        {
            return (null, new DimseResponse(DimseStatus.CannotUnderstand, identifier.Error.Kind == DicomErrorKind.TooLarge ? "The identifier is longer than 1 MiB" : "The identifier cannot be read to its end"));
        }

        bool isPatientRoot = SupportedSopClasses.IsPatientRoot(request.AbstractSyntax);
        bool isRelational = request.ExtendedNegotiation is { IsEmpty: false } agreed && agreed.Span[0] == 1;
        return RetrieveKeys.Parse(identifier.Value, isPatientRoot, isRelational, out DimseResponse failure) is { } keys ? (keys, default) : (null, failure);
    }
}
