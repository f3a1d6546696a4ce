namespace MedicalAi.Dicom;

/// <summary>One thing that <see cref="DicomValidator"/> found. It holds no value of the data set, so that it can be logged.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Path">Where: tags and item numbers from 0, such as <c>(0040,A730)[0].(0040,A043)</c>; empty for the file as a whole.</param>
/// <param name="Rule">The section of the standard that says so, for example <c>PS3.5 6.2</c>.</param>
/// <param name="Message">What is wrong.</param>
public readonly record struct DicomFinding(DicomSeverity Severity, string Path, string Rule, string Message)
{
    /// <summary>A line for people: <c>Error (0010,0010): ... [PS3.5 6.2]</c>.</summary>
    public override string ToString() => Path.Length == 0 ? $"{Severity}: {Message} [{Rule}]" : $"{Severity} {Path}: {Message} [{Rule}]";
}
