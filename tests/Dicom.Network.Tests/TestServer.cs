using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Dicom.Network.Tests;

/// <summary>Our acceptor on Kestrel, on a free port, with a service of the test.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private TestServer(WebApplication application, int port) => (_application, Port) = (application, port);

    public int Port { get; }

    public static async Task<TestServer> StartAsync(DimseService service, DicomServerOptions? options = null, AssociationPolicy? policy = null, IPEndPoint? endPoint = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(endPoint ?? new DicomEndPoint(IPAddress.Loopback, 0), listen => listen.UseConnectionHandler<DicomConnectionHandler>()));
        builder.Services.AddSingleton(options ?? new DicomServerOptions());
        builder.Services.AddSingleton(service);
        if (policy is not null)
        {
            builder.Services.AddSingleton(policy);
        }

        builder.Services.AddSingleton<DicomConnectionHandler>();
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionMemory>();
        builder.Services.AddSingleton<IConnectionListenerFactory, DicomTransport>();
        WebApplication application = builder.Build();
        await application.StartAsync(TestContext.Current.CancellationToken);
        string address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new TestServer(application, new Uri(address).Port);
    }

    public Task StopAsync() => _application.StopAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
