using System.CommandLine;
using System.Text.Json;
using MedicalAi.Dicom;

namespace MedicalAi.Gateway;

/// <summary><c>gateway dump FILE [--json|--xml|--check]</c></summary>
internal static class DumpCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "a DICOM file; or a data set as DICOM JSON (.json) or as Native DICOM Model (.xml)" };
        Option<bool> json = new("--json") { Description = "DICOM JSON (PS3.18 annex F) instead of text" };
        Option<bool> xml = new("--xml") { Description = "the Native DICOM Model (PS3.19 annex A) instead of text" };
        Option<bool> check = new("--check") { Description = "what departs from the standard instead of what is in it; exit code 1 when there are errors" };
        Command command = new("dump", "Shows what is in a DICOM file.") { file, json, xml, check };
        command.Validators.Add(result =>
        {
            if (new[] { json, xml, check }.Count(result.GetValue) > 1)
            {
                result.AddError("--json, --xml and --check exclude each other.");
            }
        });
        command.SetAction((parsed, cancellationToken) => parsed.GetValue(check)
            ? CheckAsync(parsed.GetRequiredValue(file), cancellationToken)
            : RunAsync(parsed.GetRequiredValue(file), parsed.GetValue(json), parsed.GetValue(xml), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string path, bool json, bool xml, CancellationToken cancellationToken)
    {
        ParseResult<DicomDataSet> read;
        string form;
        try
        {
            (read, form) = await ReadAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(e.Message, e);
        }

        if (read.Error is { } error)
        {
            throw new CommandFailedException($"{path}: {error}");
        }

        if (json)
        {
            await using Stream output = Console.OpenStandardOutput();
            await using (Utf8JsonWriter writer = new(output, new JsonWriterOptions { Indented = !Console.IsOutputRedirected }))
            {
                DicomJson.Write(read.Value, writer);
            }

            output.WriteByte((byte)'\n');
            return ExitCode.Done;
        }

        if (xml)
        {
            await using Stream output = Console.OpenStandardOutput();
            DicomXml.Write(read.Value, output);
            output.WriteByte((byte)'\n');
            return ExitCode.Done;
        }

        await using StreamWriter text = new(Console.OpenStandardOutput());
        await text.WriteLineAsync("# " + form);
        DicomDump.Write(read.Value, text);
        return ExitCode.Done;
    }

    /// <summary>The data set of a file, and what it is written in.</summary>
    private static async Task<(ParseResult<DicomDataSet> DataSet, string Form)> ReadAsync(string path, CancellationToken cancellationToken)
    {
        switch (Path.GetExtension(path).ToUpperInvariant())
        {
            case ".JSON":
                return (DicomJson.Parse(await File.ReadAllBytesAsync(path, cancellationToken)), "DICOM JSON");
            case ".XML":
                return (DicomXml.Parse(await File.ReadAllBytesAsync(path, cancellationToken)), "Native DICOM Model");
            default:
                ParseResult<DicomFile> file = await DicomFile.ReadAsync(path, null, cancellationToken);
                if (file.Ok && file.Value.Header.NamedTransferSyntax is { } named && named != file.Value.TransferSyntax.Uid)
                {
                    await Console.Error.WriteLineAsync($"{path}: the file meta information names the transfer syntax {named}, and the data set is in {file.Value.TransferSyntax.Uid}.");
                }

                return file.Ok
                    ? (file.Value.DataSet, $"{file.Value.TransferSyntax.Name} ({file.Value.TransferSyntax.Uid})")
                    : (file.Error, "");
        }
    }

    private static bool IsText(string path) => Path.GetExtension(path).ToUpperInvariant() is ".JSON" or ".XML";

    private static async Task<int> CheckAsync(string path, CancellationToken cancellationToken)
    {
        IReadOnlyList<DicomFinding> findings;
        try
        {
            if (IsText(path))
            {
                (ParseResult<DicomDataSet> read, _) = await ReadAsync(path, cancellationToken);
                findings = read.Ok ? DicomValidator.Check(read.Value) : throw new CommandFailedException($"{path}: {read.Error}");
            }
            else
            {
                findings = await DicomValidator.CheckFileAsync(path, cancellationToken);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(e.Message, e);
        }

        foreach (DicomFinding finding in findings)
        {
            await Console.Out.WriteLineAsync(finding.ToString().AsMemory(), cancellationToken);
        }

        if (findings.All(finding => finding.Severity == DicomSeverity.Note))
        {
            await Console.Out.WriteLineAsync("Nothing found.".AsMemory(), cancellationToken);
        }

        return findings.Any(finding => finding.Severity == DicomSeverity.Error) ? ExitCode.Failed : ExitCode.Done;
    }
}
