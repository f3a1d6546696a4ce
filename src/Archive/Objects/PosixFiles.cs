using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MedicalAi.Archive;

/// <summary>What .NET does not offer: a hard link, which never overwrites, and folders whose names are durable.</summary>
internal static partial class PosixFiles
{
    private const int OpenWriteOnly = 1;
    private const int OpenCreate = 0x40;
    private const int OpenExclusive = 0x80;
    private const int Mode = 0b110_110_110; // As everything else: what the mask of the process leaves of it.
    private const int ErrorNotFound = 2;
    private const int ErrorInterrupted = 4;
    private const int ErrorExists = 17;
    private const int OpenCloseOnExec = 0x80000;

    /// <summary>Gives a file a second name, if that name is free; false when it is taken.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder of the name, or the file, is missing.</exception>
    /// <exception cref="IOException">The disk is full or failed.</exception>
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
        return error switch
        {
            ErrorExists => false,
            ErrorNotFound => throw new DirectoryNotFoundException("A file could not be published: its folder is missing."),
            _ => throw new IOException($"A file could not be published: {Marshal.GetPInvokeErrorMessage(error)}"),
        };
    }

    /// <summary>Makes a file with a content: fewer calls of the system than .NET takes, as it is done for each instance.</summary>
    /// <exception cref="IOException">The disk is full or failed; the file is gone again.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        if (!OperatingSystem.IsLinux())
        {
            File.WriteAllBytes(path, content);
            return;
        }

        int descriptor = Open(path, OpenWriteOnly | OpenCreate | OpenExclusive | OpenCloseOnExec, Mode);
        if (descriptor < 0)
        {
            throw new IOException($"A file could not be made: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        try
        {
            while (!content.IsEmpty)
            {
                nint written = Write(descriptor, ref MemoryMarshal.GetReference(content), content.Length);
                if (written <= 0 && Marshal.GetLastPInvokeError() != ErrorInterrupted)
                {
                    throw new IOException($"A file could not be written: {Marshal.GetLastPInvokeErrorMessage()}");
                }

                content = content[(int)Math.Max(0, written)..];
            }
        }
        catch
        {
            File.Delete(path);
            throw;
        }
        finally
        {
            _ = Close(descriptor);
        }
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

    /// <summary>Makes the content of a file durable; its times only where the system has no way without.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public static void SyncData(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux())
        {
            Check(SyncContent(file), "A file could not be synchronised");
        }
        else
        {
            RandomAccess.FlushToDisk(file);
        }
    }

    /// <summary>Makes durable all that stands in the file system of a folder, on Linux; false elsewhere.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public static bool TrySyncFileSystem(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        int descriptor = Open(folder, OpenCloseOnExec);
        Check(descriptor < 0 ? -1 : 0, "A folder could not be opened");
        try
        {
            Check(SyncAll(descriptor), "The file system could not be synchronised");
        }
        finally
        {
            _ = Close(descriptor);
        }

        return true;
    }

    private static void Check(int result, string what)
    {
        if (result != 0)
        {
            throw new IOException($"{what}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SyncContent(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncAll(int descriptor);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string path, string newPath);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, ref byte bytes, nint length);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
