using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Dicom.Network;

/// <summary>Accepts associations on Kestrel's connections. One instance serves all of them.</summary>
public sealed class DicomConnectionHandler : ConnectionHandler
{
    private readonly ILogger _logger;
    private readonly Lock _gate = new();

    // Under the gate: established associations, in all and by peer.
    private readonly Dictionary<(string CallingAe, string? Address), int> _byPeer = [];
    private int _established;

    /// <summary>Makes the handler.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="services">The services that peers may use.</param>
    /// <param name="logger">The log.</param>
    /// <param name="policy">Who may do what; null for what the settings say.</param>
    public DicomConnectionHandler(DicomServerOptions options, IEnumerable<DimseService> services, ILogger<DicomConnectionHandler> logger, AssociationPolicy? policy = null)
    {
        Options = options;
        Policy = policy ?? new TitlePolicy(options);
        Negotiation = new Negotiation(options, Policy, [.. services]);
        Pending = new PendingConnections(options);
        _logger = logger;
    }

    internal DicomServerOptions Options { get; }

    internal AssociationPolicy Policy { get; }

    internal Negotiation Negotiation { get; }

    /// <summary>Connections that have not asked for an association yet.</summary>
    internal PendingConnections Pending { get; }

    /// <inheritdoc />
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        string? address = AddressOf(connection.RemoteEndPoint);
        if (!Pending.TryEnter(address))
        {
            Log.TooManyPending(_logger, address);
            NetworkMetrics.Ended("acceptor", wasEstablished: false, "refused");
            return;
        }

        Action? beforeWait = Options.QuickAcknowledge ? QuickAcknowledge.For(connection.Features.Get<IConnectionSocketFeature>()?.Socket) : null;
        int longestSent = connection.Transport.Output is SocketOutput ? PduChannel.LongestSent : ConnectionMemory.BlockSize - PduChannel.DataOverhead;
        using PduChannel channel = new(connection.Transport.Input, connection.Transport.Output, Options.MaxPduLength, beforeWait, longestSent);
        Association upper = new(channel, isRequestor: false, Options.ArtimTimeout) { MinDataRate = Options.MinDataRate };
        using CancellationTokenSource abandon = new();

        // On stop the wait for a next command ends; an operation that runs may finish, within bounds.
        CancellationToken stop = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        await using (stop.UnsafeRegister(_ => Stop(), null))
        {
            ServedAssociation served = new(this, upper, address, _logger);
            string outcome = "failed";
            try
            {
                outcome = await served.ServeAsync(abandon.Token);
            }
            finally
            {
                // Whatever happens, the slot is free again.
                if (served.WasEstablished)
                {
                    Leave(served.Peer);
                }

                NetworkMetrics.Ended("acceptor", served.WasEstablished, outcome);
            }

            await upper.CloseAsync(stop.IsCancellationRequested ? Options.ReleaseGrace : null);
            if (channel.TimedOut)
            {
                // The peer takes nothing: what is buffered for it would keep the connection open.
                connection.Abort(new ConnectionAbortedException("The peer did not take what we sent in time."));
            }
        }

        void Stop()
        {
            channel.RequestStop();
            abandon.CancelAfter(Options.DrainTimeout);
        }
    }

    // A peer of IPv4 at a socket of IPv6 is told by its own address.
    internal static string? AddressOf(EndPoint? remote) => remote is IPEndPoint { Address: { } address } ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : null;

    /// <summary>Takes a place among the established associations; false when all that the peer, or everybody together, may have are taken.</summary>
    internal bool TryEnter(AssociationPeer peer)
    {
        int most = Math.Min(Policy.MaxAssociations(peer) ?? int.MaxValue, Options.MaxAssociationsPerPeer);
        lock (_gate)
        {
            int ofPeer = _byPeer.GetValueOrDefault((peer.CallingAe, peer.RemoteAddress));
            if (_established >= Options.MaxAssociations || ofPeer >= most)
            {
                return false;
            }

            _established++;
            _byPeer[(peer.CallingAe, peer.RemoteAddress)] = ofPeer + 1;
            return true;
        }
    }

    private void Leave(AssociationPeer peer)
    {
        lock (_gate)
        {
            _established--;
            if (--_byPeer[(peer.CallingAe, peer.RemoteAddress)] == 0)
            {
                _byPeer.Remove((peer.CallingAe, peer.RemoteAddress));
            }
        }
    }
}
