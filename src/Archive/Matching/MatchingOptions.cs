namespace MedicalAi.Archive;

/// <summary>What a query may ask for beyond plain matching (PS3.4 C.5.1.1, PS3.18 8.3.4).</summary>
public readonly record struct MatchingOptions
{
    /// <summary>
    /// Whether a person's name also matches when each word of the key begins a word of the name, in any order, transcribed umlauts and
    /// doubled letters taken for plain ones (fuzzy semantic matching, PS3.4 C.2.2.2.1).
    /// </summary>
    public bool FuzzyNames { get; init; }

    /// <summary>Whether ranges of a date and of its time, of the same form, are one range of instants (PS3.4 C.2.2.2.5).</summary>
    public bool CombinedDateTime { get; init; }

    /// <summary>
    /// The offset from UTC of the dates and times of the keys, to which those of the data sets are brought that name their own
    /// (0008,0201); null leaves them as they are.
    /// </summary>
    public TimeSpan? TimezoneOffset { get; init; }

    /// <summary>Whether the value <c>""</c> matches attributes that are absent or empty, and nothing else (PS3.4 C.2.2.2.7).</summary>
    public bool EmptyValues { get; init; }

    /// <summary>
    /// Whether of several values of a key each one has to match a value of the attribute, where that can have several
    /// (PS3.4 C.2.2.2.8); else one is enough.
    /// </summary>
    public bool AllValues { get; init; }
}
