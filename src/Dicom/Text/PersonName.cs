namespace MedicalAi.Dicom;

/// <summary>A person's name (VR PN, PS3.5 section 6.2.1): up to three component groups separated by <c>=</c>.</summary>
/// <param name="Alphabetic">The alphabetic group, components separated by <c>^</c>.</param>
/// <param name="Ideographic">The ideographic group; empty when there is none.</param>
/// <param name="Phonetic">The phonetic group; empty when there is none.</param>
public readonly record struct PersonName(string Alphabetic, string Ideographic = "", string Phonetic = "")
{
    /// <summary>Reads the decoded value of a PN element; more than three groups stay in the last.</summary>
    public static PersonName Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] groups = text.Split('=', 3);
        return new PersonName(Trim(groups[0]), groups.Length > 1 ? Trim(groups[1]) : "", groups.Length > 2 ? Trim(groups[2]) : "");

        static string Trim(string group) => group.TrimEnd(' ', '\0');
    }

    /// <summary>The form of the data element: groups with <c>=</c>, without empty ones at the end.</summary>
    public override string ToString() => Phonetic is { Length: > 0 } ? $"{Alphabetic}={Ideographic}={Phonetic}"
        : Ideographic is { Length: > 0 } ? $"{Alphabetic}={Ideographic}"
        : Alphabetic ?? "";
}
