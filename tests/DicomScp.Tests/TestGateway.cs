using System.Net;
using MedicalAi.Archive;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp.Tests;

/// <summary>The SCP on a free port over a real archive in a folder of its own.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly TempFolder _folder;

    private TestGateway(WebApplication application, TempFolder folder, int port) => (_application, _folder, Port) = (application, folder, port);

    public int Port { get; }

    public ArchiveReader Reader => _application.Services.GetRequiredService<ArchiveReader>();

    public static async Task<TestGateway> StartAsync(DicomServerOptions? options = null, Action<IServiceCollection>? configure = null)
    {
        TempFolder folder = new();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(new DicomEndPoint(IPAddress.Loopback, 0), listen => listen.UseConnectionHandler<DicomConnectionHandler>()));
        builder.Services.AddArchive(new ArchiveOptions { DataFolder = folder.Path });
        builder.Services.AddDicomScp(options ?? new DicomServerOptions());
        configure?.Invoke(builder.Services);
        WebApplication application = builder.Build();
        await application.StartAsync(TestContext.Current.CancellationToken);
        string address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new TestGateway(application, folder, new Uri(address).Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
        _folder.Dispose();
    }
}
