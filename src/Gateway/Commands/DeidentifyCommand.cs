using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using MedicalAi.Dicom;

namespace MedicalAi.Gateway;

/// <summary><c>gateway deidentify IN OUT [--secret-file F] [--option O]...</c></summary>
internal static class DeidentifyCommand
{
    private static readonly Dictionary<string, RetainOptions> s_options = new(StringComparer.Ordinal)
    {
        ["retain-safe-private"] = RetainOptions.SafePrivate,
        ["retain-uids"] = RetainOptions.Uids,
        ["retain-device-identity"] = RetainOptions.DeviceIdentity,
        ["retain-institution-identity"] = RetainOptions.InstitutionIdentity,
        ["retain-patient-characteristics"] = RetainOptions.PatientCharacteristics,
        ["retain-full-dates"] = RetainOptions.FullDates,
        ["retain-modified-dates"] = RetainOptions.ModifiedDates,
        ["clean-descriptors"] = RetainOptions.CleanDescriptors,
        ["clean-graphics"] = RetainOptions.CleanGraphics,
        ["clean-structured-content"] = RetainOptions.CleanStructuredContent,
    };

    // The options of PS3.15 that would need somebody to look at the pixels.
    private static readonly string[] s_refused = ["clean-pixel-data", "clean-recognizable-visual-features"];

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Argument<string> input = new("IN") { Description = "a DICOM file, or a folder or ZIP file of them" };
        Argument<string> output = new("OUT") { Description = "the file to write; for a folder or ZIP file the folder, in which files are named by their new UIDs" };
        Option<string?> secret = new("--secret-file")
        {
            Description = "a file of at least 16 bytes, under which UIDs, pseudonyms and dates are replaced: the same one gives the same result; without it, one is made up for this run",
        };
        Option<string[]> options = new("--option")
        {
            Description = "an option of the profile (PS3.15 E.3); may be repeated. Of text that is cleaned, words of medicine stay. The two options that clean pixels are refused.",
            AllowMultipleArgumentsPerToken = false,
        };
        options.AcceptOnlyFromAmong([.. s_options.Keys, .. s_refused]);
        Command command = new("deidentify", "Removes from DICOM files what tells who the patient is (PS3.15 annex E, basic profile). Pixels are not looked at.")
        {
            input, output, secret, options,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(options)?.Intersect(s_refused).FirstOrDefault() is { } refused)
            {
                result.AddError($"{refused} cannot be done: nothing here looks at pixels, and files that say that they were cleaned would be taken for clean.");
            }
            else if (result.GetValue(options) is { } chosen && chosen.Contains("retain-full-dates") && chosen.Contains("retain-modified-dates"))
            {
                result.AddError("retain-full-dates and retain-modified-dates exclude each other.");
            }
        });
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(input),
            parsed.GetRequiredValue(output),
            parsed.GetValue(secret),
            (parsed.GetValue(options) ?? []).Aggregate(RetainOptions.None, (sum, name) => sum | s_options[name]),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string input, string output, string? secretFile, RetainOptions retain, CancellationToken cancellationToken)
    {
        try
        {
            Deidentifier deidentifier = new(new DeidentificationOptions { Secret = await ReadSecretAsync(secretFile, cancellationToken), Retain = retain });
            bool isOne = File.Exists(input) && !Path.GetExtension(input).Equals(".zip", StringComparison.OrdinalIgnoreCase);
            using InputFiles inputs = await InputFiles.FindAsync([input], cancellationToken);
            int failed = 0;
            foreach (string file in inputs.Files)
            {
                if (!await WriteAsync(deidentifier, file, output, isOne, cancellationToken))
                {
                    failed++;
                }
            }

            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{inputs.Files.Count - failed} de-identified, {failed} failed or refused"));
            return failed == 0 ? ExitCode.Done : ExitCode.Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(e.Message, e);
        }
    }

    private static async Task<byte[]> ReadSecretAsync(string? file, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            return RandomNumberGenerator.GetBytes(32);
        }

        byte[] secret = await File.ReadAllBytesAsync(file, cancellationToken);
        return secret.Length >= DeidentificationOptions.MinimumSecretLength
            ? secret
            : throw new CommandFailedException($"{file}: a secret has at least {DeidentificationOptions.MinimumSecretLength} bytes.");
    }

    private static async Task<bool> WriteAsync(Deidentifier deidentifier, string file, string output, bool isOne, CancellationToken cancellationToken)
    {
        ParseResult<DicomFile> read = await DicomFile.ReadAsync(file, null, cancellationToken);
        if (read.Error is { } error)
        {
            await Console.Error.WriteLineAsync($"{file}: {error}");
            return false;
        }

        DeidentificationResult result = deidentifier.Apply(read.Value.DataSet);
        foreach (string warning in result.Report.Warnings)
        {
            await Console.Error.WriteLineAsync($"{file}: {warning}");
        }

        if (result.DataSet is not { } dataSet)
        {
            return false;
        }

        if (dataSet.GetUid(DicomTags.SOPClassUID) is null || dataSet.GetUid(DicomTags.SOPInstanceUID) is not { } instance)
        {
            await Console.Error.WriteLineAsync($"{file}: no instance, for it has no SOP Class UID or no SOP Instance UID");
            return false;
        }

        string path = output;
        if (!isOne)
        {
            Directory.CreateDirectory(output);
            path = Path.Combine(output, $"{instance}.dcm");
        }

        await File.WriteAllBytesAsync(path, DicomFile.ToBytes(dataSet, read.Value.TransferSyntax), cancellationToken);
        return true;
    }
}
