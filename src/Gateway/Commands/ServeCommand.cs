using System.CommandLine;
using System.Diagnostics;
using System.Net.Sockets;
using MedicalAi.DicomScp;
using Microsoft.AspNetCore.Connections;

namespace MedicalAi.Gateway;

/// <summary><c>gateway serve</c></summary>
internal static class ServeCommand
{
    /// <summary>The name of the command.</summary>
    public const string Name = "serve";

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Option<bool> demo = new("--demo") { Description = "send the bundled sample studies through C-STORE, wait for their results and show where they are" };
        Command command = new(Name, "Serves: takes studies in, runs models on them, gives the results out.") { demo };
        SettingFlags settings = SettingFlags.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(settings.Read(parsed).Checked(), parsed.GetValue(demo), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(GatewayOptions options, bool demo, CancellationToken cancellationToken)
    {
        if (demo && options.DicomTlsCertificate is not null)
        {
            throw new ConfigurationException("The demonstration sends its studies without TLS: start it without --dicom-tls-certificate.");
        }

        using DataFolderLock held = DataFolderLock.TryTake(options.DataFolder)
            ?? throw new CommandFailedException($"The data folder {options.DataFolder} is in use by another gateway.");
        await using GatewayHost host = GatewayHost.Build(options, demo ? LogLevel.Warning : LogLevel.Information);
        ILogger logger = host.App.Services.GetRequiredService<ILoggerFactory>().CreateLogger("MedicalAi.Gateway");
        await StartAsync(host, options, cancellationToken);
        Announce(host, options, logger);
        IHostApplicationLifetime lifetime = host.App.Lifetime;
        await using CancellationTokenRegistration stopping = lifetime.ApplicationStopping.Register(() => Log.Stopping(logger));
        try
        {
            if (demo)
            {
                await new DemoRun(host, options).RunAsync(lifetime.ApplicationStopping);
            }

            return await host.WaitForShutdownAsync(cancellationToken) ? ExitCode.Done : ExitCode.Failed;
        }
        finally
        {
            RunningGateway.Remove(options.DataFolder);
        }
    }

    private static async Task StartAsync(GatewayHost host, GatewayOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await host.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new CommandFailedException($"An address is in use by another program: {e.Message.TrimEnd('.')}. Choose others with --http and --dicom.", e);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or Archive.ArchiveUnavailableException)
        {
            throw new CommandFailedException($"The gateway cannot serve HTTP on {options.Http} and DICOM on {options.Dicom} from {options.DataFolder}: {e.Message}", e);
        }
    }

    private static void Announce(GatewayHost host, GatewayOptions options, ILogger logger)
    {
        string dicom = host.DicomEndpoint is { } endpoint ? $"{options.AeTitle}@{endpoint}{(options.DicomTlsCertificate is null ? "" : options.DicomTlsCa is null ? " (TLS)" : " (mutual TLS)")}" : "none";
        new RunningGateway(Environment.ProcessId, host.HttpUrl, host.DicomEndpoint?.ToString(), options.AeTitle.Value, options.DicomTlsCertificate is not null).Write(options.DataFolder);
        using Process self = Process.GetCurrentProcess();
        long milliseconds = (long)(DateTime.Now - self.StartTime).TotalMilliseconds;
        foreach (string variable in GatewayConfiguration.FindUnused(Environment.GetEnvironmentVariable))
        {
            Log.Unused(logger, variable);
        }

        if (!options.Http.IsLoopback)
        {
            Log.Unauthenticated(logger, $"HTTP {options.Http}");
        }

        if (options.IsDicomOpen && host.App.Services.GetRequiredService<AeRegistryFile>().Current.AcceptsUnknownCallers)
        {
            Log.Unauthenticated(logger, $"DICOM {options.Dicom}");
        }

        if (options.IsProduction)
        {
            Log.Ready(logger, GatewayCommand.Version, host.HttpUrl, dicom, options.DataFolder, options.ModelsFolder, options.Roles, milliseconds);
        }
        else
        {
            Console.WriteLine($"Ready after {milliseconds / 1000.0:0.0} s. HTTP {host.HttpUrl}/  DICOM {dicom}  data {options.DataFolder}  (Ctrl+C ends)");
        }
    }
}
