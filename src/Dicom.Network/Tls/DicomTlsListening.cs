using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Dicom.Network;

/// <summary>TLS on an endpoint of Kestrel that accepts associations.</summary>
public static class DicomTlsListening
{
    // Marks a connection whose handshake is done.
    private static readonly object s_done = new();

    /// <summary>
    /// Puts TLS before the connection handler that is added next. A peer that does not shake hands within ARTIM, or not by our rules,
    /// is told to the log and disconnected; so many handshakes run at a time as connections may wait for an association.
    /// </summary>
    /// <param name="listen">The endpoint.</param>
    /// <param name="tls">Our certificate and authorities.</param>
    /// <exception cref="InvalidOperationException">There is no certificate.</exception>
    public static ListenOptions UseDicomTls(this ListenOptions listen, DicomTlsOptions tls)
    {
        ArgumentNullException.ThrowIfNull(listen);
        ArgumentNullException.ThrowIfNull(tls);
        _ = tls.ForAcceptor();
        DicomServerOptions server = listen.ApplicationServices.GetRequiredService<DicomServerOptions>();
        ILogger logger = listen.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(DicomConnectionHandler).FullName!);
        PendingConnections pending = new(server);
        listen.Use(next => async connection =>
        {
            string? address = DicomConnectionHandler.AddressOf(connection.RemoteEndPoint);
            if (!pending.TryEnter(address))
            {
                Log.TooManyPending(logger, address);
                return;
            }

            try
            {
                await next(connection);
            }
            finally
            {
                if (!connection.Items.ContainsKey(s_done))
                {
                    pending.Leave(address);
                    Log.HandshakeFailed(logger, address);
                }
            }
        });
        listen.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = server.ArtimTimeout, OnConnection = _ => ValueTask.FromResult(tls.ForAcceptor()) });
        listen.Use(next => connection =>
        {
            connection.Items[s_done] = null;
            pending.Leave(DicomConnectionHandler.AddressOf(connection.RemoteEndPoint));
            return next(connection);
        });
        return listen;
    }
}
