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
        PeerFlags peer = new();
        Option<bool> json = new("--json") { Description = "each match as DICOM JSON (PS3.18 annex F) on a line" };
        Option<int> limit = new("--limit") { Description = "the most matches", HelpName = "N", DefaultValueFactory = _ => 1000 };
        Command command = new("find", "Queries a peer (C-FIND) for patients, studies, series or images. Ctrl+C cancels.") { peer.Argument, json, limit };
        QueryFlags query = QueryFlags.AddTo(command);
        peer.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            DicomDataSet identifier = query.Read(parsed);
            QueryFlags.AddUsualKeys(identifier);
            DicomUid model = query.IsPatientRoot(parsed) ? DicomUids.PatientRootQueryRetrieveInformationModelFind : DicomUids.StudyRootQueryRetrieveInformationModelFind;
            return RunAsync(peer.Read(parsed), model, identifier, parsed.GetValue(json), Math.Max(1, parsed.GetValue(limit)), cancellationToken);
        });
        return command;
    }

    /// <summary>Queries, and prints what is found.</summary>
    public static Task<int> RunAsync(Peer peer, DicomUid model, DicomDataSet identifier, bool json, int limit, CancellationToken cancellationToken)
    {
        PresentationContext context = new(model, [TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ImplicitVrLittleEndian]);
        return peer.CallAsync(
            [context],
            async client =>
            {
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

                return ExitCode.Done;
            },
            cancellationToken);
    }
}
