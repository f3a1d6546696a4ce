namespace MedicalAi.Findings;

/// <summary>A coded concept (PS3.3 section 8): a code, the scheme that gives it its meaning, and that meaning in words.</summary>
/// <param name="Value">The code, 1 to 64 characters.</param>
/// <param name="Scheme">The coding scheme designator: <c>SCT</c>, <c>DCM</c>, <c>UCUM</c>, <c>LN</c>, <c>99MEDAI</c>.</param>
/// <param name="Meaning">The meaning, 1 to 64 characters.</param>
public readonly record struct CodedConcept(string Value, string Scheme, string Meaning)
{
    /// <summary>The form that the standard uses in its text: <c>(value, scheme, "meaning")</c>.</summary>
    public override string ToString() => $"({Value}, {Scheme}, \"{Meaning}\")";
}
