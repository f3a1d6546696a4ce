using System.Globalization;
using System.Net;
using MedicalAi.Dicom.Network;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Bench.Store;

/// <summary>
/// Our process that receives: the gateway's acceptor on Kestrel as the gateway sets it up, with <see cref="SinkService"/> in the
/// place of the archive. Says its port; then says, for each line that it reads, the instances and bytes so far; ends at the end
/// of its input.
/// </summary>
internal static class SinkServer
{
    /// <param name="isPlain">Whether the connections are those that Kestrel brings, in the place of <see cref="DicomTransport"/>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(bool isPlain, CancellationToken cancellationToken)
    {
        SinkService sink = new();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxConcurrentConnections = null;
            kestrel.Listen(isPlain ? new IPEndPoint(IPAddress.Any, 0) : new DicomEndPoint(IPAddress.Any, 0), listen => listen.UseConnectionHandler<DicomConnectionHandler>());
        });
        builder.Services.AddSingleton(new DicomServerOptions { AcceptAnyCalledAeTitle = true });
        builder.Services.AddSingleton<DimseService>(sink);
        builder.Services.AddSingleton<DicomConnectionHandler>();
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionMemory>();
        builder.Services.AddSingleton<IConnectionListenerFactory, DicomTransport>();
        await using WebApplication application = builder.Build();
        await application.StartAsync(cancellationToken);
        string address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Console.WriteLine(new Uri(address.Replace("*", "localhost", StringComparison.Ordinal)).Port);
        while (await Console.In.ReadLineAsync(cancellationToken) is not null)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sink.Instances} {sink.Bytes}"));
        }

        await application.StopAsync(cancellationToken);
    }
}
