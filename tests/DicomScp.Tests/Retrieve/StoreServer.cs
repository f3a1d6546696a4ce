using System.Net;
using MedicalAi.Dicom.Network;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp.Tests;

/// <summary>A destination of C-MOVE with a service of the test.</summary>
internal sealed class StoreServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private StoreServer(WebApplication application, int port) => (_application, Port) = (application, port);

    public int Port { get; }

    public static async Task<StoreServer> StartAsync(DimseService service)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseConnectionHandler<DicomConnectionHandler>()));
        builder.Services.AddSingleton(new DicomServerOptions { AcceptAnyCalledAeTitle = true });
        builder.Services.AddSingleton(service);
        builder.Services.AddSingleton<DicomConnectionHandler>();
        WebApplication application = builder.Build();
        await application.StartAsync(TestContext.Current.CancellationToken);
        return new StoreServer(application, new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
    }
}
