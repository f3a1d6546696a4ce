namespace MedicalAi.Archive;

/// <summary>
/// What tells patients apart, as one text: Patient ID and Issuer of Patient ID; without a Patient ID, the issuer, name, birth date and sex.
/// </summary>
internal static class PatientKey
{
    // No Patient ID has a backslash, which separates values, so that the two kinds of keys do not meet.
    public static string Of(string? id, string? issuer, string? name, string? birthDate, string? sex) =>
        string.IsNullOrEmpty(id) ? $@"\{issuer}\{name}\{birthDate}\{sex}" : $@"{id}\{issuer}";
}
