using System.CommandLine;
using System.Globalization;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Gateway;

/// <summary><c>gateway echo DEST</c></summary>
internal static class EchoCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        PeerFlags peer = new();
        Command command = new("echo", "Asks a peer by C-ECHO whether it is there.") { peer.Argument };
        peer.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(peer.Read(parsed), cancellationToken));
        return command;
    }

    private static Task<int> RunAsync(Peer peer, CancellationToken cancellationToken)
    {
        long begin = Environment.TickCount64;
        return peer.CallAsync(
            [PresentationContext.Verification],
            async client =>
            {
                DimseResponse response = await client.EchoAsync(cancellationToken);
                if (response.Status != DimseStatus.Success)
                {
                    throw new CommandFailedException($"{peer.Name} answered {DimseStatus.Describe(response.Status)}.");
                }

                string implementation = client.PeerImplementation.Length > 0 ? $" ({client.PeerImplementation})" : "";
                await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{peer.Name} answers{implementation}, {Environment.TickCount64 - begin} ms"));
                return ExitCode.Done;
            },
            cancellationToken);
    }
}
