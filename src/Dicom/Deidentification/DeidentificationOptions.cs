namespace MedicalAi.Dicom;

/// <summary>How instances are de-identified.</summary>
public sealed record DeidentificationOptions
{
    /// <summary>The fewest bytes of a secret.</summary>
    public const int MinimumSecretLength = 16;

    /// <summary>
    /// The secret under which UIDs, pseudonyms and the shift of dates are made. The same secret gives the same result for the same
    /// values; who has it can find out whether a known value was the source.
    /// </summary>
    public required ReadOnlyMemory<byte> Secret { get; init; }

    /// <summary>The options of the profile.</summary>
    public RetainOptions Retain { get; init; }
}
