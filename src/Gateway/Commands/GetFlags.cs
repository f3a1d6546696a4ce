using System.CommandLine;
using MedicalAi.Dicom;

namespace MedicalAi.Gateway;

/// <summary>The flags of commands that take instances from a peer by C-GET: what is wanted, and in which SOP classes and transfer syntaxes it may come.</summary>
internal sealed class GetFlags
{
    private readonly Option<string[]> _classes = new("--sop-class")
    {
        Description = "a storage SOP class to take, by keyword or UID; may be repeated. Default those that the peer tells of by C-FIND, and others as many as fit in an association",
        HelpName = "CLASS",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _syntaxes = new("--transfer-syntax")
    {
        Description = "a compressed transfer syntax to take besides the uncompressed ones, by UID; may be repeated. Default all, as many as fit",
        HelpName = "UID",
        DefaultValueFactory = _ => [],
    };

    private readonly QueryFlags _query;

    private GetFlags(Command command)
    {
        command.Options.Add(_classes);
        command.Options.Add(_syntaxes);
        _classes.Validators.Add(result => AddErrors(result.Tokens.Select(token => token.Value).Where(text => FindClass(text) is null), "is no storage SOP class", result.AddError));
        _syntaxes.Validators.Add(result => AddErrors(result.Tokens.Select(token => token.Value).Where(text => TransferSyntax.Find(new DicomUid(text)) is null), "is no transfer syntax", result.AddError));
        _query = QueryFlags.AddTo(command);
    }

    /// <summary>Adds the flags to a command.</summary>
    public static GetFlags AddTo(Command command) => new(command);

    /// <summary>Whether a command line says what is wanted.</summary>
    public bool HasKeys(ParseResult parsed) => _query.HasKeys(parsed);

    /// <summary>Retrieves what a command line names into a folder.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="ConfigurationException">It is not named by unique keys.</exception>
    /// <exception cref="CommandFailedException">Not all was retrieved.</exception>
    public async Task<int> GetAsync(ParseResult parsed, Peer from, string folder, CancellationToken cancellationToken)
    {
        bool isPatientRoot = _query.IsPatientRoot(parsed);
        DicomDataSet identifier = _query.ReadUnique(parsed);
        DicomUid[] wanted = [.. parsed.GetRequiredValue(_classes).Select(text => FindClass(text)!.Value)];
        TransferSyntax[] compressed = [.. parsed.GetRequiredValue(_syntaxes).Select(text => TransferSyntax.Find(new DicomUid(text))!)];
        FolderStorage storage = new(CreateFolder(folder));
        StorageProposal proposal = new(wanted.Length > 0 ? wanted : await SopClassSurvey.AskAsync(from, isPatientRoot, identifier, cancellationToken), compressed) { IsOpen = wanted.Length == 0 };
        DicomUid model = isPatientRoot ? DicomUids.PatientRootQueryRetrieveInformationModelGet : DicomUids.StudyRootQueryRetrieveInformationModelGet;
        return await from.CallAsync(
            proposal.ToContexts(model),
            client => RetrieveReport.RunAsync($"Getting from {from.Name}", async progress => await client.GetAsync(model, identifier, progress, cancellationToken)),
            cancellationToken,
            storage);
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
