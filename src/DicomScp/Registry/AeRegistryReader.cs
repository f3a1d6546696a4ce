using System.Globalization;
using System.Net;
using System.Text.Json;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>What a registry is read with besides its file.</summary>
/// <param name="Folder">The folder from which relative names of files count.</param>
/// <param name="KnownCallers">The callers that are let in by the setting of that name; null when it is not given.</param>
/// <param name="MayBeOpen">Whether it may let in whoever calls.</param>
internal sealed record AeRegistryContext(string Folder, IReadOnlyCollection<AeTitle>? KnownCallers, bool MayBeOpen)
{
    /// <summary>Whether the index can match an attribute.</summary>
    public Func<DicomTag, bool> CanMatch { get; init; } = _ => true;
}

/// <summary>Makes a registry of the JSON of its file, or tells all that is wrong with it.</summary>
internal sealed partial class AeRegistryReader
{
    private readonly AeRegistryContext _context;
    private readonly List<(string Path, string Message)> _problems = [];

    private AeRegistryReader(AeRegistryContext context) => _context = context;

    /// <summary>Reads a file.</summary>
    /// <returns>The registry, or null and what is wrong.</returns>
    public static (AeRegistry? Registry, IReadOnlyList<AeRegistryProblem> Problems) Read(ReadOnlySpan<byte> utf8, AeRegistryContext context)
    {
        utf8 = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        RegistryFile file;
        JsonLines lines;
        try
        {
            file = JsonSerializer.Deserialize(utf8, RegistryFormat.Default.RegistryFile) ?? throw new JsonException("The file holds null.");
            lines = new JsonLines(utf8);
        }
        catch (JsonException e)
        {
            return (null, [new AeRegistryProblem((int)(e.LineNumber ?? 0) + 1, e.Path ?? "", Words(e))]);
        }

        AeRegistryReader reader = new(context);
        using JsonDocument document = JsonDocument.Parse(utf8.ToArray());
        AeRegistry? registry = reader.Make(file, document.RootElement);
        return (registry, [.. reader._problems.Select(problem => new AeRegistryProblem(lines.Find(problem.Path), problem.Path, problem.Message))]);
    }

    // What the serializer says, without its way of telling the place.
    private static string Words(JsonException e)
    {
        int place = e.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        int line = e.Message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        int end = place >= 0 ? place : line;
        return end >= 0 ? e.Message[..end] : e.Message;
    }

    private AeRegistry? Make(RegistryFile file, JsonElement root)
    {
        List<AeTitle> aliases = [.. file.Aliases.Select((alias, i) => ReadTitle(alias, $"$.aliases[{i}]")).OfType<AeTitle>()];
        List<ApplicationEntity> entities = [];
        JsonElement raw = root.TryGetProperty("entities", out JsonElement member) ? member : default;
        for (int i = 0; i < file.Entities.Count; i++)
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"$.entities[{i}]");
            if (file.Entities[i] is not { } entry)
            {
                _problems.Add((path, "An item of a list is never null."));
            }
            else if (ReadEntity(entry, raw[i].Clone(), path) is { } entity)
            {
                if (entities.Any(other => other.AeTitle == entity.AeTitle))
                {
                    _problems.Add(($"{path}.aeTitle", $"{entity.AeTitle} stands in the file twice."));
                }

                entities.Add(entity);
            }
        }

        if (!_context.MayBeOpen && file.UnknownCallers == UnknownCallers.Accept)
        {
            _problems.Add(("$.unknownCallers", "DICOM would be open to every AE title of the network: say \"refuse\" here, or start with --callers, --dicom-tls-ca or --allow-unauthenticated."));
        }

        List<ForwardRule> rules = ReadRules(file.Rules, entities);
        return _problems.Count == 0 ? new AeRegistry(entities, aliases, file.UnknownCallers == UnknownCallers.Refuse, _context.KnownCallers, rules) : null;
    }

    private ApplicationEntity? ReadEntity(EntityEntry entry, JsonElement raw, string path)
    {
        AeTitle? title = ReadTitle(entry.AeTitle, $"{path}.aeTitle");
        if (entry.Host is { } host && (host.Length == 0 || host.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) || Uri.CheckHostName(host) == UriHostNameType.Unknown))
        {
            _problems.Add(($"{path}.host", $"'{host}' is no host name or IP address."));
        }

        if ((entry.Host is null) != (entry.Port is null))
        {
            _problems.Add((path, "A destination has a host and a port; a caller has neither."));
        }

        Check(entry.Port, 1, 65_535, $"{path}.port", "A port");
        Check(entry.MaximumPduLength, 4096, 1024 * 1024, $"{path}.maximumPduLength", "A maximum PDU length");
        Check(entry.MaximumAssociations, 1, 10_000, $"{path}.maximumAssociations", "The number of associations");
        if (entry.Tls is not null && entry.Host is null)
        {
            _problems.Add(($"{path}.tls", "TLS is for destinations; what callers need is told by the settings --dicom-tls-certificate and --dicom-tls-ca."));
        }

        if (entry.Sending is not null && entry.Host is null)
        {
            _problems.Add(($"{path}.sending", "Only destinations are sent to: a host and a port are missing."));
        }

        DicomTlsOptions? tls = entry.Tls is null ? null : ReadTls(entry.Tls, $"{path}.tls");
        List<IPNetwork> addresses = ReadAddresses(entry.Addresses, $"{path}.addresses");
        return title is { } known
            ? new ApplicationEntity
            {
                AeTitle = known,
                Description = entry.Description,
                Host = entry.Host,
                Port = entry.Port ?? 0,
                Tls = tls,
                MaxPduLength = (uint?)entry.MaximumPduLength,
                Addresses = addresses,
                Permissions = entry.Permissions?.Aggregate(AePermissions.None, (all, one) => all | one),
                MaximumAssociations = entry.MaximumAssociations,
                Entry = raw,
                Sending = entry.Sending is null ? new SendingOptions() : ReadSending(entry.Sending, $"{path}.sending"),
            }
            : null;
    }

    private AeTitle? ReadTitle(string? text, string path)
    {
        if (AeTitle.TryParse(text, out AeTitle title))
        {
            return title;
        }

        _problems.Add((path, $"'{text}' is no AE title: 1 to 16 printable characters, no backslash."));
        return null;
    }

    private List<IPNetwork> ReadAddresses(List<string> texts, string path)
    {
        List<IPNetwork> addresses = [];
        for (int i = 0; i < texts.Count; i++)
        {
            if (IPAddress.TryParse(texts[i], out IPAddress? address))
            {
                addresses.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else if (IPNetwork.TryParse(texts[i], out IPNetwork network))
            {
                addresses.Add(network);
            }
            else
            {
                _problems.Add((string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), $"'{texts[i]}' is no IP address and no range such as 10.0.0.0/24."));
            }
        }

        return addresses;
    }

    private DicomTlsOptions? ReadTls(TlsEntry entry, string path)
    {
        try
        {
            return DicomTlsOptions.Load(FullPath(entry.Certificate), FullPath(entry.Key), FullPath(entry.Ca));
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException)
        {
            // ArgumentException: what is no name of a file at all.
            _problems.Add((path, e.Message));
            return null;
        }
    }

    private string? FullPath(string? file) => file is null ? null : Path.GetFullPath(file, _context.Folder);

    private void Check(double? value, double least, double most, string path, string what)
    {
        // What is no number at all is not within either.
        if (value is { } number && !(number >= least && number <= most))
        {
            _problems.Add((path, string.Create(CultureInfo.InvariantCulture, $"{what} is {least} to {most}.")));
        }
    }
}
