namespace MedicalAi.Testing;

/// <summary>A new folder for one test, removed with all that is in it.</summary>
internal sealed class TempFolder : IDisposable
{
    /// <summary>Makes the folder.</summary>
    public TempFolder() => Path = Directory.CreateTempSubdirectory("medicalai-test-").FullName;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>A file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc />
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // The test removed it.
        }
    }
}
