using System.CommandLine;

namespace MedicalAi.Gateway;

/// <summary><c>gateway send DEST PATH…</c></summary>
internal static class SendCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        PeerFlags peer = new();
        Argument<string[]> paths = new("PATH") { Description = "DICOM files, ZIP files of them, or folders with all that is below them", Arity = ArgumentArity.OneOrMore };
        Command command = new("send", "Sends DICOM files to a peer by C-STORE.") { peer.Argument, paths };
        RejectOptions(paths);
        peer.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Peer to = peer.Read(parsed);
            using InputFiles input = await InputFiles.FindAsync(parsed.GetRequiredValue(paths), cancellationToken);
            return await FileSending.SendAsync(to.Options, $"Sending to {to.Name}", input.Files, cancellationToken) == 0 && input.MissingCount == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    /// <summary>A mistyped option must not be taken for a file.</summary>
    public static void RejectOptions(Argument<string[]> argument) => argument.Validators.Add(result =>
    {
        foreach (string text in result.Tokens.Select(token => token.Value).Where(text => text.StartsWith('-') && !Path.Exists(text)))
        {
            result.AddError($"There is no option '{text}'.");
        }
    });
}
