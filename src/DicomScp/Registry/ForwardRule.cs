using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>What is forwarded where, and when.</summary>
public sealed record ForwardRule
{
    /// <summary>Its name, by which its items are known.</summary>
    public required string Name { get; init; }

    /// <summary>The AE titles of the destinations.</summary>
    public required IReadOnlyList<AeTitle> To { get; init; }

    /// <summary>What an instance must match, with the matching of the index; all of these. Empty for all instances.</summary>
    public IReadOnlyList<ForwardMatch> Matches { get; init; } = [];

    /// <summary>The calling AE titles from which it must have come; empty for any way in.</summary>
    public IReadOnlyList<AeTitle> Callers { get; init; } = [];

    /// <summary>Whether it is for what came in, for our own results, or for both.</summary>
    public ForwardSource Source { get; init; }

    /// <summary>When its instances are queued.</summary>
    public ForwardWhen When { get; init; }

    /// <summary>When its instances are sent; null for always.</summary>
    public TimeWindow? Window { get; init; }

    /// <summary>Higher goes first.</summary>
    public TaskPriority Priority { get; init; } = TaskPriority.Routine;

    /// <summary>Whether an instance may go back to the AE title from which it came.</summary>
    public bool MayReturn { get; init; }

    /// <summary>Whether the rule is for instances that came in this way.</summary>
    public bool IsFor(ArrivedInstance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        return (Source == ForwardSource.Both || (instance.Protocol == UploadOrigin.Result) == (Source == ForwardSource.Results))
            && (Callers.Count == 0 || Callers.Any(caller => caller.Value == instance.CallingAe));
    }
}

/// <summary>An attribute and the keys of which it must match one.</summary>
/// <param name="Tag">The attribute.</param>
/// <param name="Values">The keys, as in a query.</param>
public sealed record ForwardMatch(DicomTag Tag, IReadOnlyList<string> Values);

/// <summary>What a rule is for.</summary>
public enum ForwardSource
{
    /// <summary>What came in.</summary>
    Received,

    /// <summary>Our own results: SR, SEG.</summary>
    Results,

    /// <summary>Both.</summary>
    Both,
}

/// <summary>When instances are queued.</summary>
public enum ForwardWhen
{
    /// <summary>As soon as they are stored.</summary>
    Arrival,

    /// <summary>When their study has become stable.</summary>
    Stable,
}
