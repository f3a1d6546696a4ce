namespace MedicalAi.Dicom.Network;

/// <summary>Why an association failed.</summary>
public enum NetworkFailure
{
    /// <summary>No connection could be opened.</summary>
    ConnectFailed,

    /// <summary>The peer rejected the association; see <see cref="AssociationRejectedException"/>.</summary>
    Rejected,

    /// <summary>The peer aborted the association; see <see cref="AssociationAbortedException"/>.</summary>
    Aborted,

    /// <summary>The connection broke or was closed.</summary>
    ConnectionLost,

    /// <summary>The peer did not send or take anything in time.</summary>
    TimedOut,

    /// <summary>The peer broke the protocol; it got an A-ABORT.</summary>
    ProtocolError,

    /// <summary>No accepted presentation context fits; the association goes on.</summary>
    NotNegotiated,

    /// <summary>We are stopping.</summary>
    Stopped,
}

/// <summary>An association failed, or cannot do what was asked. The message carries no patient data.</summary>
public class DicomNetworkException : Exception
{
    /// <summary>Makes one.</summary>
    public DicomNetworkException(NetworkFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>The cause.</summary>
    public NetworkFailure Failure { get; }
}

/// <summary>The peer rejected the association (PS3.8 table 9-21).</summary>
public sealed class AssociationRejectedException : DicomNetworkException
{
    internal AssociationRejectedException(AssociateReject reject)
        : base(NetworkFailure.Rejected, $"The association was rejected: {RejectReasons.Describe(reject.Result, reject.Source, reject.Reason)}.") =>
        (Result, RejectSource, Reason) = (reject.Result, reject.Source, reject.Reason);

    /// <summary>1 permanent, 2 transient.</summary>
    public byte Result { get; }

    /// <summary>1 service user, 2 service provider (ACSE), 3 service provider (presentation).</summary>
    public byte RejectSource { get; }

    /// <summary>The reason, whose meaning depends on the source.</summary>
    public byte Reason { get; }

    /// <summary>Whether the same request may succeed later.</summary>
    public bool IsTransient => Result == 2;
}

/// <summary>The peer aborted the association (PS3.8 table 9-26).</summary>
public sealed class AssociationAbortedException : DicomNetworkException
{
    internal AssociationAbortedException(AbortPdu abort)
        : base(NetworkFailure.Aborted, $"The peer aborted the association ({RejectReasons.DescribeAbort(abort.Source, abort.Reason)}).") =>
        (AbortSource, Reason) = (abort.Source, abort.Reason);

    /// <summary>0 service user, 2 service provider.</summary>
    public byte AbortSource { get; }

    /// <summary>The reason, when the source is the service provider.</summary>
    public byte Reason { get; }
}

/// <summary>A peer answered an operation with a failure. The association goes on.</summary>
public sealed class DimseFailureException : Exception
{
    /// <summary>Makes one.</summary>
    public DimseFailureException(DimseResponse response)
        : base($"The peer answered {DimseStatus.Describe(response.Status)} ({DimseStatus.Name(response.Status)}){(response.ErrorComment is { } comment ? ": " + comment : "")}.") => Response = response;

    /// <summary>What it answered.</summary>
    public DimseResponse Response { get; }
}
