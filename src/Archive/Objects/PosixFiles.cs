using System.Runtime.InteropServices;

namespace MedicalAi.Archive;

/// <summary>What .NET does not offer: a hard link, which never overwrites, and folders whose names are durable.</summary>
internal static partial class PosixFiles
{
    private const int ErrorExists = 17;
    private const int OpenCloseOnExec = 0x80000;

    /// <summary>Gives a file a second name, if that name is free; false when it is taken.</summary>
    public static bool TryLink(string path, string newPath)
    {
        if (OperatingSystem.IsWindows())
        {
            if (File.Exists(newPath))
            {
                return false;
            }

            File.Copy(path, newPath, overwrite: false);
            return true;
        }

        if (Link(path, newPath) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error == ErrorExists ? false : throw new IOException($"A file could not be published: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>Makes a folder and its missing parents; the folders that got a new name in them are to be made durable too.</summary>
    public static void CreateFolder(string path, HashSet<string> changed)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        string? parent = Path.GetDirectoryName(path);
        if (parent is not null)
        {
            CreateFolder(parent, changed);
            changed.Add(parent);
        }

        Directory.CreateDirectory(path);
    }

    /// <summary>Makes the names in a folder durable.</summary>
    public static void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // NTFS journals names; a folder cannot be flushed.
        }

        int descriptor = Open(path, OperatingSystem.IsLinux() ? OpenCloseOnExec : 0);
        if (descriptor < 0)
        {
            throw new IOException($"A folder could not be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        int result = Sync(descriptor);
        int error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (result != 0)
        {
            throw new IOException($"A folder could not be synchronised: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string path, string newPath);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
