using System.CommandLine;
using System.Globalization;
using System.Net;
using MedicalAi.Archive;
using MedicalAi.Dicom.Network;
using MedicalAi.InferenceEngine;

namespace MedicalAi.Gateway;

/// <summary>
/// <c>gateway import DIR…</c>: into the archive of the data folder or, while a gateway serves it, by C-STORE to that gateway. Either
/// way the tasks of the studies are made; the gateway that serves next, or serves now, runs them.
/// </summary>
internal static class ImportCommand
{
    private const int Parallel = 4;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Argument<string[]> paths = new("DIR") { Description = "folders with all that is below them, ZIP files, DICOM files, or a DICOMDIR for the files that it names", Arity = ArgumentArity.OneOrMore };
        SendCommand.RejectOptions(paths);
        Command command = new("import", "Takes DICOM files into the archive.") { paths };
        SettingFlags settings = SettingFlags.AddTo(command, "Data", "Models", "Stability");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using InputFiles input = await InputFiles.FindAsync(parsed.GetRequiredValue(paths), cancellationToken);
            int code = await RunAsync(settings.Read(parsed), input.Files, cancellationToken);
            return input.MissingCount == 0 ? code : ExitCode.Failed;
        });
        return command;
    }

    private static async Task<int> RunAsync(GatewayOptions options, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        options.CheckDatabase();
        using DataFolderLock? held = DataFolderLock.TryTake(options.DataFolder);
        return held is null ? await SendAsync(options, files, cancellationToken) : await IngestAsync(options, files, cancellationToken);
    }

    private static async Task<int> SendAsync(GatewayOptions options, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        if (RunningGateway.Read(options.DataFolder) is not { Dicom: { } endpoint } running)
        {
            throw new CommandFailedException($"The data folder {options.DataFolder} is in use, and its gateway accepts no associations.");
        }

        if (running.HasTls)
        {
            throw new CommandFailedException($"The gateway that serves {options.DataFolder} takes DICOM over TLS only: use gateway send {running.AeTitle}@{endpoint} --tls, or stop it and import then.");
        }

        IPEndPoint address = IPEndPoint.Parse(endpoint);
        DicomClientOptions client = new() { Host = address.Address.ToString(), Port = address.Port, CalledAe = AeTitle.Parse(running.AeTitle), CallingAe = AeTitle.Parse(running.AeTitle) };
        return await FileSending.SendAsync(client, $"Sending to the gateway that serves {options.DataFolder}", files, cancellationToken) == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task<int> IngestAsync(GatewayOptions options, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        builder.Services.AddArchive(options.ToArchive());
        builder.Services.AddInferenceEngine(new InferenceOptions { ModelsFolder = options.ModelsFolder, RunsTasks = false });
        using IHost host = builder.Build();
        await host.StartAsync(cancellationToken);
        try
        {
            return await IngestAsync(host.Services.GetRequiredService<IngestService>(), options, files, cancellationToken);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<int> IngestAsync(IngestService ingest, GatewayOptions options, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        int stored = 0;
        int known = 0;
        int failed = 0;
        await WorkProgress.RunAsync($"Importing into {options.DataFolder}", files.Count, async report =>
        {
            int done = 0;
            Lock counting = new();
            await System.Threading.Tasks.Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken }, async (file, token) =>
            {
                (IngestOutcome? outcome, string? error) = await IngestAsync(ingest, file, token);
                lock (counting)
                {
                    stored += outcome == IngestOutcome.Stored ? 1 : 0;
                    known += outcome == IngestOutcome.AlreadyStored ? 1 : 0;
                    if (error is not null)
                    {
                        failed++;
                        Console.Error.WriteLine($"{file}: {error}");
                    }

                    report(++done);
                }
            });
        });
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{stored} instances stored, {known} were there already, {failed} failed"));
        return failed == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task<(IngestOutcome? Outcome, string? Error)> IngestAsync(IngestService ingest, string file, CancellationToken cancellationToken)
    {
        try
        {
            await using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
            IngestResult result = await ingest.IngestPart10Async(stream, new UploadOrigin(UploadOrigin.Import), InstanceExpectation.None, cancellationToken);
            return (result.Outcome, result.IsSuccess ? null : result.Message ?? result.Outcome.ToString());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, e.Message);
        }
    }
}
