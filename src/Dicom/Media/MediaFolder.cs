namespace MedicalAi.Dicom.Media;

/// <summary>
/// Finds the files that a DICOMDIR names, below the folder that holds it. Nothing outside of that folder is ever found, whatever
/// the directory says: names that are no plain names are refused, and symbolic links are not followed.
/// Names are compared without regard to case, and the versions of ISO 9660 (<c>IMAGE1.;1</c>) are ignored: media that were copied
/// to disk often differ in these from what their directory says. Not safe for use by several threads.
/// </summary>
public sealed class MediaFolder
{
    private readonly string _root;
    private readonly Dictionary<string, Dictionary<string, FileSystemInfo>> _listings = new(StringComparer.Ordinal);

    /// <summary>The medium in a folder.</summary>
    /// <param name="path">The folder that holds the DICOMDIR.</param>
    public MediaFolder(string path) => _root = Path.GetFullPath(path);

    /// <summary>The path of a file; null when there is none of this name, or the name is not one that a medium can have.</summary>
    /// <param name="fileId">The components of a Referenced File ID (PS3.10 section 8.2): folders and the name of the file.</param>
    /// <exception cref="IOException">A folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder may not be read.</exception>
    public string? Find(IReadOnlyList<string> fileId)
    {
        ArgumentNullException.ThrowIfNull(fileId);
        string folder = _root;
        for (int i = 0; i < fileId.Count; i++)
        {
            if (!IsName(fileId[i]) || !TryFind(List(folder), fileId[i], out FileSystemInfo? entry) || entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                return null;
            }

            bool isLast = i == fileId.Count - 1;
            if (isLast != entry is FileInfo)
            {
                return null;
            }

            folder = entry.FullName;
        }

        return fileId.Count > 0 ? folder : null;
    }

    private static bool IsName(string component) => component is not ("" or "." or "..") && component.IndexOfAny(['/', '\\', ':', '\0']) < 0;

    private static bool TryFind(Dictionary<string, FileSystemInfo> listing, string component, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out FileSystemInfo? entry) =>
        listing.TryGetValue(component, out entry) || listing.TryGetValue(Loose(component), out entry);

    // A name on a medium has no lower case, so that an upper-case key means either the name itself or one that differs in case.
    private static string Loose(string name)
    {
        int version = name.LastIndexOf(';');
        return (version > 0 ? name[..version] : name).TrimEnd('.').ToUpperInvariant();
    }

    private Dictionary<string, FileSystemInfo> List(string folder)
    {
        if (_listings.TryGetValue(folder, out Dictionary<string, FileSystemInfo>? known))
        {
            return known;
        }

        Dictionary<string, FileSystemInfo> listing = new(StringComparer.Ordinal);
        FileSystemInfo[] entries = new DirectoryInfo(folder).GetFileSystemInfos();
        foreach (FileSystemInfo entry in entries)
        {
            listing[entry.Name] = entry;
        }

        // Names as they are come first; of two that differ in case only, the first in order is the other's stand-in.
        foreach (FileSystemInfo entry in entries.OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            listing.TryAdd(Loose(entry.Name), entry);
        }

        _listings.Add(folder, listing);
        return listing;
    }
}
