using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;

namespace MedicalAi.Gateway;

/// <summary>The command line: <c>gateway serve | import | export | send | echo | find | get | move | commit | worklist | dump | deidentify | models | users | db</c>.</summary>
internal static class GatewayCommand
{
    /// <summary>The version of the program.</summary>
    public static string Version { get; } =
        typeof(GatewayCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>Runs the program.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        ParseResult parsed = Build().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (string message in parsed.Errors.Select(error => error.Message).Distinct())
            {
                await Console.Error.WriteLineAsync($"gateway: {message}");
            }

            await Console.Error.WriteLineAsync($"See: {UsageOf(parsed.CommandResult.Command)} --help");
            return ExitCode.WrongUse;
        }

        using CancellationTokenSource stop = new();

        // `serve` takes care of the signals itself; for the others they cancel what is under way.
        using PosixSignalRegistration? interrupt = parsed.CommandResult.Command.Name == ServeCommand.Name ? null : PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using PosixSignalRegistration? terminate = parsed.CommandResult.Command.Name == ServeCommand.Name ? null : PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
        }
        catch (ConfigurationException e)
        {
            await Console.Error.WriteLineAsync($"gateway: {e.Message}");
            return ExitCode.WrongUse;
        }
        catch (CommandFailedException e)
        {
            await Console.Error.WriteLineAsync($"gateway: {e.Message}");
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("gateway: stopped before the end.");
            return ExitCode.Failed;
        }
#pragma warning disable CA1031 // Whatever goes wrong is told in a line; where it comes from, to those who ask.
        catch (Exception e)
#pragma warning restore CA1031
        {
            bool isDebug = Environment.GetEnvironmentVariable("DEBUG") is "true" or "1";
            await Console.Error.WriteLineAsync(isDebug ? $"gateway: {e}" : $"gateway: an unexpected error, {e.GetType().Name}: {e.Message} (DEBUG=true tells more)");
            return ExitCode.Failed;
        }

        void Cancel(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static RootCommand Build()
    {
        RootCommand root = new("MedicalAi.Gateway: a DICOM gateway that runs AI models on studies and gives the results back as DICOM and FHIR.");
        root.Subcommands.Add(ServeCommand.Create());
        root.Subcommands.Add(ImportCommand.Create());
        root.Subcommands.Add(ExportCommand.Create());
        root.Subcommands.Add(SendCommand.Create());
        root.Subcommands.Add(EchoCommand.Create());
        root.Subcommands.Add(FindCommand.Create());
        root.Subcommands.Add(GetCommand.Create());
        root.Subcommands.Add(MoveCommand.Create());
        root.Subcommands.Add(CommitCommand.Create());
        root.Subcommands.Add(WorklistCommand.Create());
        root.Subcommands.Add(DumpCommand.Create());
        root.Subcommands.Add(DeidentifyCommand.Create());
        root.Subcommands.Add(ModelsCommand.Create());
        root.Subcommands.Add(UsersCommand.Create());
        root.Subcommands.Add(DbCommand.Create());
        return root;
    }

    private static string UsageOf(Command command) =>
        command is RootCommand ? "gateway" : $"{UsageOf(command.Parents.OfType<Command>().First())} {command.Name}";
}
