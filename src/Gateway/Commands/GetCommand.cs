using System.CommandLine;
using MedicalAi.Dicom;

namespace MedicalAi.Gateway;

/// <summary><c>gateway get DEST OUT -k KEY=VALUE…</c></summary>
internal static class GetCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        PeerFlags peer = new();
        Argument<string> output = new("OUT") { Description = "the folder to write to; files are named by their SOP Instance UIDs" };
        Option<string[]> classes = new("--sop-class")
        {
            Description = "a storage SOP class to take, by keyword or UID; may be repeated. Default those that the peer tells of by C-FIND, and others as many as fit in an association",
            HelpName = "CLASS",
            DefaultValueFactory = _ => [],
        };
        Option<string[]> syntaxes = new("--transfer-syntax")
        {
            Description = "a compressed transfer syntax to take besides the uncompressed ones, by UID; may be repeated. Default all, as many as fit",
            HelpName = "UID",
            DefaultValueFactory = _ => [],
        };
        Command command = new("get", "Retrieves patients, studies, series or images from a peer into a folder (C-GET). Ctrl+C cancels.") { peer.Argument, output, classes, syntaxes };
        classes.Validators.Add(result => AddErrors(result.Tokens.Select(token => token.Value).Where(text => FindClass(text) is null), "is no storage SOP class", result.AddError));
        syntaxes.Validators.Add(result => AddErrors(result.Tokens.Select(token => token.Value).Where(text => TransferSyntax.Find(new DicomUid(text)) is null), "is no transfer syntax", result.AddError));
        QueryFlags query = QueryFlags.AddTo(command);
        peer.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Peer from = peer.Read(parsed);
            bool isPatientRoot = query.IsPatientRoot(parsed);
            DicomDataSet identifier = query.ReadUnique(parsed);
            DicomUid[] wanted = [.. parsed.GetRequiredValue(classes).Select(text => FindClass(text)!.Value)];
            TransferSyntax[] compressed = [.. parsed.GetRequiredValue(syntaxes).Select(text => TransferSyntax.Find(new DicomUid(text))!)];
            FolderStorage storage = new(CreateFolder(parsed.GetRequiredValue(output)));
            StorageProposal proposal = new(wanted.Length > 0 ? wanted : await SopClassSurvey.AskAsync(from, isPatientRoot, identifier, cancellationToken), compressed) { IsOpen = wanted.Length == 0 };
            DicomUid model = isPatientRoot ? DicomUids.PatientRootQueryRetrieveInformationModelGet : DicomUids.StudyRootQueryRetrieveInformationModelGet;
            return await from.CallAsync(
                proposal.ToContexts(model),
                client => RetrieveReport.RunAsync($"Getting from {from.Name}", async progress => await client.GetAsync(model, identifier, progress, cancellationToken)),
                cancellationToken,
                storage);
        });
        return command;
    }

    private static string CreateFolder(string path)
    {
        try
        {
            return Directory.CreateDirectory(path).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(e.Message, e);
        }
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
}
