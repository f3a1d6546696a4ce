using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>The application entities that we know, as they stand at one time. Never changes: a reload makes another.</summary>
public sealed class AeRegistry
{
    private readonly Dictionary<string, ApplicationEntity> _byTitle;
    private readonly HashSet<string> _aliases;
    private readonly HashSet<string>? _otherCallers;

    /// <summary>Makes one.</summary>
    /// <param name="entities">The application entities, each title once.</param>
    /// <param name="aliases">AE titles that are ours as well.</param>
    /// <param name="refusesUnknownCallers">Whether callers that it does not know are refused.</param>
    /// <param name="otherCallers">Those callers that are let in besides (<c>--callers</c>), and no other unknown ones; null when there is no such list.</param>
    /// <param name="rules">What is forwarded.</param>
    /// <exception cref="ArgumentException">A title stands there twice.</exception>
    public AeRegistry(IReadOnlyList<ApplicationEntity> entities, IReadOnlyList<AeTitle> aliases, bool refusesUnknownCallers, IReadOnlyCollection<AeTitle>? otherCallers, IReadOnlyList<ForwardRule>? rules = null)
    {
        ArgumentNullException.ThrowIfNull(entities);
        ArgumentNullException.ThrowIfNull(aliases);
        Entities = entities;
        Aliases = aliases;
        Rules = rules ?? [];
        _byTitle = entities.ToDictionary(entity => entity.AeTitle.Value, StringComparer.Ordinal);
        _aliases = aliases.Select(alias => alias.Value).ToHashSet(StringComparer.Ordinal);
        _otherCallers = otherCallers?.Select(title => title.Value).ToHashSet(StringComparer.Ordinal);
        AcceptsUnknownCallers = !refusesUnknownCallers && otherCallers is null;
    }

    /// <summary>All of them, in the order of the file.</summary>
    public IReadOnlyList<ApplicationEntity> Entities { get; }

    /// <summary>AE titles that are ours as well.</summary>
    public IReadOnlyList<AeTitle> Aliases { get; }

    /// <summary>What is forwarded, in the order of the file.</summary>
    public IReadOnlyList<ForwardRule> Rules { get; }

    /// <summary>Whether whoever calls is let in.</summary>
    public bool AcceptsUnknownCallers { get; }

    /// <summary>The application entity of an AE title; null when it is not known.</summary>
    public ApplicationEntity? Find(string aeTitle) => _byTitle.GetValueOrDefault(aeTitle);

    /// <summary>The destination of an AE title; null when it is not known or is no destination.</summary>
    public ApplicationEntity? FindDestination(string aeTitle) => Find(aeTitle) is { IsDestination: true } destination ? destination : null;

    /// <summary>Whether an AE title that was called is one of our aliases.</summary>
    public bool IsAlias(string calledAe) => _aliases.Contains(calledAe);

    /// <summary>Whether a caller is let in.</summary>
    /// <param name="callingAe">Its AE title, without padding.</param>
    /// <param name="remoteAddress">Its address, without port; null when the transport has none.</param>
    public bool MayCall(string callingAe, string? remoteAddress)
    {
        ApplicationEntity? entity = Find(callingAe);
        return (entity is null || entity.MayCallFrom(remoteAddress))
            && (entity?.Permissions is { } permissions ? permissions != AePermissions.None : AcceptsUnknownCallers || _otherCallers?.Contains(callingAe) == true);
    }

    /// <summary>Whether a caller that was let in may use a SOP class.</summary>
    /// <param name="callingAe">Its AE title, without padding.</param>
    /// <param name="sopClass">The abstract syntax that it proposes.</param>
    public bool Permits(string callingAe, DicomUid sopClass) =>
        Find(callingAe)?.Permissions is not { } permissions || permissions.HasFlag(AePermissionsOfSopClasses.Needed(sopClass));
}
