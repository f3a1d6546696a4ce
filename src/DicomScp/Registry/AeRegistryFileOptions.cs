using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>Where the registry is and what holds besides it.</summary>
public sealed record AeRegistryFileOptions
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Whether the file must be there at the start; without it nobody is known.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The callers that are let in besides those of the file, and no other unknown ones; null when there is no such list.</summary>
    public IReadOnlyCollection<AeTitle>? KnownCallers { get; init; }

    /// <summary>Whether the registry may let in whoever calls.</summary>
    public bool MayBeOpen { get; init; } = true;

    /// <summary>Whether rules can match an attribute.</summary>
    public Func<DicomTag, bool> CanMatch { get; init; } = _ => true;

    /// <summary>How often the file is looked at.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);
}
