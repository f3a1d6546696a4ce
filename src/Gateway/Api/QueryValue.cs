using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MedicalAi.Gateway;

/// <summary>Reads the values of query parameters that lists of the API have in common.</summary>
internal static class QueryValue
{
    private const int MaximumLimit = 1000;

    /// <summary>The most items of an answer: 1 to 1000.</summary>
    public static bool TryReadLimit(string? value, out int limit) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is > 0 and <= MaximumLimit;

    /// <summary>How many items are passed over.</summary>
    public static bool TryReadOffset(string? value, out int offset) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out offset);

    /// <summary>A state by its name, in any case; not by its number.</summary>
    public static bool TryReadState<T>([NotNullWhen(true)] string? value, out T state)
        where T : struct, Enum =>
        Enum.TryParse(value, ignoreCase: true, out state) && Enum.IsDefined(state) && char.IsLetter(value![0]);
}
