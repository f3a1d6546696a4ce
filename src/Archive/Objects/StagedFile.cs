namespace MedicalAi.Archive;

/// <summary>
/// A file of the staging folder, which goes when nobody needs it: neither its writer, nor the journal, by which alone it is found after a power cut
/// until its name in the store is durable. Safe for use by several threads.
/// </summary>
/// <param name="path">Where it stands.</param>
internal sealed class StagedFile(string path)
{
    private int _holders = 1;

    /// <summary>Where it stands.</summary>
    public string Path => path;

    /// <summary>One more needs it.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>One does not need it any more; the last one removes it.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A disk that fails here keeps the file until the next start; what was published stands under its own name.
            }
        }
    }
}
