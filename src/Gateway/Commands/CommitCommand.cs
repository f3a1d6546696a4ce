using System.CommandLine;
using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.DicomScp;

namespace MedicalAi.Gateway;

/// <summary><c>gateway commit DEST PATH… [--listen ADDRESS:PORT]</c></summary>
internal static class CommitCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        PeerFlags peer = new();
        Argument<string[]> paths = new("PATH") { Description = "DICOM files, ZIP files of them, or folders with all that is below them", Arity = ArgumentArity.OneOrMore };
        Option<string?> listen = new("--listen")
        {
            Description = "listen there as well for the peer's report, under our AE title, as many peers call back; without it, the association of the request is kept open for it",
            HelpName = "ADDRESS:PORT",
        };
        Option<double> wait = new("--wait") { Description = "how many seconds to wait for the report", HelpName = "SECONDS", DefaultValueFactory = _ => 60 };
        Command command = new("commit", "Asks a peer to commit itself to the storage of what files hold (Storage Commitment), and waits for its word; exit code 1 when something is not committed.")
        {
            peer.Argument, paths, listen, wait,
        };
        SendCommand.RejectOptions(paths);
        listen.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !EndpointAddress.TryParse(text, out string? error, out _))
            {
                result.AddError($"{error}.");
            }
        });
        wait.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 604_800))
            {
                result.AddError("--wait is a number of seconds up to 604800.");
            }
        });
        peer.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Peer of = peer.Read(parsed);
            using InputFiles input = await InputFiles.FindAsync(parsed.GetRequiredValue(paths), cancellationToken);
            CommitmentRequests requests = new(TimeProvider.System);
            await using CommitmentListener? listener = parsed.GetValue(listen) is { } text && EndpointAddress.TryParse(text, out _, out EndpointAddress address)
                ? await CommitmentListener.StartAsync(address, of.Options.CallingAe, requests, cancellationToken)
                : null;
            TimeSpan inAll = TimeSpan.FromSeconds(parsed.GetValue(wait));
            CommitmentWait patience = new() { OnAssociation = listener is null ? inAll : TimeSpan.FromSeconds(1), InAll = inAll, MayComeElsewhere = listener is not null };
            return await RunAsync(of, requests, input, patience, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(Peer peer, CommitmentRequests requests, InputFiles input, CommitmentWait wait, CancellationToken cancellationToken)
    {
        Dictionary<SopReference, string> files = [];
        int unreadable = 0;
        foreach (string file in input.Files)
        {
            ParseResult<InstanceFile> read = await InstanceFile.ReadAsync(file, cancellationToken);
            if (read.Ok)
            {
                files.TryAdd(new SopReference(read.Value.SopClass, read.Value.SopInstance), file);
            }
            else
            {
                unreadable++;
                await Console.Error.WriteLineAsync($"{file}: {read.Error}");
            }
        }

        if (files.Count == 0)
        {
            throw new CommandFailedException("There is no instance in what was named.");
        }

        CommitmentResult result;
        try
        {
            result = await requests.RequestAsync(peer.Options, [.. files.Keys], wait, cancellationToken);
        }
        catch (Exception e) when (e is DicomNetworkException or DimseFailureException or TimeoutException)
        {
            throw new CommandFailedException($"{peer.Name}: {e.Message}", e);
        }

        int failed = 0;
        foreach (CommittedReference instance in result.Instances)
        {
            if (instance.FailureReason is { } reason)
            {
                failed++;
                await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{files[instance.Reference]}: {CommitmentFailure.Describe(reason)} ({reason:X4})"));
            }
        }

        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{files.Count - failed} of {files.Count} instances are committed by {peer.Name}"));
        return failed + unreadable + input.MissingCount == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
