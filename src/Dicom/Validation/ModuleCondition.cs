using System.Globalization;

namespace MedicalAi.Dicom;

/// <summary>
/// A condition of an attribute of type 1C or 2C, or of a module, that can be told from the data set (PS3.5 section 7.4): of the form <c>00400A493=VERIFIED</c> (one of
/// several values by commas; <c>#1</c> after the tag: the first value), <c>!=</c> (present with another value), <c>&gt;</c> a number, <c>+</c> before the tag
/// for present with a value, <c>-</c> for absent, <c>!</c> before another one for the opposite of it; several joined by <c>&amp;</c>, which all have to be fulfilled. It speaks of the item that it is asked about and of no other.
/// </summary>
internal sealed record ModuleCondition
{
    private readonly DicomTag _tag;
    private readonly string _operator;
    private readonly int _index;
    private readonly string[] _values;
    private readonly ModuleCondition? _other;

    private ModuleCondition(DicomTag tag, string @operator, int index, string[] values, ModuleCondition? other)
    {
        _other = other;
        _tag = tag;
        _operator = @operator;
        _index = index;
        _values = values;
    }

    /// <summary>Reads a condition of a table; null when there is none.</summary>
    /// <exception cref="FormatException">The text is none, which is a mistake in the table.</exception>
    public static ModuleCondition? Parse(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        int and = text[0] == '!' ? -1 : text.IndexOf('&');
        ModuleCondition? other = and < 0 ? null : Parse(text[(and + 1)..]);
        text = and < 0 ? text : text[..and];
        if (text[0] == '!')
        {
            return new ModuleCondition(default, "!", -1, [], Parse(text[1..]));
        }

        if (text[0] is '+' or '-')
        {
            return new ModuleCondition(Tag(text[1..]), text[..1], -1, [], other);
        }

        string rest = text[8..];
        int index = -1;
        if (rest[0] == '#')
        {
            index = rest[1] - '1';
            rest = rest[2..];
        }

        string @operator = rest.StartsWith("!=", StringComparison.Ordinal) ? "!=" : rest[..1];
        return @operator is "=" or "!=" or ">"
            ? new ModuleCondition(Tag(text[..8]), @operator, index, rest[@operator.Length..].Split(','), other)
            : throw new FormatException(text);
    }

    /// <summary>Whether it is fulfilled in a data set or an item.</summary>
    public bool IsTrue(DicomDataSet dataSet) => _operator == "!" ? !_other!.IsTrue(dataSet) : IsOwnTrue(dataSet) && _other?.IsTrue(dataSet) != false;

    /// <inheritdoc />
    public override string ToString() => _operator == "!" ? $"not {_other}" : _other is null ? Describe() : $"{Describe()} and {_other}";

    private bool IsOwnTrue(DicomDataSet dataSet)
    {
        if (_operator == "-")
        {
            return !dataSet.Contains(_tag);
        }

        if (dataSet.Find(_tag) is not { IsEmpty: false })
        {
            return false;
        }

        string[] values = _operator == "+" ? [] : dataSet.GetStrings(_tag);
        return _operator switch
        {
            "+" => true,
            ">" => dataSet.GetDouble(_tag) > double.Parse(_values[0], CultureInfo.InvariantCulture),
            "=" => _index < 0 ? values.Any(_values.Contains) : _index < values.Length && _values.Contains(values[_index]),
            _ => values.Length > 0 && !values.Any(_values.Contains),
        };
    }

    private string Describe()
    {
        string name = DicomDictionary.Find(_tag)?.Keyword is { Length: > 0 } keyword ? keyword : _tag.ToString();
        string value = _index < 0 ? name : string.Create(CultureInfo.InvariantCulture, $"value {_index + 1} of {name}");
        string values = string.Join(" or ", _values);
        return _operator switch
        {
            "+" => $"{name} is present",
            "-" => $"{name} is absent",
            ">" => $"{value} is greater than {values}",
            "=" => $"{value} is {values}",
            _ => $"{value} is not {values}",
        };
    }

    private static DicomTag Tag(string digits) => DicomTag.FromValue(uint.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
}
