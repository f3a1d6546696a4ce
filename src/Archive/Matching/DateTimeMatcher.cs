using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>
/// Single value and range matching of instants (VR DT, PS3.4 C.2.2.2.5). Offsets from UTC count where both sides have them; one that
/// is less precise than the key stands for the first instant of what it leaves open.
/// </summary>
internal sealed class DateTimeMatcher : KeyMatcher
{
    private readonly TimeSpan? _offset;

    /// <param name="key">The key.</param>
    /// <param name="offset">The offset from UTC of the key where it has none itself; null takes that of the data set.</param>
    public DateTimeMatcher(AttributeMatch key, TimeSpan? offset)
        : base(key)
    {
        _offset = offset;
        IsReadable = DicomDateTime.TryParseRange(key.Value, TimeSpan.Zero, out _);
    }

    /// <inheritdoc />
    public override IEnumerable<DicomTag> Tags => [Tag, DicomTags.TimezoneOffsetFromUTC];

    /// <inheritdoc />
    public override bool IsReadable { get; }

    /// <inheritdoc />
    public override bool IsMatch(DicomDataSet dataSet)
    {
        TimeSpan here = dataSet.TimezoneOffset ?? _offset ?? TimeSpan.Zero;
        return DicomDateTime.TryParseRange(Key.Value, _offset ?? here, out DicomRange<DateTimeOffset> range)
            && dataSet.GetStrings(Tag).Any(value => DicomDateTime.TryParse(value, here, out DateTimeOffset instant) && range.Contains(instant));
    }
}
