using System.CommandLine;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Gateway;

/// <summary>The flags of TLS on a command that calls a peer.</summary>
internal sealed class TlsFlags
{
    private readonly Option<bool> _tls = new("--tls") { Description = "speak TLS with the peer, whose certificate must be for its host name or address; the flags below mean it too" };
    private readonly Option<string?> _authorities = new("--tls-ca") { Description = "PEM file of the authorities of its certificate; default those of the system", HelpName = "FILE" };
    private readonly Option<string?> _certificate = new("--tls-certificate") { Description = "PEM file of our certificate, for peers that ask for one", HelpName = "FILE" };
    private readonly Option<string?> _key = new("--tls-key") { Description = "PEM file of its private key; default the file of the certificate", HelpName = "FILE" };

    private TlsFlags()
    {
    }

    /// <summary>Adds the flags to a command.</summary>
    public static TlsFlags AddTo(Command command)
    {
        TlsFlags flags = new();
        command.Options.Add(flags._tls);
        command.Options.Add(flags._authorities);
        command.Options.Add(flags._certificate);
        command.Options.Add(flags._key);
        return flags;
    }

    /// <summary>The certificates that a command line names; null for plain TCP.</summary>
    /// <exception cref="ConfigurationException">They cannot be used.</exception>
    public DicomTlsOptions? Read(ParseResult parsed)
    {
        string? authorities = parsed.GetValue(_authorities);
        string? certificate = parsed.GetValue(_certificate);
        string? key = parsed.GetValue(_key);
        if (!parsed.GetValue(_tls) && (authorities ?? certificate ?? key) is null)
        {
            return null;
        }

        try
        {
            return DicomTlsOptions.Load(certificate, key, authorities);
        }
        catch (InvalidDataException e)
        {
            throw new ConfigurationException($"TLS: {e.Message}");
        }
    }
}
