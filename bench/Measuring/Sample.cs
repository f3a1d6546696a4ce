namespace MedicalAi.Bench.Measuring;

/// <summary>One measurement.</summary>
/// <param name="Rate">Things done a second of wall clock; NaN where only the CPU is compared.</param>
/// <param name="Cpu">CPU time for each, in milliseconds, user and system; NaN where it was not taken.</param>
internal readonly record struct Sample(double Rate, double Cpu);
