namespace MedicalAi.Gateway;

/// <summary>The right of one process to write to a data folder; the system gives it up when the process ends, however it ends.</summary>
internal sealed class DataFolderLock : IDisposable
{
    private const string FileName = "gateway.lock";
    private readonly FileStream _file;

    private DataFolderLock(FileStream file) => _file = file;

    /// <summary>Takes the lock; null when another process has it.</summary>
    /// <exception cref="CommandFailedException">The folder cannot be used.</exception>
    public static DataFolderLock? TryTake(string dataFolder)
    {
        try
        {
            Directory.CreateDirectory(dataFolder);
            string path = Path.Combine(dataFolder, FileName);
            return new DataFolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException) when (File.Exists(Path.Combine(dataFolder, FileName)))
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"The data folder {dataFolder} cannot be used: {e.Message}", e);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();
}
