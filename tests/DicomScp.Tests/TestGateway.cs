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
    private readonly TempFolder? _folder;

    private TestGateway(WebApplication application, TempFolder? folder, int port) => (_application, _folder, Port) = (application, folder, port);

    public int Port { get; }

    public IServiceProvider Services => _application.Services;

    public ArchiveReader Reader => _application.Services.GetRequiredService<ArchiveReader>();

    /// <summary>Starts one.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="configure">Adds to its services.</param>
    /// <param name="dataFolder">A folder that stays when it ends; null for one of its own.</param>
    /// <param name="port">Its port; 0 for a free one.</param>
    /// <param name="stability">When a study is stable; null for the default.</param>
    public static async Task<TestGateway> StartAsync(DicomServerOptions? options = null, Action<IServiceCollection>? configure = null, string? dataFolder = null, int port = 0, TimeSpan? stability = null)
    {
        TempFolder? folder = dataFolder is null ? new() : null;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(new DicomEndPoint(IPAddress.Loopback, port), listen => listen.UseConnectionHandler<DicomConnectionHandler>()));
        builder.Services.AddArchive(new ArchiveOptions { DataFolder = folder?.Path ?? dataFolder!, StudyStability = stability ?? TimeSpan.FromSeconds(3) });
        builder.Services.AddDicomScp(options ?? new DicomServerOptions());
        configure?.Invoke(builder.Services);
        WebApplication application = builder.Build();
        application.Services.GetService<AeRegistryFile>()?.Load();
        await application.StartAsync(TestContext.Current.CancellationToken);
        string address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new TestGateway(application, folder, new Uri(address).Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
        _folder?.Dispose();
    }
}
