using CsCheck;

namespace MedicalAi.Dicom.Tests;

public sealed class DateAndTimeTests
{
    private static readonly TimeSpan s_berlin = TimeSpan.FromHours(2);

    [Theory]
    [InlineData("20260228", 2026, 2, 28)]
    [InlineData("20240229 ", 2024, 2, 29)]
    [InlineData("1993.08.22", 1993, 8, 22)]
    public void A_date_is_read_in_its_form_and_in_the_old_one(string text, int year, int month, int day)
    {
        Assert.True(DicomDate.TryParse(text, out DateOnly date));
        Assert.Equal(new DateOnly(year, month, day), date);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("20260229")]
    [InlineData("20261301")]
    [InlineData("00000101")]
    [InlineData("2026-1-1")]
    [InlineData("2026010")]
    [InlineData("+2026010")]
    public void What_is_no_date_is_refused(string? text) => Assert.False(DicomDate.TryParse(text, out _));

    [Theory]
    [InlineData("20260101", "20260101", "20260101")]
    [InlineData("20260101-20260131", "20260101", "20260131")]
    [InlineData("20260101-", "20260101", null)]
    [InlineData("-20260131", null, "20260131")]
    public void A_range_of_dates_has_two_ends_either_of_which_may_be_open(string text, string? first, string? last)
    {
        Assert.True(DicomDate.TryParseRange(text, out DicomRange<DateOnly> range));
        Assert.Equal(first, range.First is { } from ? DicomDate.Format(from) : null);
        Assert.Equal(last, range.Last is { } to ? DicomDate.Format(to) : null);
    }

    [Theory]
    [InlineData("-")]
    [InlineData("")]
    [InlineData("20260101-2026")]
    [InlineData("20260101-20260102-20260103")]
    public void What_is_no_range_of_dates_is_refused(string text) => Assert.False(DicomDate.TryParseRange(text, out _));

    [Theory]
    [InlineData("07", "07:00:00.0000000", "07:59:59.9999999")]
    [InlineData("0759", "07:59:00.0000000", "07:59:59.9999999")]
    [InlineData("075942", "07:59:42.0000000", "07:59:42.9999999")]
    [InlineData("075942.5", "07:59:42.5000000", "07:59:42.5999999")]
    [InlineData("075942.123456", "07:59:42.1234560", "07:59:42.1234569")]
    [InlineData("07:59:42.5", "07:59:42.5000000", "07:59:42.5999999")]
    [InlineData("235960", "23:59:59.0000000", "23:59:59.9999999")]
    public void A_time_stands_for_what_its_precision_leaves_open(string text, string first, string last)
    {
        Assert.True(DicomTime.TryParseInterval(text, out TimeOnly from, out TimeOnly to));
        Assert.Equal((first, last), (from.ToString("O"), to.ToString("O")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("24")]
    [InlineData("0760")]
    [InlineData("075")]
    [InlineData("07594")]
    [InlineData("075942.")]
    [InlineData("075942.1234567")]
    [InlineData("0759.5")]
    [InlineData("07:5942:")]
    public void What_is_no_time_is_refused(string text) => Assert.False(DicomTime.TryParse(text, out _));

    [Fact]
    public void The_end_of_a_range_of_times_is_the_end_of_what_it_stands_for()
    {
        Assert.True(DicomTime.TryParseRange("0700-08", out DicomRange<TimeOnly> range));
        Assert.True(range.Contains(new TimeOnly(8, 59, 59)));
        Assert.False(range.Contains(new TimeOnly(9, 0)));
    }

    [Theory]
    [InlineData("2026", "2026-01-01T00:00:00.0000000+02:00", "2026-12-31T23:59:59.9999999+02:00")]
    [InlineData("202602", "2026-02-01T00:00:00.0000000+02:00", "2026-02-28T23:59:59.9999999+02:00")]
    [InlineData("20260203", "2026-02-03T00:00:00.0000000+02:00", "2026-02-03T23:59:59.9999999+02:00")]
    [InlineData("2026020304", "2026-02-03T04:00:00.0000000+02:00", "2026-02-03T04:59:59.9999999+02:00")]
    [InlineData("20260203040506.7-0500", "2026-02-03T04:05:06.7000000-05:00", "2026-02-03T04:05:06.7999999-05:00")]
    [InlineData("2026+1400", "2026-01-01T00:00:00.0000000+14:00", "2026-12-31T23:59:59.9999999+14:00")]
    public void An_instant_may_be_cut_after_any_part_and_may_have_an_offset(string text, string first, string last)
    {
        Assert.True(DicomDateTime.TryParseInterval(text, s_berlin, out DateTimeOffset from, out DateTimeOffset to));
        Assert.Equal((first, last), (from.ToString("O"), to.ToString("O")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("202")]
    [InlineData("20261")]
    [InlineData("20260230")]
    [InlineData("2026020325")]
    [InlineData("2026-1201")]
    [InlineData("2026+1401")]
    [InlineData("2026+05")]
    public void What_is_no_instant_is_refused(string text) => Assert.False(DicomDateTime.TryParse(text, s_berlin, out _));

    [Theory]
    [InlineData("20260101-0500", "2026-01-01T00:00:00.0000000-05:00", "2026-01-01T23:59:59.9999999-05:00")]
    [InlineData("2025-2026", "2025-01-01T00:00:00.0000000+02:00", "2026-12-31T23:59:59.9999999+02:00")]
    [InlineData("20260101-0500-20260102-0500", "2026-01-01T00:00:00.0000000-05:00", "2026-01-02T23:59:59.9999999-05:00")]
    [InlineData("-20260102-0500", null, "2026-01-02T23:59:59.9999999-05:00")]
    [InlineData("20260102-0500-", "2026-01-02T00:00:00.0000000-05:00", null)]
    public void In_a_range_of_instants_a_hyphen_is_an_offset_where_it_can_be_one(string text, string? first, string? last)
    {
        Assert.True(DicomDateTime.TryParseRange(text, s_berlin, out DicomRange<DateTimeOffset> range));
        Assert.Equal((first, last), (range.First?.ToString("O"), range.Last?.ToString("O")));
    }

    [Fact]
    public void Dates_times_and_instants_come_back_as_they_were_written() => Gen.DateTime.Sample(value =>
    {
        DateTime micro = new(value.Ticks / 10 * 10);
        DateTimeOffset instant = new(new DateTime(Math.Clamp(micro.Ticks, TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks / 10 * 10 - TimeSpan.TicksPerDay)), s_berlin);
        return DicomDate.TryParse(DicomDate.Format(DateOnly.FromDateTime(micro)), out DateOnly date) && date == DateOnly.FromDateTime(micro)
            && DicomTime.TryParse(DicomTime.Format(TimeOnly.FromDateTime(micro)), out TimeOnly time) && time == TimeOnly.FromDateTime(micro)
            && DicomDateTime.TryParse(DicomDateTime.Format(instant), default, out DateTimeOffset read) && read == instant && read.Offset == s_berlin;
    });

    [Fact]
    public void Any_characters_are_read_or_refused_but_never_throw() => Gen.String["0123456789+-.: "].Sample(text =>
    {
        bool any = DicomDate.TryParseRange(text, out _) | DicomTime.TryParseRange(text, out _) | DicomDateTime.TryParseRange(text, TimeSpan.FromHours(-12), out _);
        return !any || text.Any(char.IsAsciiDigit);
    });

    [Fact]
    public void An_instant_of_a_data_set_takes_the_offset_of_the_data_set()
    {
        DicomDataSet item = new DicomDataSet().SetString(DicomTags.StudyDate, "20260301").SetString(DicomTags.StudyTime, "1015");
        _ = new DicomDataSet().SetString(DicomTags.TimezoneOffsetFromUTC, "+0200").SetSequence(DicomTags.ReferencedStudySequence, item);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 10, 15, 0, s_berlin), item.GetInstant(DicomTags.StudyDate, DicomTags.StudyTime));
    }
}
