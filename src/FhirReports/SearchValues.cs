using System.Globalization;
using System.Text;
using Hl7.Fhir.Model;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Findings;

namespace MedicalAi.FhirReports;

/// <summary>Values of search parameters as conditions of the index (FHIR R4 section 3.1.1.5).</summary>
/// <param name="baseUrl">The URL of the services, which absolute references may begin with.</param>
internal sealed class SearchValues(string baseUrl)
{
    // More alternatives than any client needs, and few enough for one query.
    private const int MaximumOperands = 200;

    /// <summary>Makes the conditions of one parameter; null with an error where a value cannot be understood.</summary>
    public IReadOnlyList<FhirClause>? Parse(SearchParameter parameter, string? modifier, string value, out FhirError? error)
    {
        string[] values = Split(value, ',');
        error = values.Length > MaximumOperands ? FhirError.Invalid($"Parameter {parameter.Name} has more than {MaximumOperands} values.") : null;
        if (error is not null)
        {
            return null;
        }

        switch (parameter.Type, modifier)
        {
            case (SearchParamType.Token, null):
                return [new FhirClause(parameter.Name, [.. values.Select(Token)])];
            case (SearchParamType.Reference, "identifier"):
                return [new FhirClause(parameter.Name + SearchParameter.IdentifierSuffix, [.. values.Select(Token)])];
            case (SearchParamType.Reference, _) when modifier is null || parameter.Targets.Contains(modifier):
                return [new FhirClause(parameter.Name, [.. values.SelectMany(one => References(modifier is null ? parameter.Targets : [modifier], Unescape(one)))])];
            case (SearchParamType.String, null):
                return [new FhirClause(parameter.Name, [.. values.Select(one => new FhirOperand(NameNormalizer.Normalize(Unescape(one)) ?? "", null, FhirComparison.StartsWith))])];
            case (SearchParamType.String, "exact"):
                return [new FhirClause(parameter.Name + SearchParameter.ExactSuffix, [.. values.Select(one => new FhirOperand(Unescape(one)))])];
            case (SearchParamType.Date, null):
                return Dates(parameter.Name, values, FhirDates.ToSearchValue, out error);
            default:
                error = FhirError.NotSupported($"Parameter {parameter.Name} has no modifier {modifier} here.");
                return null;
        }
    }

    /// <summary>Conditions on when a resource was changed.</summary>
    public static IReadOnlyList<FhirClause>? LastUpdated(string value, out FhirError? error) =>
        Dates("_lastUpdated", Split(value, ','), time => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture), out error);

    /// <summary>A condition on the id.</summary>
    public static FhirClause Ids(string value) => new("_id", [.. Split(value, ',').Take(MaximumOperands).Select(one => new FhirOperand(Unescape(one)))]);

    /// <summary>Splits at a separator that no backslash stands before.</summary>
    public static string[] Split(string value, char separator)
    {
        List<string> parts = [];
        int start = 0;
        for (int i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\')
            {
                i++;
            }
            else if (value[i] == separator)
            {
                parts.Add(value[start..i]);
                start = i + 1;
            }
        }

        parts.Add(value[start..]);
        return [.. parts];
    }

    // [system]|[code]: nothing before the bar is "no system", nothing after it "any code of the system".
    private static FhirOperand Token(string value)
    {
        string[] parts = Split(value, '|');
        return parts.Length == 1
            ? new FhirOperand(Unescape(value))
            : new FhirOperand(parts[1].Length == 0 ? null : Unescape(parts[1]), Unescape(parts[0]));
    }

    // Type/id, an id alone, the URL of a resource here, or a study's UID for the study.
    private IEnumerable<FhirOperand> References(IReadOnlyList<string> targets, string value)
    {
        string local = value.StartsWith(baseUrl + "/", StringComparison.OrdinalIgnoreCase) ? value[(baseUrl.Length + 1)..] : value;
        string uid = local.StartsWith("urn:oid:", StringComparison.Ordinal) ? local["urn:oid:".Length..] : local;
        if (targets.Contains("ImagingStudy") && uid.Contains('.', StringComparison.Ordinal) && DicomUid.TryParse(uid, out DicomUid study))
        {
            return [new FhirOperand("ImagingStudy/" + ResultUids.FhirId("ImagingStudy", study.Value))];
        }

        int history = local.IndexOf("/_history/", StringComparison.Ordinal);
        local = history >= 0 ? local[..history] : local;
        return local.Contains('/', StringComparison.Ordinal) || local.Contains(':', StringComparison.Ordinal) || targets.Count == 0
            ? [new FhirOperand(local)]
            : targets.Select(target => new FhirOperand($"{target}/{local}"));
    }

    private static List<FhirClause>? Dates(string name, string[] values, Func<DateTimeOffset, string> format, out FhirError? error)
    {
        error = null;
        List<FhirOperand> operands = [];
        foreach (string value in values)
        {
            string prefix = value.Length > 2 && char.IsAsciiLetterLower(value[0]) && char.IsAsciiLetterLower(value[1]) ? value[..2] : "";
            if (!FhirDates.TryParseInterval(value[prefix.Length..], out DateTimeOffset first, out DateTimeOffset end))
            {
                error = FhirError.Invalid($"A value of parameter {name} is not a date.");
                return null;
            }

            switch (prefix)
            {
                case "" or "eq" when values.Length == 1:
                    return [new FhirClause(name, [Operand(first, FhirComparison.GreaterOrEqual)]), new FhirClause(name, [Operand(end, FhirComparison.Less)])];
                case "gt" or "sa":
                    operands.Add(Operand(end, FhirComparison.GreaterOrEqual));
                    break;
                case "ge":
                    operands.Add(Operand(first, FhirComparison.GreaterOrEqual));
                    break;
                case "lt" or "eb":
                    operands.Add(Operand(first, FhirComparison.Less));
                    break;
                case "le":
                    operands.Add(Operand(end, FhirComparison.Less));
                    break;
                default:
                    error = FhirError.NotSupported(prefix is "" or "eq" ? $"Parameter {name} takes one date at a time." : $"Parameter {name} has no prefix {prefix} here.");
                    return null;
            }
        }

        return [new FhirClause(name, operands)];

        FhirOperand Operand(DateTimeOffset time, FhirComparison comparison) => new(format(time), null, comparison);
    }

    private static string Unescape(string value)
    {
        if (!value.Contains('\\', StringComparison.Ordinal))
        {
            return value;
        }

        StringBuilder text = new(value.Length);
        for (int i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\' && i + 1 < value.Length)
            {
                i++;
            }

            text.Append(value[i]);
        }

        return text.ToString();
    }
}
