using System.CommandLine;
using System.Globalization;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Media;

namespace MedicalAi.Gateway;

/// <summary><c>gateway export PATH… OUT</c> and <c>gateway export DEST OUT -k KEY=VALUE…</c>: makes a medium of files, or of what a gateway or another peer has.</summary>
internal static class ExportCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Argument<string[]> paths = new("PATH... OUT")
        {
            Description = "DICOM files, folders, ZIP files of them or a DICOMDIR; or, with -k, one peer as AET@HOST:PORT or the AE title of a destination of the AE registry (--aes); and at the end the folder to make, in which nothing may be",
            Arity = new ArgumentArity(2, ArgumentArity.OneOrMore.MaximumNumberOfValues),
        };
        Option<string> id = new("--id") { Description = "the ID of the file-set: at most 16 capital letters, digits and underscores", DefaultValueFactory = _ => "" };
        Option<bool> strict = new("--strict") { Description = "leave out instances that lack what the DICOMDIR must say, instead of making it up there" };
        Command command = new("export", "Makes a DICOM medium of files, or of what a peer sends by C-GET: a folder to burn or to copy, with a DICOMDIR.") { paths, id, strict };
        SendCommand.RejectOptions(paths);
        PeerFlags peer = new();
        GetFlags get = GetFlags.AddTo(command);
        peer.AddTo(command);
        id.Validators.Add(result =>
        {
            if (!DicomDirWriter.IsFileSetId(result.GetValueOrDefault<string>()))
            {
                result.AddError("--id has at most 16 capital letters, digits and underscores.");
            }
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            string[] given = parsed.GetRequiredValue(paths);
            string output = given[^1];
            Func<MediaWriter> create = () => new MediaWriter(output, parsed.GetRequiredValue(id), inventsKeys: !parsed.GetValue(strict));
            return get.HasKeys(parsed)
                ? FromPeerAsync(peer.Read(parsed, ReadPeer(given[..^1])), (from, folder) => get.GetAsync(parsed, from, folder, cancellationToken), output, create, cancellationToken)
                : FromFilesAsync(given[..^1], output, create, cancellationToken);
        });
        return command;
    }

    private static Destination ReadPeer(string[] given) => given is [string one] && Destination.TryParse(one) is { } destination
        ? destination
        : throw new ConfigurationException("Keys (-k) name what is to be taken from one peer: AET@HOST:PORT, or the AE title of a destination of the AE registry. They do not choose among files.");

    private static async Task<int> FromPeerAsync(Peer from, Func<Peer, string, Task<int>> getAsync, string output, Func<MediaWriter> create, CancellationToken cancellationToken)
    {
        // Beside the medium and not in the folder for temporary files: there is room for the medium, and who may read one may read the other.
        string received = Path.GetFullPath(output).TrimEnd(Path.DirectorySeparatorChar) + $".{Guid.NewGuid():N}.part";
        try
        {
            MediaWriter medium = create();
            int retrieved = ExitCode.Done;
            CommandFailedException? failure = null;
            try
            {
                retrieved = await getAsync(from, received);
            }
            catch (CommandFailedException e)
            {
                // What came is on the medium, and what did not is told.
                failure = e;
            }

            string[] files = Directory.Exists(received) ? [.. Directory.EnumerateFiles(received, "*.dcm").Order(StringComparer.Ordinal)] : [];
            int written = files.Length == 0 ? ExitCode.Failed : await WriteAsync(medium, files, output, 0, cancellationToken);
            if (medium.Count == 0 && !Directory.EnumerateFileSystemEntries(output).Any())
            {
                Directory.Delete(output);
            }

            return failure is not null ? throw failure
                : files.Length == 0 ? throw new CommandFailedException($"{from.Name} has nothing of that: no medium was made.")
                : Math.Max(retrieved, written);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(e.Message, e);
        }
        finally
        {
            if (Directory.Exists(received))
            {
                Directory.Delete(received, recursive: true);
            }
        }
    }

    private static async Task<int> FromFilesAsync(string[] paths, string output, Func<MediaWriter> create, CancellationToken cancellationToken)
    {
        foreach (string path in paths.Where(path => !Path.Exists(path)))
        {
            if (DicomUid.TryParse(path, out _))
            {
                throw new CommandFailedException($"{path} is no file. A study of a gateway is exported by: gateway export AET@HOST:PORT OUT -k StudyInstanceUID={path}");
            }

            if (path.Contains('@', StringComparison.Ordinal) && Destination.TryParse(path) is not null)
            {
                throw new CommandFailedException($"Say by -k what is to be taken from {path}, for example -k StudyInstanceUID=1.2.3");
            }
        }

        using InputFiles input = await InputFiles.FindAsync(paths, cancellationToken);
        try
        {
            return await WriteAsync(create(), input.Files, output, input.MissingCount, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(e.Message, e);
        }
    }

    private static async Task<int> WriteAsync(MediaWriter medium, IReadOnlyList<string> files, string output, int failed, CancellationToken cancellationToken)
    {
        int repeated = 0;
        await WorkProgress.RunAsync($"Exporting to {output}", files.Count, async report =>
        {
            foreach ((int i, string file) in files.Index())
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
}
