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
        Argument<Destination> destination = Destination.Argument();
        Command command = new("echo", "Asks a peer by C-ECHO whether it is there.") { destination };
        SettingFlags settings = SettingFlags.AddTo(command, "AeTitle");
        TlsFlags tls = TlsFlags.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(destination), settings.Read(parsed).AeTitle, tls.Read(parsed), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Destination destination, AeTitle calling, DicomTlsOptions? tls, CancellationToken cancellationToken)
    {
        long begin = Environment.TickCount64;
        try
        {
            await using DicomClient client = await DicomClient.ConnectAsync(destination.ToClientOptions(calling, tls), [PresentationContext.Verification], cancellationToken);
            DimseResponse response = await client.EchoAsync(cancellationToken);
            if (response.Status != DimseStatus.Success)
            {
                throw new CommandFailedException($"{destination} answered {DimseStatus.Describe(response.Status)}.");
            }

            await client.ReleaseAsync(cancellationToken);
            string implementation = client.PeerImplementation.Length > 0 ? $" ({client.PeerImplementation})" : "";
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{destination} answers{implementation}, {Environment.TickCount64 - begin} ms"));
            return ExitCode.Done;
        }
        catch (DicomNetworkException e)
        {
            throw new CommandFailedException($"{destination}: {e.Message}", e);
        }
    }
}
