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
        Argument<string> file = new("FILE") { Description = "a DICOM file" };
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
        ParseResult<DicomFile> read;
        try
        {
            read = await DicomFile.ReadAsync(path, null, cancellationToken);
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
                DicomJson.Write(read.Value.DataSet, writer);
            }

            output.WriteByte((byte)'\n');
            return ExitCode.Done;
        }

        if (xml)
        {
            await using Stream output = Console.OpenStandardOutput();
            await output.WriteAsync(DicomXml.ToBytes(read.Value.DataSet), cancellationToken);
            output.WriteByte((byte)'\n');
            return ExitCode.Done;
        }

        await using StreamWriter text = new(Console.OpenStandardOutput());
        await text.WriteLineAsync($"# {read.Value.TransferSyntax.Name} ({read.Value.TransferSyntax.Uid})");
        DicomDump.Write(read.Value.DataSet, text);
        return ExitCode.Done;
    }

    private static async Task<int> CheckAsync(string path, CancellationToken cancellationToken)
    {
        byte[] bytes;
        try
        {
            bytes = await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(e.Message, e);
        }

        IReadOnlyList<DicomFinding> findings = DicomValidator.CheckFile(bytes);
        foreach (DicomFinding finding in findings)
        {
            await Console.Out.WriteLineAsync(finding.ToString().AsMemory(), cancellationToken);
        }

        if (findings.Count == 0)
        {
            await Console.Out.WriteLineAsync("Nothing found.".AsMemory(), cancellationToken);
        }

        return findings.Any(finding => finding.Severity == DicomSeverity.Error) ? ExitCode.Failed : ExitCode.Done;
    }
}
