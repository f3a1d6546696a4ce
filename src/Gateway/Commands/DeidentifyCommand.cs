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

    // Longer values of bytes are copied from file to file.
    private static readonly DicomReadOptions s_reading = new() { MaxBulkLength = 64 * 1024 };

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
            using InputFiles inputs = await InputFiles.FindAsync([input], cancellationToken);

            // A DICOMDIR and a ZIP file are files too, but stand for others.
            bool isOne = inputs.Files is [var only] && only == input;
            int failed = 0;
            HashSet<string> written = new(StringComparer.Ordinal);
            foreach (string file in inputs.Files)
            {
                if (!await DeidentifyAsync(deidentifier, file, output, isOne, written, cancellationToken))
                {
                    failed++;
                }
            }

            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{inputs.Files.Count - failed} de-identified, {failed + inputs.MissingCount} failed or refused"));
            return failed + inputs.MissingCount == 0 ? ExitCode.Done : ExitCode.Failed;
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

    private static async Task<bool> DeidentifyAsync(Deidentifier deidentifier, string file, string output, bool isOne, HashSet<string> written, CancellationToken cancellationToken)
    {
        await using FileStream source = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
        ParseResult<DicomFile> read = await DicomFile.ReadAsync(source, s_reading, cancellationToken);
        if (read.Ok && read.Value.TransferSyntax.IsDeflated)
        {
            source.Position = 0;
            read = await DicomFile.ReadAsync(source, null, cancellationToken);
        }

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

        if (isOne)
        {
            await WriteAsync(read.Value, dataSet, source, output, cancellationToken);
            return true;
        }

        string path = Path.Combine(Directory.CreateDirectory(output).FullName, $"{instance}.dcm");
        if (!written.Add(path))
        {
            await Console.Error.WriteLineAsync($"{file}: another file of the input has the same SOP Instance UID, and was written");
            return false;
        }

        await WriteAsync(read.Value, dataSet, source, path, cancellationToken);
        return true;
    }

    // What is there under that name stays until the new file is whole; it may be the source.
    private static async Task WriteAsync(DicomFile read, DicomDataSet dataSet, Stream source, string path, CancellationToken cancellationToken)
    {
        string part = path + ".part";
        try
        {
            await using (FileStream target = new(part, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true))
            {
                if (read.TransferSyntax.IsDeflated)
                {
                    await target.WriteAsync(DicomFile.ToBytes(dataSet, read.TransferSyntax), cancellationToken);
                }
                else
                {
                    await DicomFile.WriteAsync(dataSet, read.TransferSyntax, source, read.DataSetOffset, target, cancellationToken);
                }
            }

            File.Move(part, path, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }
}
