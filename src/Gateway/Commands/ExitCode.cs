namespace MedicalAi.Gateway;

/// <summary>The exit codes of the program.</summary>
internal static class ExitCode
{
    /// <summary>It was done.</summary>
    public const int Done = 0;

    /// <summary>It failed.</summary>
    public const int Failed = 1;

    /// <summary>It was called in a wrong way, or is configured wrongly.</summary>
    public const int WrongUse = 2;
}
