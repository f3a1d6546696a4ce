using System.Net;
using System.Text.Json;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>An application entity that we know: as a caller, as a destination, or as both.</summary>
public sealed record ApplicationEntity
{
    /// <summary>Its AE title.</summary>
    public required AeTitle AeTitle { get; init; }

    /// <summary>What it is, for people.</summary>
    public string? Description { get; init; }

    /// <summary>Host name or address under which it accepts associations; null when it is no destination.</summary>
    public string? Host { get; init; }

    /// <summary>Its port; 0 when it is no destination.</summary>
    public int Port { get; init; }

    /// <summary>Certificates for associations that we request; null for plain TCP.</summary>
    public DicomTlsOptions? Tls { get; init; }

    /// <summary>The longest P-DATA-TF PDU that we offer to receive on associations that we request, in bytes; null for our default.</summary>
    public uint? MaxPduLength { get; init; }

    /// <summary>The addresses from which it may call; empty for any.</summary>
    public IReadOnlyList<IPNetwork> Addresses { get; init; } = [];

    /// <summary>What it may ask of us; null for what callers may whom the registry does not know.</summary>
    public AePermissions? Permissions { get; init; }

    /// <summary>The most associations that it may have with us at once; null for no limit of its own.</summary>
    public int? MaximumAssociations { get; init; }

    /// <summary>How instances are forwarded to it.</summary>
    public SendingOptions Sending { get; init; } = new();

    /// <summary>Its entry as it stands in the file.</summary>
    public JsonElement Entry { get; init; }

    /// <summary>Whether we can request associations of it.</summary>
    public bool IsDestination => Host is not null;

    /// <summary>Whether it may call from an address.</summary>
    /// <param name="remoteAddress">The address without port; null when the transport has none.</param>
    public bool MayCallFrom(string? remoteAddress)
    {
        if (Addresses.Count == 0)
        {
            return true;
        }

        if (!IPAddress.TryParse(remoteAddress, out IPAddress? address))
        {
            return false;
        }

        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Addresses.Any(network => network.Contains(plain));
    }

    /// <summary>How we request an association of it.</summary>
    /// <param name="calling">Our AE title.</param>
    /// <exception cref="InvalidOperationException">It is no destination.</exception>
    public DicomClientOptions ToClientOptions(AeTitle calling)
    {
        DicomClientOptions options = new() { Host = Host ?? throw new InvalidOperationException($"{AeTitle} is no destination."), Port = Port, CalledAe = AeTitle, CallingAe = calling, Tls = Tls };
        return MaxPduLength is { } length ? options with { MaxPduLength = length } : options;
    }
}
