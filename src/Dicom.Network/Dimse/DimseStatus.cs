namespace MedicalAi.Dicom.Network;

/// <summary>Status codes of DIMSE responses (PS3.7 annex C, PS3.4 B.2.3).</summary>
public static class DimseStatus
{
    /// <summary>Success.</summary>
    public const ushort Success = 0x0000;

    /// <summary>Failure: processing failure.</summary>
    public const ushort ProcessingFailure = 0x0110;

    /// <summary>Failure: duplicate SOP instance; the SOP Instance UID is taken by other content.</summary>
    public const ushort DuplicateSopInstance = 0x0111;

    /// <summary>Failure: invalid SOP instance; the SOP Instance UID breaks the rules of UIDs.</summary>
    public const ushort InvalidSopInstance = 0x0117;

    /// <summary>Failure: SOP class not supported.</summary>
    public const ushort SopClassNotSupported = 0x0122;

    /// <summary>Failure: unrecognized operation.</summary>
    public const ushort UnrecognizedOperation = 0x0211;

    /// <summary>Failure: refused, out of resources.</summary>
    public const ushort OutOfResources = 0xA700;

    /// <summary>Failure: data set does not match SOP class.</summary>
    public const ushort DataSetDoesNotMatch = 0xA900;

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

    /// <summary>Whether a status of C-STORE means that the instance was stored: success or a warning (PS3.4 table B.2-1).</summary>
    public static bool IsStored(ushort status) => status is Success or 0x0001 or 0x0107 or 0x0116 || (status & 0xF000) == 0xB000;

    /// <summary>The meaning of a status of C-STORE, C-FIND or C-ECHO, in words.</summary>
    public static string Describe(ushort status) => status switch
    {
        Success => "success",
        ProcessingFailure => "processing failure",
        DuplicateSopInstance => "duplicate SOP instance",
        InvalidSopInstance => "invalid SOP instance",
        SopClassNotSupported => "SOP class not supported",
        0x0124 => "not authorized",
        0x0210 => "duplicate invocation",
        UnrecognizedOperation => "unrecognized operation",
        0x0212 => "mistyped argument",
        Cancel => "cancelled",
        Pending => "pending",
        PendingWithUnsupportedKeys => "pending, some keys are not supported",
        _ when (status & 0xFF00) == 0xA700 => "refused, out of resources",
        _ when (status & 0xFF00) == 0xA900 => "data set does not match SOP class",
        _ when (status & 0xF000) == 0xC000 => "cannot understand",
        _ when (status & 0xF000) == 0xB000 => "stored with a warning",
        _ => "unknown status",
    };

    internal static string Name(ushort status) => status.ToString("X4", System.Globalization.CultureInfo.InvariantCulture);
}
