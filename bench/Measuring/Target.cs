namespace MedicalAi.Bench.Measuring;

/// <summary>What ours should be against a peer.</summary>
/// <param name="Peer">The peer's name in the table.</param>
/// <param name="Of">What is compared.</param>
/// <param name="AtLeast">The ratio that ours should reach: of rates, ours by the peer's; of CPU, the peer's by ours. More is better.</param>
internal sealed record Target(string Peer, Ratio Of, double AtLeast);

/// <summary>What a ratio is of.</summary>
internal enum Ratio
{
    /// <summary>Our rate by that of the peer.</summary>
    Rate,

    /// <summary>The peer's CPU time by ours.</summary>
    Cpu,
}
