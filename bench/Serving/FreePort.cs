using System.Net;
using System.Net.Sockets;

namespace MedicalAi.Bench.Serving;

/// <summary>Ports for servers that do not choose their own.</summary>
internal static class FreePort
{
    /// <summary>A port at 127.0.0.1 that nobody uses now.</summary>
    public static int Find()
    {
        using TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }
}
