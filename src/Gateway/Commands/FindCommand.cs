using System.CommandLine;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Gateway;

/// <summary><c>gateway find DEST -k KEY=VALUE…</c></summary>
internal static class FindCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Argument<Destination> destination = Destination.Argument();
        Option<bool> json = new("--json") { Description = "each match as DICOM JSON (PS3.18 annex F) on a line" };
        Option<int> limit = new("--limit") { Description = "the most matches", HelpName = "N", DefaultValueFactory = _ => 1000 };
        Command command = new("find", "Queries a peer (C-FIND) for patients, studies, series or images.") { destination, json, limit };
        QueryFlags query = QueryFlags.AddTo(command);
        SettingFlags settings = SettingFlags.AddTo(command, "AeTitle");
        TlsFlags tls = TlsFlags.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            Destination peer = parsed.GetRequiredValue(destination);
            DicomDataSet identifier = query.Read(parsed);
            QueryFlags.AddUsualKeys(identifier);
            DicomUid model = query.IsPatientRoot(parsed) ? DicomUids.PatientRootQueryRetrieveInformationModelFind : DicomUids.StudyRootQueryRetrieveInformationModelFind;
            return RunAsync(peer, peer.ToClientOptions(settings.Read(parsed).AeTitle, tls.Read(parsed)), model, identifier, parsed.GetValue(json), Math.Max(1, parsed.GetValue(limit)), cancellationToken);
        });
        return command;
    }

    /// <summary>Queries, and prints what is found.</summary>
    public static async Task<int> RunAsync(Destination peer, DicomClientOptions options, DicomUid model, DicomDataSet identifier, bool json, int limit, CancellationToken cancellationToken)
    {
        try
        {
            PresentationContext context = new(model, [TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ImplicitVrLittleEndian]);
            await using DicomClient client = await DicomClient.ConnectAsync(options, [context], cancellationToken);
            await using MatchPrinter printer = new(json);
            await foreach (DicomDataSet match in client.FindAsync(model, identifier, cancellationToken: cancellationToken))
            {
                await printer.PrintAsync(match, cancellationToken);
                if (printer.Count == limit)
                {
                    break;
                }
            }

            if (printer.Count == 0)
            {
                await Console.Error.WriteLineAsync("Nothing matches.");
            }

            await client.ReleaseAsync(cancellationToken);
            return ExitCode.Done;
        }
        catch (Exception e) when (e is DicomNetworkException or DimseFailureException)
        {
            throw new CommandFailedException($"{peer}: {e.Message}", e);
        }
    }
}
