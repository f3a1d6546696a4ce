using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>The messages of storage commitment (PS3.4 tables J.3-1 and J.3-2).</summary>
internal static class CommitmentMessages
{
    /// <summary>Action Type ID: Request Storage Commitment.</summary>
    public const ushort Request = 1;

    /// <summary>Event Type ID: Storage Commitment Request Successful.</summary>
    public const ushort Successful = 1;

    /// <summary>Event Type ID: Storage Commitment Request Complete, Failures Exist.</summary>
    public const ushort FailuresExist = 2;

    /// <summary>Some 100,000 instances.</summary>
    public const int MaximumLength = 16 << 20;

    /// <summary>The presentation context; both syntaxes, so that nobody is shut out.</summary>
    public static PresentationContext Context(AssociationRoles roles) => new(DicomUids.StorageCommitmentPushModel, [TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ImplicitVrLittleEndian]) { Roles = roles };

    /// <summary>Asks for commitment.</summary>
    public static ValueTask<DimseResponse> RequestAsync(DimseAssociation association, NegotiatedContext context, DicomUid transaction, IReadOnlyList<SopReference> instances, CancellationToken cancellationToken)
    {
        DimseCommand command = new() { CommandField = DimseCommand.NActionRequest, SopClass = DicomUids.StorageCommitmentPushModel, SopInstance = DicomUids.StorageCommitmentPushModelInstance, ActionType = Request };
        DicomDataSet information = new DicomDataSet().SetUid(DicomTags.TransactionUID, transaction).SetSequence(DicomTags.ReferencedSOPSequence, [.. instances.Select(Item)]);
        return association.InvokeAsync(context, command, information, cancellationToken);
    }

    /// <summary>Tells what is committed and what is not.</summary>
    public static ValueTask<DimseResponse> ReportAsync(DimseAssociation association, NegotiatedContext context, DicomUid transaction, string retrieveAe, IReadOnlyList<CommittedReference> found, CancellationToken cancellationToken)
    {
        DicomDataSet[] committed = [.. found.Where(one => one.FailureReason is null).Select(one => Item(one.Reference))];
        DicomDataSet[] failed = [.. found.Where(one => one.FailureReason is not null).Select(one => Item(one.Reference).SetInt(DicomTags.FailureReason, one.FailureReason!.Value))];
        DicomDataSet information = new DicomDataSet().SetString(DicomTags.RetrieveAETitle, retrieveAe).SetUid(DicomTags.TransactionUID, transaction);
        if (committed.Length > 0)
        {
            information.SetSequence(DicomTags.ReferencedSOPSequence, committed);
        }

        if (failed.Length > 0)
        {
            information.SetSequence(DicomTags.FailedSOPSequence, failed);
        }

        DimseCommand command = new()
        {
            CommandField = DimseCommand.NEventReportRequest,
            SopClass = DicomUids.StorageCommitmentPushModel,
            SopInstance = DicomUids.StorageCommitmentPushModelInstance,
            EventType = failed.Length > 0 ? FailuresExist : Successful,
        };
        return association.InvokeAsync(context, command, information, cancellationToken);
    }

    /// <summary>What a request names; none, with the response to it, when it breaks the rules.</summary>
    public static IReadOnlyList<SopReference> ReadRequest(DicomDataSet information, out DicomUid transaction, out DimseResponse failure)
    {
        transaction = default;
        if (NormalizedRequest.FindUid(information, DicomTags.TransactionUID, out failure) is not { } uid)
        {
            return [];
        }

        transaction = uid;
        List<SopReference> references = [];
        foreach (DicomDataSet item in NormalizedRequest.FindItems(information, DicomTags.ReferencedSOPSequence, out failure))
        {
            if (ReadItem(item, out failure) is not { } reference)
            {
                return [];
            }

            references.Add(reference);
        }

        return references;
    }

    /// <summary>What a report tells; the response to it when it breaks the rules.</summary>
    public static DimseResponse? ReadReport(DicomDataSet information, out DicomUid transaction, out Dictionary<DicomUid, ushort?> told)
    {
        transaction = default;
        told = [];
        if (NormalizedRequest.FindUid(information, DicomTags.TransactionUID, out DimseResponse failure) is not { } uid)
        {
            return failure;
        }

        transaction = uid;
        foreach (DicomDataSet item in information.GetItems(DicomTags.ReferencedSOPSequence))
        {
            if (ReadItem(item, out failure) is not { } reference)
            {
                return failure;
            }

            told[reference.SopInstance] = null;
        }

        // One that stands in both is not safe.
        foreach (DicomDataSet item in information.GetItems(DicomTags.FailedSOPSequence))
        {
            if (ReadItem(item, out failure) is not { } reference)
            {
                return failure;
            }

            told[reference.SopInstance] = item.GetInt32(DicomTags.FailureReason) is { } reason and >= 0 and <= ushort.MaxValue ? (ushort)reason : CommitmentFailure.Processing;
        }

        return null;
    }

    private static DicomDataSet Item(SopReference reference) => new DicomDataSet().SetUid(DicomTags.ReferencedSOPClassUID, reference.SopClass).SetUid(DicomTags.ReferencedSOPInstanceUID, reference.SopInstance);

    private static SopReference? ReadItem(DicomDataSet item, out DimseResponse failure) =>
        NormalizedRequest.FindUid(item, DicomTags.ReferencedSOPClassUID, out failure) is { } sopClass && NormalizedRequest.FindUid(item, DicomTags.ReferencedSOPInstanceUID, out failure) is { } sopInstance
            ? new SopReference(sopClass, sopInstance)
            : null;
}
