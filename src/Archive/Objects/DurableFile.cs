namespace MedicalAi.Archive;

/// <summary>Small files that are replaced as a whole.</summary>
public static class DurableFile
{
    /// <summary>Replaces a file: whoever reads it gets the old content or the new, and the new is durable when this returns. A link stays a link, its target is replaced.</summary>
    /// <exception cref="IOException">It cannot be written; the old content stays.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written; the old content stays.</exception>
    /// <param name="path">The file.</param>
    /// <param name="content">Its new content.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="mode">The mode of a file that was not there, where files have modes; null for the usual one.</param>
    public static async Task ReplaceAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken, UnixFileMode? mode = null)
    {
        string target = new FileInfo(path).LinkTarget is null ? Path.GetFullPath(path) : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
        string temporary = $"{target}.{Guid.NewGuid():N}.new";
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = File.Exists(target) ? File.GetUnixFileMode(target) : mode ?? options.UnixCreateMode;
        }

        try
        {
            await using (FileStream stream = new(temporary, options))
            {
                await stream.WriteAsync(content, cancellationToken);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        PosixFiles.SyncFolder(Path.GetDirectoryName(target)!);
    }
}
