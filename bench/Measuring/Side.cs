namespace MedicalAi.Bench.Measuring;

/// <summary>One of those that are compared.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Does">What exactly it does.</param>
/// <param name="MeasureAsync">Does it once and gives the figures.</param>
internal sealed record Side(string Name, string Does, Func<CancellationToken, Task<Sample>> MeasureAsync);
