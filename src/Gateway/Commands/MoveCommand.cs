using System.CommandLine;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Gateway;

/// <summary><c>gateway move DEST --to AET -k KEY=VALUE…</c></summary>
internal static class MoveCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        PeerFlags peer = new();
        Option<string> to = new("--to") { Description = "the AE title to which the peer sends; the peer must know it", HelpName = "AET", Required = true };
        Command command = new("move", "Has a peer send patients, studies, series or images to another AE (C-MOVE). Ctrl+C cancels.") { peer.Argument, to };
        to.Validators.Add(result =>
        {
            if (!AeTitle.TryParse(result.GetValueOrDefault<string>(), out _))
            {
                result.AddError($"'{result.GetValueOrDefault<string>()}' is no AE title.");
            }
        });
        QueryFlags query = QueryFlags.AddTo(command);
        peer.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            DicomUid model = query.IsPatientRoot(parsed) ? DicomUids.PatientRootQueryRetrieveInformationModelMove : DicomUids.StudyRootQueryRetrieveInformationModelMove;
            DicomDataSet identifier = query.ReadUnique(parsed);
            AeTitle destination = AeTitle.Parse(parsed.GetRequiredValue(to));
            PresentationContext context = new(model, [TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ImplicitVrLittleEndian]);
            return peer.Read(parsed).CallAsync(
                [context],
                client => RetrieveReport.RunAsync($"Moving to {destination}", async progress => await client.MoveAsync(model, identifier, destination, progress, cancellationToken)),
                cancellationToken);
        });
        return command;
    }
}
