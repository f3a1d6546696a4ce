using System.CommandLine;
using MedicalAi.Dicom;
using MedicalAi.DicomScp;

namespace MedicalAi.Gateway;

/// <summary><c>gateway worklist DEST -k KEY=VALUE…</c></summary>
internal static class WorklistCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        PeerFlags peer = new();
        Option<string[]> keys = new("--key", "-k")
        {
            Description = "a key: PatientID=123, Modality=CT, ScheduledProcedureStepStartDate=20260101-20260131; without a value it is asked for only. Those of the scheduled step are put into its sequence",
            HelpName = "KEY[=VALUE]",
            DefaultValueFactory = _ => [],
        };
        Option<bool> json = new("--json") { Description = "each match as DICOM JSON (PS3.18 annex F) on a line" };
        Option<int> limit = new("--limit") { Description = "the most matches", HelpName = "N", DefaultValueFactory = _ => 1000 };
        Command command = new("worklist", "Asks a Modality Worklist what is scheduled.") { peer.Argument, keys, json, limit };
        keys.Validators.Add(result =>
        {
            foreach (string text in result.Tokens.Select(token => token.Value))
            {
                if (!TrySetKey(WorklistKeys.All(), text))
                {
                    result.AddError($"'{text}' is no key: an attribute by its keyword or tag, and a value after '=' where it is to match.");
                }
            }
        });
        peer.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            DicomDataSet identifier = WorklistKeys.All();
            identifier.SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192");
            foreach (string text in parsed.GetRequiredValue(keys))
            {
                TrySetKey(identifier, text);
            }

            return FindCommand.RunAsync(peer.Read(parsed), DicomUids.ModalityWorklistInformationModelFind, identifier, parsed.GetValue(json), Math.Max(1, parsed.GetValue(limit)), cancellationToken);
        });
        return command;
    }

    private static bool TrySetKey(DicomDataSet identifier, string text) =>
        QueryFlags.TrySetKey(identifier, text, tag => WorklistKeys.IsOfStep(tag) ? identifier.GetItems(DicomTags.ScheduledProcedureStepSequence)[0] : identifier);
}
