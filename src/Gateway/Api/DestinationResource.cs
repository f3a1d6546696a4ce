using MedicalAi.DicomScp;

namespace MedicalAi.Gateway;

/// <summary>A destination as the API shows it: what stands of it in the file of the AE registry, so that it can be changed and put back.</summary>
internal sealed record DestinationResource
{
    /// <summary>Its AE title.</summary>
    public required string AeTitle { get; init; }

    /// <summary>What it is, for people.</summary>
    public string? Description { get; init; }

    /// <summary>Host name or address.</summary>
    public required string Host { get; init; }

    /// <summary>Port.</summary>
    public required int Port { get; init; }

    /// <summary>The files of TLS with it; null for plain TCP.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>The addresses from which it may call; empty for any.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>What it may ask of us; null for what callers may whom the registry does not know.</summary>
    public IReadOnlyList<string>? Permissions { get; init; }

    /// <summary>The most associations that it may have with us at once.</summary>
    public int? MaximumAssociations { get; init; }

    /// <summary>The longest PDU that we offer to receive from it.</summary>
    public uint? MaximumPduLength { get; init; }

    /// <summary>The resource of a destination.</summary>
    public static DestinationResource From(ApplicationEntity entity) => new()
    {
        AeTitle = entity.AeTitle.Value,
        Description = entity.Description,
        Host = entity.Host!,
        Port = entity.Port,
        Tls = entity.TlsFiles,
        Addresses = [.. entity.Addresses.Select(network => network.ToString())],
        Permissions = entity.Permissions is { } permissions
            ? [.. Enum.GetValues<AePermissions>().Where(one => int.IsPow2((int)one) && permissions.HasFlag(one)).Select(one => one.ToString().ToLowerInvariant())]
            : null,
        MaximumAssociations = entity.MaximumAssociations,
        MaximumPduLength = entity.MaxPduLength,
    };
}

/// <summary>What a destination answered to C-ECHO.</summary>
/// <param name="AeTitle">The destination.</param>
/// <param name="Ok">Whether it answered with success.</param>
/// <param name="Milliseconds">From the begin of the connection to the answer, or to the failure.</param>
/// <param name="Implementation">How its implementation names itself.</param>
/// <param name="Reason">Why it did not; null when it did.</param>
internal sealed record EchoResource(string AeTitle, bool Ok, long Milliseconds, string? Implementation, string? Reason);
