using System.Globalization;
using System.Net;
using MedicalAi.Archive;
using MedicalAi.Dicom.Network;
using MedicalAi.DicomScp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Bench.Serving;

/// <summary>
/// Our process that serves: the gateway's acceptor on Kestrel as the gateway sets it up, with <see cref="SinkService"/> in the
/// place of the archive, or with the archive. Says its port; then says, for each line that it reads, the instances so far that were
/// dropped; ends at the end of its input.
/// </summary>
internal static class OurServer
{
    private static readonly DicomServerOptions s_options = new() { AcceptAnyCalledAeTitle = true };

    /// <summary>Drops what comes.</summary>
    /// <param name="isPlain">Whether the connections are those that Kestrel brings, in the place of <see cref="DicomTransport"/>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task DropAsync(bool isPlain, CancellationToken cancellationToken)
    {
        SinkService sink = new();
        return RunAsync(
            services =>
            {
                services.AddSingleton(s_options);
                services.AddSingleton<DimseService>(sink);
                services.AddSingleton<DicomConnectionHandler>();
                services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionMemory>();
                services.AddSingleton<IConnectionListenerFactory, DicomTransport>();
            },
            isPlain,
            sink,
            cancellationToken);
    }

    /// <summary>Keeps what comes in an archive (files, SQLite), and gives it by C-GET.</summary>
    /// <param name="folder">The folder of the archive.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task ArchiveAsync(string folder, CancellationToken cancellationToken) =>
        RunAsync(services => services.AddArchive(new ArchiveOptions { DataFolder = folder }).AddDicomScp(s_options), isPlain: false, null, cancellationToken);

    private static async Task RunAsync(Action<IServiceCollection> addServices, bool isPlain, SinkService? sink, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxConcurrentConnections = null;
            kestrel.Listen(isPlain ? new IPEndPoint(IPAddress.Any, 0) : new DicomEndPoint(IPAddress.Any, 0), listen => listen.UseConnectionHandler<DicomConnectionHandler>());
        });
        addServices(builder.Services);
        await using WebApplication application = builder.Build();
        await application.StartAsync(cancellationToken);
        string address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Console.WriteLine(new Uri(address.Replace("*", "localhost", StringComparison.Ordinal)).Port);
        while (await Console.In.ReadLineAsync(cancellationToken) is not null)
        {
            Console.WriteLine((sink?.Instances ?? 0).ToString(CultureInfo.InvariantCulture));
        }

        await application.StopAsync(cancellationToken);
    }
}
