namespace MedicalAi.Archive;

/// <summary>The values of Failure Reason (0008,1197) of storage commitment (PS3.3 C.14.1.1).</summary>
public static class CommitmentFailure
{
    /// <summary>A general failure in processing.</summary>
    public const ushort Processing = 0x0110;

    /// <summary>One or more of the elements in the Referenced SOP Instance Sequence was not available.</summary>
    public const ushort NoSuchObjectInstance = 0x0112;

    /// <summary>The SCP does not have enough resources to store it.</summary>
    public const ushort ResourceLimitation = 0x0213;

    /// <summary>Storage of the SOP class is not supported.</summary>
    public const ushort SopClassNotSupported = 0x0122;

    /// <summary>The SOP class of the instance is another one.</summary>
    public const ushort ClassInstanceConflict = 0x0119;

    /// <summary>The Transaction UID is already in use.</summary>
    public const ushort DuplicateTransactionUid = 0x0131;

    /// <summary>The meaning of a reason, in words.</summary>
    public static string Describe(ushort reason) => reason switch
    {
        Processing => "processing failure",
        NoSuchObjectInstance => "no such object instance",
        ResourceLimitation => "resource limitation",
        SopClassNotSupported => "referenced SOP class not supported",
        ClassInstanceConflict => "class-instance conflict",
        DuplicateTransactionUid => "duplicate transaction UID",
        _ => "unknown reason",
    };
}
