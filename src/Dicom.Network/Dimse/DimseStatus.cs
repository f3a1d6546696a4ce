namespace MedicalAi.Dicom.Network;

/// <summary>Status codes of DIMSE responses (PS3.7 annex C, PS3.4 B.2.3).</summary>
public static class DimseStatus
{
    /// <summary>Success.</summary>
    public const ushort Success = 0x0000;

    /// <summary>Failure: processing failure.</summary>
    public const ushort ProcessingFailure = 0x0110;

    /// <summary>Failure: no such attribute.</summary>
    public const ushort NoSuchAttribute = 0x0105;

    /// <summary>Failure: invalid attribute value.</summary>
    public const ushort InvalidAttributeValue = 0x0106;

    /// <summary>Failure: duplicate SOP instance; the SOP Instance UID is taken by other content.</summary>
    public const ushort DuplicateSopInstance = 0x0111;

    /// <summary>Failure: no such SOP instance.</summary>
    public const ushort NoSuchSopInstance = 0x0112;

    /// <summary>Failure: no such event type.</summary>
    public const ushort NoSuchEventType = 0x0113;

    /// <summary>Failure: no such argument.</summary>
    public const ushort NoSuchArgument = 0x0114;

    /// <summary>Failure: invalid argument value.</summary>
    public const ushort InvalidArgumentValue = 0x0115;

    /// <summary>Failure: invalid SOP instance; the SOP Instance UID breaks the rules of UIDs.</summary>
    public const ushort InvalidSopInstance = 0x0117;

    /// <summary>Failure: no such SOP class.</summary>
    public const ushort NoSuchSopClass = 0x0118;

    /// <summary>Failure: class-instance conflict; the SOP instance is of another class.</summary>
    public const ushort ClassInstanceConflict = 0x0119;

    /// <summary>Failure: missing attribute.</summary>
    public const ushort MissingAttribute = 0x0120;

    /// <summary>Failure: missing attribute value.</summary>
    public const ushort MissingAttributeValue = 0x0121;

    /// <summary>Failure: SOP class not supported.</summary>
    public const ushort SopClassNotSupported = 0x0122;

    /// <summary>Failure: no such action type.</summary>
    public const ushort NoSuchActionType = 0x0123;

    /// <summary>Failure: refused, not authorized.</summary>
    public const ushort NotAuthorized = 0x0124;

    /// <summary>Failure: duplicate invocation; the message ID is in use.</summary>
    public const ushort DuplicateInvocation = 0x0210;

    /// <summary>Failure: unrecognized operation.</summary>
    public const ushort UnrecognizedOperation = 0x0211;

    /// <summary>Failure: mistyped argument.</summary>
    public const ushort MistypedArgument = 0x0212;

    /// <summary>Failure: resource limitation.</summary>
    public const ushort ResourceLimitation = 0x0213;

    /// <summary>Failure: refused, out of resources.</summary>
    public const ushort OutOfResources = 0xA700;

    /// <summary>Failure of C-MOVE and C-GET: refused, out of resources, unable to calculate the number of matches.</summary>
    public const ushort OutOfResourcesMatches = 0xA701;

    /// <summary>Failure of C-MOVE and C-GET: refused, out of resources, unable to perform sub-operations.</summary>
    public const ushort OutOfResourcesSubOperations = 0xA702;

    /// <summary>Failure of C-MOVE: refused, move destination unknown.</summary>
    public const ushort MoveDestinationUnknown = 0xA801;

    /// <summary>Failure: data set does not match SOP class.</summary>
    public const ushort DataSetDoesNotMatch = 0xA900;

    /// <summary>Warning of C-MOVE and C-GET: sub-operations complete, one or more failures or warnings.</summary>
    public const ushort SubOperationsWithFailures = 0xB000;

    /// <summary>Failure: cannot understand.</summary>
    public const ushort CannotUnderstand = 0xC000;

    /// <summary>Cancel: matching ended because of a C-CANCEL.</summary>
    public const ushort Cancel = 0xFE00;

    /// <summary>Pending: a match, with more to come; all keys are supported.</summary>
    public const ushort Pending = 0xFF00;

    /// <summary>Pending: a match, with more to come; some optional keys are not supported (PS3.4 table C.4-1).</summary>
    public const ushort PendingWithUnsupportedKeys = 0xFF01;

    /// <summary>Whether a status is that of a response that others follow.</summary>
    public static bool IsPending(ushort status) => status is Pending or PendingWithUnsupportedKeys;

    /// <summary>Whether a status means that what was asked was done: success or a warning (PS3.7 annex C, PS3.4 table B.2-1).</summary>
    public static bool IsSuccess(ushort status) => status is Success || IsWarning(status);

    /// <summary>Whether a status is a warning (PS3.7 C.3).</summary>
    public static bool IsWarning(ushort status) => status is 0x0001 or 0x0107 or 0x0116 || (status & 0xF000) == 0xB000;

    /// <summary>The meaning of a status, in words; those that mean different things for different services, as for C-STORE.</summary>
    public static string Describe(ushort status) => status switch
    {
        Success => "success",
        ProcessingFailure => "processing failure",
        NoSuchAttribute => "no such attribute",
        InvalidAttributeValue => "invalid attribute value",
        0x0107 => "attribute list error",
        DuplicateSopInstance => "duplicate SOP instance",
        NoSuchSopInstance => "no such SOP instance",
        NoSuchEventType => "no such event type",
        NoSuchArgument => "no such argument",
        InvalidArgumentValue => "invalid argument value",
        0x0116 => "attribute value out of range",
        InvalidSopInstance => "invalid SOP instance",
        NoSuchSopClass => "no such SOP class",
        ClassInstanceConflict => "class-instance conflict",
        MissingAttribute => "missing attribute",
        MissingAttributeValue => "missing attribute value",
        SopClassNotSupported => "SOP class not supported",
        NoSuchActionType => "no such action type",
        NotAuthorized => "not authorized",
        DuplicateInvocation => "duplicate invocation",
        UnrecognizedOperation => "unrecognized operation",
        MistypedArgument => "mistyped argument",
        ResourceLimitation => "resource limitation",
        OutOfResourcesMatches => "unable to calculate the number of matches",
        OutOfResourcesSubOperations => "unable to perform sub-operations",
        MoveDestinationUnknown => "move destination unknown",
        SubOperationsWithFailures => "sub-operations with failures or warnings",
        Cancel => "cancelled",
        Pending => "pending",
        PendingWithUnsupportedKeys => "pending, some keys are not supported",
        _ when (status & 0xFF00) == 0xA700 => "refused, out of resources",
        _ when (status & 0xFF00) == 0xA900 => "data set does not match SOP class",
        _ when (status & 0xF000) == 0xC000 => "cannot understand",
        _ when (status & 0xF000) == 0xB000 => "done with a warning",
        _ => "unknown status",
    };

    internal static string Name(ushort status) => status.ToString("X4", System.Globalization.CultureInfo.InvariantCulture);
}
