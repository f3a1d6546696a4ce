using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>Which worklist is asked what was ordered of a study, and how long.</summary>
public sealed record WorklistOptions
{
    /// <summary>The AE title of the Modality Worklist SCP; the AE registry has its address.</summary>
    public required AeTitle Source { get; init; }

    /// <summary>Our AE title.</summary>
    public required AeTitle Calling { get; init; }

    /// <summary>How long a study waits for the answer.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a worklist is not asked again that did not answer, so that studies do not wait for it one after the other.</summary>
    public TimeSpan Rest { get; init; } = TimeSpan.FromSeconds(30);
}
