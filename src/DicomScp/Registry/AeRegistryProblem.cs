namespace MedicalAi.DicomScp;

/// <summary>What is wrong with the file of the registry.</summary>
/// <param name="Line">The line, counted from 1; 0 for the file as a whole.</param>
/// <param name="Path">Where in its JSON, for example <c>$.entities[2].port</c>; empty for the file as a whole.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record AeRegistryProblem(int Line, string Path, string Message)
{
    /// <inheritdoc />
    public override string ToString() => (Line, Path) switch
    {
        (0, "") => Message,
        (0, _) => $"{Path}: {Message}",
        (_, "") => $"line {Line}: {Message}",
        _ => $"line {Line}, {Path}: {Message}",
    };
}
