using MedicalAi.Archive;

namespace MedicalAi.DicomScp;

/// <summary>
/// The options of C-FIND that are agreed on with an association by SOP class extended negotiation (PS3.4 C.5.1.1): one byte each, 1
/// where it is asked for and 0 where it is not; those at the end may be left out. Enhanced multi-frame image conversion, the fifth, is
/// never agreed to.
/// </summary>
internal readonly record struct FindOptions
{
    private const int Relational = 0, DateTime = 1, Fuzzy = 2, Timezone = 3, Empty = 5, Multiple = 6, Count = 7;

    /// <summary>Whether keys of any level are allowed, and unique keys above are not demanded.</summary>
    public bool RelationalQueries { get; init; }

    /// <summary>Whether ranges of a date and its time are one range.</summary>
    public bool CombinedDateTime { get; init; }

    /// <summary>Whether names match fuzzily.</summary>
    public bool FuzzyNames { get; init; }

    /// <summary>Whether dates and times are brought to the time zone of the request, in matching and in responses.</summary>
    public bool TimezoneAdjustment { get; init; }

    /// <summary>Whether the value <c>""</c> matches what is empty.</summary>
    public bool EmptyValues { get; init; }

    /// <summary>Whether of several values of a key each one has to match.</summary>
    public bool MultipleValues { get; init; }

    /// <summary>Reads the Service-class-application-information; nothing is agreed on where it ends early.</summary>
    public static FindOptions Parse(ReadOnlySpan<byte> information) => new()
    {
        RelationalQueries = IsSet(information, Relational),
        CombinedDateTime = IsSet(information, DateTime),
        FuzzyNames = IsSet(information, Fuzzy),
        TimezoneAdjustment = IsSet(information, Timezone),
        EmptyValues = IsSet(information, Empty),
        MultipleValues = IsSet(information, Multiple),
    };

    /// <summary>The answer to a proposal: as many bytes as it has, as far as they are known, each as proposed or 0.</summary>
    public static byte[] Accept(ReadOnlySpan<byte> proposed)
    {
        FindOptions options = Parse(proposed);
        byte[] all = new byte[Count];
        all[Relational] = Byte(options.RelationalQueries);
        all[DateTime] = Byte(options.CombinedDateTime);
        all[Fuzzy] = Byte(options.FuzzyNames);
        all[Timezone] = Byte(options.TimezoneAdjustment);
        all[Empty] = Byte(options.EmptyValues);
        all[Multiple] = Byte(options.MultipleValues);
        return all[..Math.Min(proposed.Length, Count)];
    }

    /// <summary>How keys match.</summary>
    /// <param name="timezone">Timezone Offset From UTC (0008,0201) of the request; null when it has none.</param>
    public MatchingOptions ToMatching(TimeSpan? timezone) => new()
    {
        CombinedDateTime = CombinedDateTime,
        FuzzyNames = FuzzyNames,
        TimezoneOffset = TimezoneAdjustment ? timezone : null,
        EmptyValues = EmptyValues,
        AllValues = MultipleValues,
    };

    private static bool IsSet(ReadOnlySpan<byte> information, int index) => index < information.Length && information[index] == 1;

    private static byte Byte(bool value) => value ? (byte)1 : (byte)0;
}
