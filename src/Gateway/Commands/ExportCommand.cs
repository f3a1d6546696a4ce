using System.CommandLine;
using System.Globalization;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Media;

namespace MedicalAi.Gateway;

/// <summary><c>gateway export PATH… OUT</c>: makes a medium of files. Studies of a running gateway are no source of it yet.</summary>
internal static class ExportCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Argument<string[]> paths = new("PATH... OUT")
        {
            Description = "DICOM files, folders, ZIP files of them or a DICOMDIR; and at the end the folder to make, in which nothing may be",
            Arity = new ArgumentArity(2, ArgumentArity.OneOrMore.MaximumNumberOfValues),
        };
        Option<string> id = new("--id") { Description = "the ID of the file-set: at most 16 capital letters, digits and underscores", DefaultValueFactory = _ => "" };
        Option<bool> strict = new("--strict") { Description = "leave out instances that lack what the DICOMDIR must say, instead of making it up there" };
        Command command = new("export", "Makes a DICOM medium of files: a folder to burn or to copy, with a DICOMDIR.") { paths, id, strict };
        SendCommand.RejectOptions(paths);
        id.Validators.Add(result =>
        {
            if (!DicomDirWriter.IsFileSetId(result.GetValueOrDefault<string>()))
            {
                result.AddError("--id has at most 16 capital letters, digits and underscores.");
            }
        });
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(parsed.GetRequiredValue(paths), parsed.GetRequiredValue(id), parsed.GetValue(strict), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string[] paths, string id, bool strict, CancellationToken cancellationToken)
    {
        foreach (string path in paths[..^1].Where(path => !Path.Exists(path) && DicomUid.TryParse(path, out _)))
        {
            throw new CommandFailedException($"{path} is no file: studies of a gateway cannot be exported by their UID yet. Get them as files first.");
        }

        using InputFiles input = await InputFiles.FindAsync(paths[..^1], cancellationToken);
        int failed = input.MissingCount;
        int repeated = 0;
        try
        {
            MediaWriter medium = new(paths[^1], id, inventsKeys: !strict);
            await WorkProgress.RunAsync($"Exporting to {paths[^1]}", input.Files.Count, async report =>
            {
                foreach ((int i, string file) in input.Files.Index())
                {
                    switch (await medium.AddAsync(file, cancellationToken))
                    {
                        case null when medium.Invented.Count > 0:
                            await Console.Error.WriteLineAsync($"{file}: made up in the DICOMDIR, for the instance does not have it: {string.Join(", ", medium.Invented.Select(tag => DicomDictionary.Find(tag)?.Keyword))}");
                            break;
                        case { Kind: DicomErrorKind.Inconsistent, Tag: { } tag } when tag == DicomTags.SOPInstanceUID:
                            repeated++;
                            break;
                        case { } error:
                            failed++;
                            await Console.Error.WriteLineAsync($"{file}: {error}");
                            break;
                    }

                    report(i + 1);
                }
            });
            if (medium.Count > 0)
            {
                await medium.FinishAsync(cancellationToken);
            }

            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{medium.Count} instances exported, {repeated} were there already, {failed} failed"));
            return failed == 0 ? ExitCode.Done : ExitCode.Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(e.Message, e);
        }
    }
}
