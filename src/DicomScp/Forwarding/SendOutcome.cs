using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>What came of sending an instance, before it is decided when it is tried again.</summary>
/// <param name="Result">What.</param>
/// <param name="Reason">Why not, or with which warning; null for plain success.</param>
internal readonly record struct SendOutcome(SendResult Result, string? Reason = null)
{
    /// <summary>What a response means (PS3.4 table B.2-1, PS3.7 annex C).</summary>
    public static SendOutcome Of(DimseResponse response)
    {
        string words = $"{Describe(response.Status)} ({response.Status:X4}){(response.ErrorComment is { Length: > 0 } comment ? $": {comment}" : "")}";
        return response.Status == DimseStatus.Success ? new SendOutcome(SendResult.Sent)
            : DimseStatus.IsSuccess(response.Status) ? new SendOutcome(SendResult.Sent, words)
            : (response.Status & 0xFF00) == DimseStatus.OutOfResources ? new SendOutcome(SendResult.Busy, words)
            : IsPassing(response.Status) ? new SendOutcome(SendResult.Failed, words)
            : new SendOutcome(SendResult.Refused, words);
    }

    /// <summary>The meaning of a status of C-STORE, in words; 0xB000 is another of C-MOVE.</summary>
    public static string Describe(ushort status) => (status & 0xF000) == 0xB000 ? "stored with a warning" : DimseStatus.Describe(status);

    // Processing failure and resource limitation may be of the moment; what the standard does not name may mean anything.
    private static bool IsPassing(ushort status) =>
        status is DimseStatus.ProcessingFailure or 0x0213 || !(status is >= 0x0100 and < 0x0300 || (status & 0xF000) is 0xA000 or 0xC000);
}

/// <summary>The kinds of outcome.</summary>
internal enum SendResult
{
    /// <summary>The destination has it.</summary>
    Sent,

    /// <summary>The destination will never take it.</summary>
    Refused,

    /// <summary>It may be taken another time.</summary>
    Failed,

    /// <summary>As <see cref="Failed"/>, and so would others now.</summary>
    Busy,

    /// <summary>The association ended; the instance may be why.</summary>
    Lost,

    /// <summary>It was not tried.</summary>
    NotTried,
}
