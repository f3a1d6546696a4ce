namespace MedicalAi.Archive;

/// <summary>Which items of a forward queue are wanted.</summary>
/// <param name="Destination">The AE title of the destination.</param>
public sealed record ForwardQuery(string Destination)
{
    /// <summary>Only those that stand there.</summary>
    public ForwardState? State { get; init; }

    /// <summary>The most items wanted, up to 1,000.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>The number of items passed over.</summary>
    public int Offset { get; init; }
}
