using System.Globalization;
using Hl7.Fhir.Model;
using MedicalAi.Archive;

namespace MedicalAi.FhirReports;

/// <summary>
/// Reads the parameters of a search. What is not known is passed over, and the self link shows it, unless strict handling is asked
/// for; what is known and wrong is always refused (FHIR R4 section 3.1.1.5).
/// </summary>
internal sealed class SearchParser
{
    private const int MaximumOffset = 1_000_000;

    private readonly string _type;
    private readonly FhirOptions _options;
    private readonly SearchValues _values;
    private readonly bool _isStrict;
    private readonly List<FhirClause> _clauses = [];
    private readonly List<ChainedClause> _chains = [];
    private readonly List<SearchParameter> _includes = [];
    private readonly List<(string, SearchParameter)> _reverseIncludes = [];
    private readonly List<KeyValuePair<string, string>> _used = [];
    private int _count;
    private int _offset;
    private ResourceView _view = ResourceView.Whole;
    private FhirError? _error;

    private SearchParser(string type, FhirOptions options, string baseUrl, bool isStrict)
    {
        _type = type;
        _options = options;
        _values = new SearchValues(baseUrl);
        _isStrict = isStrict;
        _count = options.DefaultCount;
    }

    /// <summary>Reads a search; null with an error where it is refused.</summary>
    public static SearchRequest? Parse(string type, IEnumerable<KeyValuePair<string, string>> parameters, FhirOptions options, string baseUrl, bool isStrict, out FhirError? error)
    {
        SearchParser parser = new(type, options, baseUrl, isStrict);
        foreach ((string name, string value) in parameters)
        {
            // A parameter without a value asks for nothing.
            if (value.Length > 0)
            {
                parser.Add(name, value);
            }

            if (parser._error is not null)
            {
                error = parser._error;
                return null;
            }
        }

        error = null;
        return new SearchRequest(type)
        {
            Clauses = parser._clauses,
            Chains = parser._chains,
            Includes = parser._includes,
            ReverseIncludes = parser._reverseIncludes,
            Count = parser._count,
            Offset = parser._offset,
            View = parser._view,
            Used = parser._used,
        };
    }

    private void Add(string name, string value)
    {
        switch (name)
        {
            case "_count":
                _count = Math.Min(Number(name, value, int.MaxValue), _options.MaximumCount);
                break;
            case "_offset":
                _offset = Number(name, value, MaximumOffset);
                break;
            case "_format" or "_pretty":
                Use(name, value);
                break;
            case "_total" when value is "none" or "estimate" or "accurate":
                Use(name, value);
                break;
            case "_sort" when value == "-_lastUpdated":
                Use(name, value);
                break;
            case "_summary":
                _view = ResourceView.OfSummary(value) ?? Refuse<ResourceView>(FhirError.Invalid("Parameter _summary is true, text, data, count or false.")) ?? _view;
                Use(name, value);
                break;
            case "_elements":
                _view = ResourceView.OfElements(value);
                Use(name, value);
                break;
            case "_id":
                _clauses.Add(SearchValues.Ids(value));
                Use(name, value);
                break;
            case "_lastUpdated":
                AddClauses(name, value, SearchValues.LastUpdated(value, out _error));
                break;
            case "_include":
                Include(name, value);
                break;
            case "_revinclude":
                ReverseInclude(name, value);
                break;
            default:
                AddParameter(name, value);
                break;
        }
    }

    private void AddParameter(string name, string value)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        string head = dot < 0 ? name : name[..dot];
        int colon = head.IndexOf(':', StringComparison.Ordinal);
        string? modifier = colon < 0 ? null : head[(colon + 1)..];
        if (SearchParameters.Find(_type, colon < 0 ? head : head[..colon]) is not { } parameter)
        {
            PassOver(name);
            return;
        }

        if (dot < 0)
        {
            AddClauses(name, value, _values.Parse(parameter, modifier, value, out _error));
            return;
        }

        string rest = name[(dot + 1)..];
        string? target = modifier ?? (parameter.Targets.Count == 1 ? parameter.Targets[0] : null);
        if (parameter.Type == SearchParamType.Reference && target is not null && parameter.Targets.Contains(target))
        {
            int restColon = rest.IndexOf(':', StringComparison.Ordinal);
            if (SearchParameters.Find(target, restColon < 0 ? rest : rest[..restColon]) is { } chained)
            {
                if (_values.Parse(chained, restColon < 0 ? null : rest[(restColon + 1)..], value, out _error) is { } clauses)
                {
                    _chains.Add(new ChainedClause(parameter.Name, target, clauses));
                    Use(name, value);
                }

                return;
            }

            // What is not held here is known by its identifier alone: an order by its accession number.
            if (rest == "identifier")
            {
                AddClauses(name, value, _values.Parse(parameter, "identifier", value, out _error));
                return;
            }
        }

        PassOver(name);
    }

    // Type:parameter or Type:parameter:Target; * for every reference.
    private void Include(string name, string value)
    {
        string[] parts = value.Split(':');
        SearchParameter[] found = value == "*" || (parts is [{ } every, "*"] && every == _type) ? [.. SearchParameters.Find(_type)!.Where(parameter => parameter.Type == SearchParamType.Reference)]
            : parts.Length is 2 or 3 && parts[0] == _type && SearchParameters.Find(_type, parts[1]) is { Type: SearchParamType.Reference } parameter && (parts.Length == 2 || parameter.Targets.Contains(parts[2])) ? [parameter]
            : [];
        if (found.Length == 0)
        {
            PassOver($"{name}={value}");
            return;
        }

        _includes.AddRange(found);
        Use(name, value);
    }

    private void ReverseInclude(string name, string value)
    {
        string[] parts = value.Split(':');
        if (parts.Length is 2 or 3 && SearchParameters.Find(parts[0], parts[1]) is { Type: SearchParamType.Reference } parameter
            && parameter.Targets.Contains(_type) && (parts.Length == 2 || parts[2] == _type))
        {
            _reverseIncludes.Add((parts[0], parameter));
            Use(name, value);
            return;
        }

        PassOver($"{name}={value}");
    }

    private void AddClauses(string name, string value, IReadOnlyList<FhirClause>? clauses)
    {
        if (clauses is not null)
        {
            _clauses.AddRange(clauses);
            Use(name, value);
        }
    }

    private int Number(string name, string value, int maximum)
    {
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= maximum)
        {
            return number;
        }

        return Refuse<int>(FhirError.Invalid($"Parameter {name} is not a number from 0 to {maximum.ToString(CultureInfo.InvariantCulture)}."));
    }

    private void PassOver(string name)
    {
        if (_isStrict)
        {
            _error = FhirError.NotSupported($"{_type} has no search parameter {name} here.");
        }
    }

    private void Use(string name, string value) => _used.Add(new KeyValuePair<string, string>(name, value));

    private T? Refuse<T>(FhirError error)
    {
        _error = error;
        return default;
    }
}
