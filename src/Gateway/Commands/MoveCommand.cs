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
        Argument<Destination> destination = Destination.Argument();
        Option<string> to = new("--to") { Description = "the AE title to which the peer sends; the peer must know it", HelpName = "AET", Required = true };
        Command command = new("move", "Has a peer send patients, studies, series or images to another AE (C-MOVE). Ctrl+C cancels.") { destination, to };
        to.Validators.Add(result =>
        {
            if (!AeTitle.TryParse(result.GetValueOrDefault<string>(), out _))
            {
                result.AddError($"'{result.GetValueOrDefault<string>()}' is no AE title.");
            }
        });
        QueryFlags query = QueryFlags.AddTo(command);
        SettingFlags settings = SettingFlags.AddTo(command, "AeTitle");
        TlsFlags tls = TlsFlags.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Destination peer = parsed.GetRequiredValue(destination);
            DicomUid model = query.IsPatientRoot(parsed) ? DicomUids.PatientRootQueryRetrieveInformationModelMove : DicomUids.StudyRootQueryRetrieveInformationModelMove;
            try
            {
                PresentationContext context = new(model, [TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ImplicitVrLittleEndian]);
                await using DicomClient client = await DicomClient.ConnectAsync(peer.ToClientOptions(settings.Read(parsed).AeTitle, tls.Read(parsed)), [context], cancellationToken);
                DimseResponse response = await client.MoveAsync(model, query.Read(parsed), AeTitle.Parse(parsed.GetRequiredValue(to)), new RetrieveReport(), cancellationToken);
                await client.ReleaseAsync(cancellationToken);
                return RetrieveReport.Conclude(response);
            }
            catch (DicomNetworkException e)
            {
                throw new CommandFailedException($"{peer}: {e.Message}", e);
            }
        });
        return command;
    }
}
