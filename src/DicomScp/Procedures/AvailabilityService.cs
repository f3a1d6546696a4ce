using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp;

/// <summary>Instance Availability Notification as SCP (PS3.4 annex R): N-CREATE. What is told is entered durably, and says when a study is complete.</summary>
internal sealed class AvailabilityService(IProcedureIndex procedures, ILogger<AvailabilityService> logger) : DimseService
{
    private const int MaximumLength = 16 << 20;
    private static readonly string[] s_values = ["ONLINE", "NEARLINE", "OFFLINE", "UNAVAILABLE"];

    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass) => sopClass == DicomUids.InstanceAvailabilityNotification;

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

        if (request.Command.CommandField != DimseCommand.NCreateRequest)
        {
            return new DimseResponse(DimseStatus.UnrecognizedOperation, "The SOP class knows N-CREATE only");
        }

        (DicomDataSet? attributes, DimseResponse failure) = await NormalizedRequest.ReadAsync(request, MaximumLength, cancellationToken);
        DicomUid uid = request.Command.SopInstance ?? DicomUid.NewUid();
        if (attributes is null || Read(uid, attributes, request.Peer.CallingAe, out failure) is not { } notification)
        {
            return failure;
        }

        try
        {
            if (!await procedures.AddAvailabilityAsync(notification, cancellationToken))
            {
                return new DimseResponse(DimseStatus.DuplicateSopInstance, "There is a notification of this UID", DicomTags.AffectedSOPInstanceUID);
            }
        }
        catch (IOException)
        {
            return new DimseResponse(DimseStatus.ResourceLimitation, "The disk of the index is full");
        }
        catch (ArchiveUnavailableException)
        {
            return new DimseResponse(DimseStatus.ProcessingFailure, "The index is not available");
        }

        Log.AvailabilityTold(logger, uid.Value, request.Peer.CallingAe, notification.Study.Value, notification.Instances.Count);
        ProcedureMetrics.AvailabilityTold();
        return new DimseResponse(DimseStatus.Success) { SopInstance = uid };
    }

    // Attributes of type 1 (PS3.4 table R.3.2-1).
    private static AvailabilityNotification? Read(DicomUid uid, DicomDataSet attributes, string callingAe, out DimseResponse failure)
    {
        if (NormalizedRequest.FindUid(attributes, DicomTags.StudyInstanceUID, out failure) is not { } study)
        {
            return null;
        }

        List<DicomUid> instances = [];
        foreach (DicomDataSet series in NormalizedRequest.FindItems(attributes, DicomTags.ReferencedSeriesSequence, out failure))
        {
            if (NormalizedRequest.FindUid(series, DicomTags.SeriesInstanceUID, out failure) is null)
            {
                return null;
            }

            foreach (DicomDataSet item in NormalizedRequest.FindItems(series, DicomTags.ReferencedSOPSequence, out failure))
            {
                if (NormalizedRequest.FindUid(item, DicomTags.ReferencedSOPClassUID, out failure) is null || NormalizedRequest.FindUid(item, DicomTags.ReferencedSOPInstanceUID, out failure) is not { } instance)
                {
                    return null;
                }

                if ((NormalizedRequest.Missing(item, DicomTags.InstanceAvailability) ?? NormalizedRequest.Missing(item, DicomTags.RetrieveAETitle)) is { } missing)
                {
                    failure = missing;
                    return null;
                }

                string availability = item.GetString(DicomTags.InstanceAvailability)!;
                if (!s_values.Contains(availability))
                {
                    failure = new DimseResponse(DimseStatus.InvalidAttributeValue, "The availability is none of the defined ones", DicomTags.InstanceAvailability);
                    return null;
                }

                // What cannot be had need not be waited for.
                if (availability != "UNAVAILABLE")
                {
                    instances.Add(instance);
                }
            }

            if (failure.Status != DimseStatus.Success)
            {
                return null;
            }
        }

        return failure.Status != DimseStatus.Success ? null
            : new AvailabilityNotification(uid, study, instances, DicomDataSetWriter.ToBytes(attributes, TransferSyntax.ExplicitVrLittleEndian), callingAe);
    }
}
