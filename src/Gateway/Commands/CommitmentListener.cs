using MedicalAi.Dicom.Network;
using MedicalAi.DicomScp;
using Microsoft.AspNetCore.Connections;

namespace MedicalAi.Gateway;

/// <summary>Takes the reports of storage commitment that peers bring on associations of their own, while a command waits for them.</summary>
internal sealed class CommitmentListener : IAsyncDisposable
{
    private readonly WebApplication _application;

    private CommitmentListener(WebApplication application) => _application = application;

    /// <summary>Begins to listen.</summary>
    /// <exception cref="CommandFailedException">The address cannot be listened on.</exception>
    public static async Task<CommitmentListener> StartAsync(EndpointAddress address, AeTitle ours, CommitmentRequests requests, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(new DicomServerOptions { AeTitle = ours });
        builder.Services.AddSingleton<DimseService>(new CommitmentNotifications(requests));
        builder.Services.AddSingleton<DicomConnectionHandler>();
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionMemory>();
        builder.Services.AddSingleton<IConnectionListenerFactory, DicomTransport>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(new DicomEndPoint(address.Address, address.Port), listen => listen.UseConnectionHandler<DicomConnectionHandler>()));
        WebApplication application = builder.Build();
        try
        {
            await application.StartAsync(cancellationToken);
            return new CommitmentListener(application);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            await application.DisposeAsync();
            throw new CommandFailedException($"The reports of the peer cannot be listened for on {address}: {e.Message}", e);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
    }
}
