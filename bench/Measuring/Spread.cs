using System.Globalization;

namespace MedicalAi.Bench.Measuring;

/// <summary>The median of some figures, the least and the most.</summary>
internal readonly record struct Spread(double Median, double Least, double Most)
{
    public static Spread Of(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        int middle = sorted.Length / 2;
        return new Spread(sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2, sorted[0], sorted[^1]);
    }

    public override string ToString() => double.IsNaN(Median) ? "" : $"{Format(Median)} ({Format(Least)} to {Format(Most)})";

    /// <summary>Three digits that count, or all before the point.</summary>
    public static string Format(double figure)
    {
        int decimals = Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Max(Math.Abs(figure), 0.001))), 0, 5);
        return figure.ToString($"N{decimals}", CultureInfo.InvariantCulture);
    }
}
