using System.CommandLine;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Gateway;

/// <summary><c>gateway get DEST OUT -k KEY=VALUE…</c></summary>
internal static class GetCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Argument<Destination> destination = Destination.Argument();
        Argument<string> output = new("OUT") { Description = "the folder to write to; files are named by their SOP Instance UIDs" };
        Option<string[]> classes = new("--sop-class")
        {
            Description = "a storage SOP class to take, by keyword or UID; may be repeated. Default those of images, reports and plans, as many as fit in an association",
            HelpName = "CLASS",
            DefaultValueFactory = _ => [],
        };
        Option<string[]> syntaxes = new("--transfer-syntax")
        {
            Description = "a compressed transfer syntax to take as well, by UID; may be repeated. Default uncompressed only",
            HelpName = "UID",
            DefaultValueFactory = _ => [],
        };
        Command command = new("get", "Retrieves patients, studies, series or images from a peer into a folder (C-GET). Ctrl+C cancels.") { destination, output, classes, syntaxes };
        classes.Validators.Add(result => AddErrors(result.Tokens.Select(token => token.Value).Where(text => FindClass(text) is null), "is no storage SOP class", result.AddError));
        syntaxes.Validators.Add(result => AddErrors(result.Tokens.Select(token => token.Value).Where(text => TransferSyntax.Find(new DicomUid(text)) is null), "is no transfer syntax", result.AddError));
        QueryFlags query = QueryFlags.AddTo(command);
        SettingFlags settings = SettingFlags.AddTo(command, "AeTitle");
        TlsFlags tls = TlsFlags.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Destination peer = parsed.GetRequiredValue(destination);
            string folder = Directory.CreateDirectory(parsed.GetRequiredValue(output)).FullName;
            DicomUid model = query.IsPatientRoot(parsed) ? DicomUids.PatientRootQueryRetrieveInformationModelGet : DicomUids.StudyRootQueryRetrieveInformationModelGet;
            DicomUid[] wanted = [.. parsed.GetRequiredValue(classes).Select(text => FindClass(text)!.Value)];
            TransferSyntax[] compressed = [.. parsed.GetRequiredValue(syntaxes).Select(text => TransferSyntax.Find(new DicomUid(text))!)];
            try
            {
                FolderStorage storage = new(folder);
                DicomClientOptions options = peer.ToClientOptions(settings.Read(parsed).AeTitle, tls.Read(parsed)) with { Services = [storage], MaxOperationsPerformed = 8 };
                await using DicomClient client = await DicomClient.ConnectAsync(options, Propose(model, wanted, compressed), cancellationToken);
                DimseResponse response = await client.GetAsync(model, query.Read(parsed), new RetrieveReport(), cancellationToken);
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

    private static void AddErrors(IEnumerable<string> wrong, string why, Action<string> add)
    {
        foreach (string text in wrong)
        {
            add($"'{text}' {why}.");
        }
    }

    private static DicomUid? FindClass(string text) =>
        UidRegistry.StorageSopClasses.FirstOrDefault(entry => entry.Keyword == text || entry.Uid.Value == text)?.Uid;

    // A context for each syntax beyond the uncompressed ones, so that the peer can choose by instance.
    private static PresentationContext[] Propose(DicomUid model, DicomUid[] wanted, TransferSyntax[] compressed)
    {
        TransferSyntax[] plain = [TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ImplicitVrLittleEndian];
        int room = (PresentationContext.Maximum - 1) / (1 + compressed.Length);
        IEnumerable<DicomUid> classes = wanted.Length > 0 ? wanted : UidRegistry.StorageSopClasses.Where(entry => !entry.IsRetired).OrderBy(Rank).Select(entry => entry.Uid);
        return
        [
            new PresentationContext(model, plain),
            .. classes.Take(room).SelectMany(sopClass => (PresentationContext[])
            [
                new(sopClass, plain) { Roles = AssociationRoles.Scp },
                .. compressed.Select(syntax => new PresentationContext(sopClass, [syntax]) { Roles = AssociationRoles.Scp }),
            ]),
        ];
    }

    // What is most often retrieved goes first, as not all fit.
    private static int Rank(UidEntry entry) =>
        entry.Name.Contains("Image", StringComparison.Ordinal) ? 0
        : entry.Name.Contains("SR", StringComparison.Ordinal) || entry.Name.Contains("Segmentation", StringComparison.Ordinal) || entry.Name.Contains("Encapsulated", StringComparison.Ordinal) ? 1
        : entry.Name.StartsWith("RT ", StringComparison.Ordinal) || entry.Name.Contains("Presentation", StringComparison.Ordinal) ? 2
        : 3;
}
