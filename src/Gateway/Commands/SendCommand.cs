using System.CommandLine;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Gateway;

/// <summary><c>gateway send DEST PATH…</c></summary>
internal static class SendCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Argument<Destination> destination = Destination.Argument();
        Argument<string[]> paths = new("PATH") { Description = "DICOM files, ZIP files of them, or folders with all that is below them", Arity = ArgumentArity.OneOrMore };
        Command command = new("send", "Sends DICOM files to a peer by C-STORE.") { destination, paths };
        RejectOptions(paths);
        SettingFlags settings = SettingFlags.AddTo(command, "AeTitle");
        TlsFlags tls = TlsFlags.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            DicomClientOptions options = parsed.GetRequiredValue(destination).ToClientOptions(settings.Read(parsed).AeTitle, tls.Read(parsed));
            using InputFiles input = await InputFiles.FindAsync(parsed.GetRequiredValue(paths), cancellationToken);
            return await FileSending.SendAsync(options, $"Sending to {parsed.GetValue(destination)}", input.Files, cancellationToken) == 0 && input.MissingCount == 0 ? ExitCode.Done : ExitCode.Failed;
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
