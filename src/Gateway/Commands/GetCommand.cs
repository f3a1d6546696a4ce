using System.CommandLine;

namespace MedicalAi.Gateway;

/// <summary><c>gateway get DEST OUT -k KEY=VALUE…</c></summary>
internal static class GetCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        PeerFlags peer = new();
        Argument<string> output = new("OUT") { Description = "the folder to write to; files are named by their SOP Instance UIDs" };
        Command command = new("get", "Retrieves patients, studies, series or images from a peer into a folder (C-GET). Ctrl+C cancels.") { peer.Argument, output };
        GetFlags get = GetFlags.AddTo(command);
        peer.AddTo(command);
        command.SetAction((parsed, cancellationToken) => get.GetAsync(parsed, peer.Read(parsed), parsed.GetRequiredValue(output), cancellationToken));
        return command;
    }
}
