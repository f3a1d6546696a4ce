using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using MedicalAi.Dicom.Network;
using MedicalAi.DicomScp;
using Microsoft.Extensions.Logging.Abstractions;

namespace MedicalAi.Gateway;

/// <summary>A DICOM peer: <c>AET@HOST:PORT</c>, or a destination of the AE registry by its title.</summary>
/// <param name="AeTitle">Its AE title.</param>
/// <param name="Host">Its host name or address; null for those of the registry.</param>
/// <param name="Port">Its port; 0 for that of the registry.</param>
internal sealed record Destination(AeTitle AeTitle, string? Host, int Port)
{
    private const string Form = "is no destination of the form AET@HOST:PORT, for example PACS@10.0.0.5:104, and no AE title";

    /// <summary>The argument of a command.</summary>
    public static Argument<Destination> Argument() => new("DEST")
    {
        Description = "the peer as AET@HOST:PORT, or the AE title of a destination of the AE registry (--aes)",
        CustomParser = Read,
    };

    /// <summary>How the peer is called by us.</summary>
    /// <param name="settings">Our settings, which name the file of the registry.</param>
    /// <param name="tls">The certificates that the command line names; null for those of the registry, or plain TCP.</param>
    /// <exception cref="ConfigurationException">It is no destination of the registry, or that cannot be read.</exception>
    public DicomClientOptions ToClientOptions(GatewayOptions settings, DicomTlsOptions? tls)
    {
        if (Host is not null)
        {
            return new DicomClientOptions { Host = Host, Port = Port, CalledAe = AeTitle, CallingAe = settings.AeTitle, Tls = tls };
        }

        DicomClientOptions known = FindIn(settings.AesPath).ToClientOptions(settings.AeTitle);
        return tls is null ? known : known with { Tls = tls };
    }

    /// <inheritdoc />
    public override string ToString() => Host is null ? AeTitle.Value : string.Create(CultureInfo.InvariantCulture, $"{AeTitle}@{Host}:{Port}");

    /// <summary>Reads a destination; null when it is none.</summary>
    public static Destination? TryParse(string text)
    {
        if (!text.AsSpan().ContainsAny('@', ':'))
        {
            return AeTitle.TryParse(text, out AeTitle alone) ? new Destination(alone, null, 0) : null;
        }

        int at = text.LastIndexOf('@');
        int colon = text.LastIndexOf(':');
        return at > 0 && colon > at + 1
            && AeTitle.TryParse(text[..at], out AeTitle title)
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= 65535
            ? new Destination(title, text[(at + 1)..colon].Trim('[', ']'), port)
            : null;
    }

    private ApplicationEntity FindIn(string path)
    {
        using AeRegistryFile registry = new(new AeRegistryFileOptions { Path = path, IsRequired = true }, TimeProvider.System, NullLogger<AeRegistryFile>.Instance);
        try
        {
            registry.Load();
        }
        catch (InvalidDataException e)
        {
            throw new ConfigurationException($"'{AeTitle}' is not of the form AET@HOST:PORT, and as a destination it is not found: the AE registry {e.Message}");
        }

        return registry.Current.FindDestination(AeTitle.Value)
            ?? throw new ConfigurationException($"'{AeTitle}' is not of the form AET@HOST:PORT, and no destination of the AE registry {path}.");
    }

    private static Destination? Read(ArgumentResult result)
    {
        string text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        Destination? destination = TryParse(text);
        if (destination is null)
        {
            result.AddError($"'{text}' {Form}.");
        }

        return destination;
    }
}
