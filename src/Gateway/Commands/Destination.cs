using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Gateway;

/// <summary>A DICOM peer: <c>AET@HOST:PORT</c>.</summary>
internal sealed record Destination(AeTitle AeTitle, string Host, int Port)
{
    private const string Form = "is no destination of the form AET@HOST:PORT, for example PACS@10.0.0.5:104";

    /// <summary>The argument of a command.</summary>
    public static Argument<Destination> Argument() => new("DEST")
    {
        Description = "the peer as AET@HOST:PORT",
        CustomParser = Read,
    };

    /// <summary>How a destination is called by us.</summary>
    public DicomClientOptions ToClientOptions(AeTitle calling, DicomTlsOptions? tls) => new() { Host = Host, Port = Port, CalledAe = AeTitle, CallingAe = calling, Tls = tls };

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{AeTitle}@{Host}:{Port}");

    /// <summary>Reads a destination; null when it is none.</summary>
    public static Destination? TryParse(string text)
    {
        int at = text.LastIndexOf('@');
        int colon = text.LastIndexOf(':');
        return at > 0 && colon > at + 1
            && AeTitle.TryParse(text[..at], out AeTitle title)
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= 65535
            ? new Destination(title, text[(at + 1)..colon].Trim('[', ']'), port)
            : null;
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
