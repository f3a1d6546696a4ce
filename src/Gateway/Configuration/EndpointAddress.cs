using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MedicalAi.Gateway;

/// <summary>An address and port to listen on.</summary>
/// <param name="Address">The address; any address of the machine for <c>*</c>.</param>
/// <param name="Port">The port; 0 for a free one.</param>
internal readonly record struct EndpointAddress(IPAddress Address, int Port)
{
    /// <summary>Whether only programs of this machine reach it.</summary>
    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>The address by which this machine reaches it. Every address of IPv6 is every one of IPv4 too.</summary>
    public IPAddress Reachable => Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any) ? IPAddress.Loopback : Address;

    /// <summary>Reads <c>ADDRESS:PORT</c>, <c>:PORT</c>, <c>PORT</c> or an <c>http</c> URL; without an address it is loopback, <c>*</c> is every address of IPv4 and, where the system has it, IPv6.</summary>
    public static bool TryParse(string text, [NotNullWhen(false)] out string? error, out EndpointAddress endpoint)
    {
        string rest = text.Trim();
        if (rest.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            rest = rest["http://".Length..].TrimEnd('/');
        }

        int colon = rest.LastIndexOf(':');
        string host = colon < 0 ? "" : rest[..colon];
        endpoint = default;
        if (!int.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > 65535)
        {
            error = $"'{text}' is no ADDRESS:PORT, for example 127.0.0.1:8000";
            return false;
        }

        IPAddress? address = host switch
        {
            "" or "localhost" => IPAddress.Loopback,
            "*" or "+" => Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any,
            _ => IPAddress.TryParse(host, out IPAddress? parsed) ? parsed : null,
        };
        if (address is null)
        {
            error = $"'{host}' is no IP address to listen on; * stands for every address of this machine";
            return false;
        }

        error = null;
        endpoint = new EndpointAddress(address, port);
        return true;
    }

    /// <inheritdoc />
    public override string ToString() => new IPEndPoint(Address, Port).ToString();
}
