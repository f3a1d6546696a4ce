using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>
/// Single value and range matching of dates and of times, and of both as one when they are combined (PS3.4 C.2.2.2.5). A time that is
/// less precise than the key stands for the first instant of what it leaves open, and so does a date without time in a combined range.
/// </summary>
internal sealed class DateAndTimeMatcher : KeyMatcher
{
    private readonly TimeSpan? _offset;
    private AttributeMatch? _other;

    /// <param name="key">A key for a date (VR DA) or a time (VR TM).</param>
    /// <param name="pair">The pair that its attribute belongs to; null when it stands alone.</param>
    /// <param name="offset">The offset from UTC of the key; null leaves all as it is.</param>
    public DateAndTimeMatcher(AttributeMatch key, (DicomTag Date, DicomTag Time)? pair, TimeSpan? offset)
        : base(key)
    {
        Pair = pair ?? (key.Vr == Vr.DA ? (key.Tag, default) : (default, key.Tag));
        _offset = pair is null ? null : offset;
        IsReadable = TryRead(key);
    }

    /// <summary>The attributes; that of a date or of a time that stands alone has a default beside it.</summary>
    public (DicomTag Date, DicomTag Time) Pair { get; }

    /// <summary>The dates; null when there is no key for them.</summary>
    public DicomRange<DateOnly>? Dates { get; private set; }

    /// <summary>The times; null when there is no key for them.</summary>
    public DicomRange<TimeOnly>? Times { get; private set; }

    /// <summary>Whether dates and times are one range.</summary>
    public bool IsCombined => Dates is not null && Times is not null;

    /// <summary>Whether what is matched is not what the attributes say, but what a clock of another place would have shown.</summary>
    public bool IsMoved => _offset is not null;

    /// <inheritdoc />
    public override IReadOnlyList<AttributeMatch> Keys => _other is null ? [Key] : [Key, _other];

    /// <inheritdoc />
    public override IEnumerable<DicomTag> Tags => [Pair.Date, Pair.Time, DicomTags.TimezoneOffsetFromUTC];

    /// <inheritdoc />
    public override bool IsReadable { get; }

    /// <summary>Takes the other key of the pair in, if both are ranges of the same form.</summary>
    public bool TryCombine(AttributeMatch other)
    {
        if (!IsReadable || Key.Vr == other.Vr || IsCombined || !Key.Value.Contains('-', StringComparison.Ordinal) || !other.Value.Contains('-', StringComparison.Ordinal)
            || !TryRead(other))
        {
            return false;
        }

        if ((Dates!.Value.First is null) == (Times!.Value.First is null) && (Dates.Value.Last is null) == (Times.Value.Last is null))
        {
            _other = other;
            return true;
        }

        Dates = other.Vr == Vr.DA ? null : Dates;
        Times = other.Vr == Vr.TM ? null : Times;
        return false;
    }

    /// <inheritdoc />
    public override bool IsMatch(DicomDataSet dataSet)
    {
        if (!IsReadable)
        {
            return false;
        }

        (DateOnly? date, TimeOnly? time) = DateTimePairs.Read(dataSet, Pair, _offset);
        return IsCombined
            ? date is { } day && new DicomRange<DateTime>(Dates!.Value.First?.ToDateTime(Times!.Value.First!.Value), Dates.Value.Last?.ToDateTime(Times!.Value.Last!.Value)).Contains(day.ToDateTime(time ?? TimeOnly.MinValue))
            : (Dates is not { } dates || (date is { } one && dates.Contains(one))) && (Times is not { } times || (time is { } other && times.Contains(other)));
    }

    private bool TryRead(AttributeMatch key)
    {
        if (key.Vr == Vr.DA)
        {
            Dates = TryReadDates(key.Value, out DicomRange<DateOnly> dates) ? dates : null;
            return Dates is not null;
        }

        Times = DicomTime.TryParseRange(key.Value, out DicomRange<TimeOnly> times) ? times : null;
        return Times is not null;
    }

    /// <summary>A date may be cut to its month or year, as many searchers do it; it then stands for all of that.</summary>
    private static bool TryReadDates(ReadOnlySpan<char> text, out DicomRange<DateOnly> dates)
    {
        if (DicomDate.TryParseRange(text, out dates))
        {
            return true;
        }

        ReadOnlySpan<char> whole = text.Trim(" \0");
        int hyphen = whole.IndexOf('-');
        ReadOnlySpan<char> left = (hyphen < 0 ? whole : whole[..hyphen]).Trim(' ');
        ReadOnlySpan<char> right = (hyphen < 0 ? whole : whole[(hyphen + 1)..]).Trim(' ');
        DateOnly first = default;
        DateOnly last = default;
        bool isRange = (!left.IsEmpty || !right.IsEmpty) && (left.IsEmpty || TryReadDate(left, out first, out _)) && (right.IsEmpty || TryReadDate(right, out _, out last));
        dates = new DicomRange<DateOnly>(left.IsEmpty ? null : first, right.IsEmpty ? null : last);
        return isRange;
    }

    private static bool TryReadDate(ReadOnlySpan<char> text, out DateOnly first, out DateOnly last)
    {
        first = default;
        last = default;
        if (DicomDate.TryParse(text, out first))
        {
            last = first;
            return true;
        }

        if (text.Length is not (4 or 6) || !DicomDateTime.TryParseInterval(text, TimeSpan.Zero, out DateTimeOffset begin, out DateTimeOffset end))
        {
            return false;
        }

        first = DateOnly.FromDateTime(begin.DateTime);
        last = DateOnly.FromDateTime(end.DateTime);
        return true;
    }
}
