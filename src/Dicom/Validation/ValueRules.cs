using System.Globalization;
using System.Text.RegularExpressions;

namespace MedicalAi.Dicom;

/// <summary>What PS3.5 table 6.2-1 says of the characters of one value. Padding has been taken off.</summary>
internal static partial class ValueRules
{
    /// <summary>What is wrong with a value; null when nothing is.</summary>
    public static (DicomSeverity Severity, string Message)? Check(ReadOnlySpan<char> value, Vr vr) => vr switch
    {
        Vr.AE => TooLong(value, 16) ?? ControlCharacters(value, "") ?? Unless(Ascii().IsMatch(value), "characters that AE does not allow"),
        Vr.AS => Unless(Age().IsMatch(value), "not an age: three digits and one of D, W, M, Y"),
        Vr.CS => TooLong(value, 16) ?? Unless(Code().IsMatch(value), "characters that CS does not allow: only A-Z, 0-9, space and underscore"),
        Vr.DA => Date(value),
        Vr.DS => TooLong(value, 16) ?? Unless(Number().IsMatch(value), "not a decimal number"),
        Vr.DT => TooLong(value, 26) ?? Unless(DicomDateTime.TryParse(value, default, out _), "not a date and time YYYYMMDDHHMMSS.FFFFFF&ZZXX"),
        Vr.IS => TooLong(value, 12) ?? Unless(
            int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _), "not a whole number of 32 bits"),
        Vr.LO => TooLong(value, 64) ?? ControlCharacters(value, "\e"),
        Vr.LT => TooLong(value, 10240) ?? ControlCharacters(value, "\t\n\f\r\e"),
        Vr.PN => Name(value),
        Vr.SH => TooLong(value, 16) ?? ControlCharacters(value, "\e"),
        Vr.ST => TooLong(value, 1024) ?? ControlCharacters(value, "\t\n\f\r\e"),
        Vr.TM => Time(value),
        Vr.UC => ControlCharacters(value, "\e"),
        Vr.UI => TooLong(value, DicomUid.MaximumLength) ?? Unless(Uid().IsMatch(value), "not a UID: numbers without leading zeros, separated by dots")
            ?? Unless(Root().IsMatch(value), "not a UID: the first number is 0, 1 or 2, and others follow it"),
        Vr.UR => Unless(Uri().IsMatch(value), "characters that a URI does not allow, or leading spaces"),
        Vr.UT => ControlCharacters(value, "\t\n\f\r\e"),
        _ => null,
    };

    private static (DicomSeverity, string)? Unless(bool isRight, string message) => isRight ? null : (DicomSeverity.Error, message);

    private static (DicomSeverity, string)? TooLong(ReadOnlySpan<char> value, int limit)
    {
        int count = 0;
        foreach (char c in value)
        {
            count += char.IsLowSurrogate(c) ? 0 : 1;
        }

        return count <= limit ? null : (DicomSeverity.Error, string.Create(CultureInfo.InvariantCulture, $"{count} characters, at most {limit} are allowed"));
    }

    private static (DicomSeverity, string)? ControlCharacters(ReadOnlySpan<char> value, string allowed)
    {
        foreach (char c in value)
        {
            if ((c < ' ' || c == '\x7F') && !allowed.Contains(c, StringComparison.Ordinal))
            {
                return (DicomSeverity.Error, string.Create(CultureInfo.InvariantCulture, $"the control character 0x{(int)c:X2} is not allowed"));
            }
        }

        return null;
    }

    private static (DicomSeverity, string)? Date(ReadOnlySpan<char> value) => !DicomDate.TryParse(value, out _)
        ? (DicomSeverity.Error, "not a date YYYYMMDD")
        : value.Contains('.') ? (DicomSeverity.Warning, "a date in the form YYYY.MM.DD of before DICOM") : null;

    private static (DicomSeverity, string)? Time(ReadOnlySpan<char> value) => !DicomTime.TryParse(value, out _)
        ? (DicomSeverity.Error, "not a time HHMMSS.FFFFFF")
        : value.Contains(':') ? (DicomSeverity.Warning, "a time in the form HH:MM:SS of before DICOM") : null;

    // Three component groups of at most 64 characters, each of up to five components (PS3.5 6.2.1).
    private static (DicomSeverity, string)? Name(ReadOnlySpan<char> value)
    {
        if (value.Count('=') > 2)
        {
            return (DicomSeverity.Error, "more than three component groups");
        }

        foreach (Range range in value.Split('='))
        {
            ReadOnlySpan<char> group = value[range];
            if (group.Count('^') > 4)
            {
                return (DicomSeverity.Error, "more than five components in a component group");
            }

            if (TooLong(group, 64) is { } problem)
            {
                return problem;
            }
        }

        return ControlCharacters(value, "\e");
    }

    [GeneratedRegex(@"\A[\x20-\x7E]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Ascii();

    [GeneratedRegex(@"\A[0-9]{3}[DWMY]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Age();

    [GeneratedRegex(@"\A[A-Z0-9 _]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Code();

    [GeneratedRegex(@"\A[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([Ee][+-]?[0-9]+)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Number();

    [GeneratedRegex(@"\A(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Uid();

    // ISO/IEC 9834-1: below 0 and 1 there are 40 numbers.
    [GeneratedRegex(@"\A([01]\.[1-3]?[0-9]|2\.[0-9]+)(\.|\z)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Root();

    [GeneratedRegex(@"\A[\x21-\x5B\x5D-\x7E]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Uri();
}
