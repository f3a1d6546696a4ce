namespace MedicalAi.Dicom.Network;

/// <summary>The files below a folder. Links are followed, but each folder is gone through once, however many ways lead to it.</summary>
internal static class FolderFiles
{
    // As many as Linux follows before it gives up.
    private const int MostLinks = 40;

    private static readonly EnumerationOptions s_everything = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None };

    /// <summary>Finds the files, in the order of their names.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static List<string> Find(string folder)
    {
        List<string> files = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        Stack<string> open = new([folder]);
        while (open.TryPop(out string? path))
        {
            if (RealPath(path) is not { } real || !seen.Add(real))
            {
                continue;
            }

            // The last one first, for the first one is to be taken next.
            foreach (FileSystemInfo entry in new DirectoryInfo(path).EnumerateFileSystemInfos("*", s_everything).OrderByDescending(entry => entry.Name, StringComparer.Ordinal))
            {
                string name = Path.Combine(path, entry.Name);
                if (entry.Attributes.HasFlag(FileAttributes.Directory))
                {
                    open.Push(name);
                }
                else
                {
                    files.Add(name);
                }
            }
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

    /// <summary>The path without links in it; null where they lead in a circle.</summary>
    private static string? RealPath(string path)
    {
        int links = 0;
        return Resolve(path, ref links);
    }

    private static string? Resolve(string path, ref int links)
    {
        string full = Path.GetFullPath(path);
        string real = Path.GetPathRoot(full)!;
        foreach (string name in full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(real, name);
            if (new DirectoryInfo(next).LinkTarget is not { } target)
            {
                real = next;
            }
            else if (++links > MostLinks || Resolve(Path.Combine(real, target), ref links) is not { } resolved)
            {
                return null;
            }
            else
            {
                real = resolved;
            }
        }

        return real;
    }
}
