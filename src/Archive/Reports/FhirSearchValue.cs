namespace MedicalAi.Archive;

/// <summary>A value of a search parameter of a resource.</summary>
/// <param name="Parameter">The parameter's name, for example <c>identifier</c>, <c>patient</c>, <c>status</c>, <c>date</c>.</param>
/// <param name="Value">The code, reference (<c>Patient/id</c>), text, or a date-time in UTC as <c>yyyy-MM-ddTHH:mm:ssZ</c>.</param>
/// <param name="System">The system of a token; null when it has none.</param>
public sealed record FhirSearchValue(string Parameter, string Value, string? System = null);
