namespace MedicalAi.Archive;

/// <summary>A backend of the archive is away. Nothing was acknowledged; the same request may succeed later.</summary>
public sealed class ArchiveUnavailableException : Exception
{
    /// <summary>Without more to say.</summary>
    public ArchiveUnavailableException()
    {
    }

    /// <summary>With a message for people.</summary>
    public ArchiveUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>With a message for people and its cause.</summary>
    public ArchiveUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
