namespace MedicalAi.InferenceEngine;

/// <summary>What is wrong with a model's folder.</summary>
/// <param name="File">The file.</param>
/// <param name="Path">Where in its JSON, for example <c>$.input.steps[2]</c>; empty for the file as a whole.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record ModelProblem(string File, string Path, string Message)
{
    /// <inheritdoc />
    public override string ToString() => Path.Length == 0 ? $"{File}: {Message}" : $"{File}, {Path}: {Message}";
}
