using System.Globalization;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>Single value matching of numbers (PS3.4 C.2.2.2.1), by what they are, not by how they are written.</summary>
internal sealed class NumberMatcher : KeyMatcher
{
    private readonly bool _canHaveSeveral;

    /// <param name="key">The key.</param>
    public NumberMatcher(AttributeMatch key)
        : base(key)
    {
        IReadOnlyList<string> values = SplitValues(key);
        Values = [.. values.Select(Parse).OfType<double>()];
        IsReadable = Values.Count == values.Count && values.Count <= MaximumPatterns;
        _canHaveSeveral = CanHaveSeveral(key.Tag);
    }

    /// <summary>The numbers, one of which has to match.</summary>
    public IReadOnlyList<double> Values { get; }

    /// <inheritdoc />
    public override bool IsReadable { get; }

    /// <inheritdoc />
    public override bool IsMatch(DicomDataSet dataSet)
    {
        if (!IsReadable)
        {
            return false;
        }

        IEnumerable<string> values = dataSet.GetStrings(Tag);
        return (_canHaveSeveral ? values : values.Take(1)).Select(Parse).Any(value => value is { } number && Values.Any(key => IsSame(key, number)));
    }

    private static double? Parse(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;

    // What is kept in single precision is written with the digits of that.
    private bool IsSame(double key, double number) => key == number || (Key.Vr == Vr.FL && (float)key == (float)number);
}
