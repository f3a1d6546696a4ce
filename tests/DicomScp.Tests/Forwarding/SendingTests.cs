using System.Globalization;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp.Tests;

/// <summary>The small pieces of sending.</summary>
public sealed class SendingTests
{
    [Theory]
    [InlineData(0x0000, nameof(SendResult.Sent))]
    [InlineData(0x0001, nameof(SendResult.Sent))]
    [InlineData(0xB000, nameof(SendResult.Sent))]
    [InlineData(0xB007, nameof(SendResult.Sent))]
    [InlineData(0xA700, nameof(SendResult.Busy))]
    [InlineData(0xA701, nameof(SendResult.Busy))]
    [InlineData(0x0110, nameof(SendResult.Failed))]
    [InlineData(0x0213, nameof(SendResult.Failed))]
    [InlineData(0x7777, nameof(SendResult.Failed))]
    [InlineData(0x0111, nameof(SendResult.Refused))]
    [InlineData(0x0117, nameof(SendResult.Refused))]
    [InlineData(0x0122, nameof(SendResult.Refused))]
    [InlineData(0x0124, nameof(SendResult.Refused))]
    [InlineData(0xA900, nameof(SendResult.Refused))]
    [InlineData(0xC000, nameof(SendResult.Refused))]
    [InlineData(0xC123, nameof(SendResult.Refused))]
    public void Each_status_means_what_the_standard_says(int status, string result)
    {
        SendOutcome outcome = SendOutcome.Of(new DimseResponse((ushort)status, "Words"));
        Assert.Equal(result, outcome.Result.ToString());
        Assert.Equal(status != 0, outcome.Reason?.Contains(status.ToString("X4", CultureInfo.InvariantCulture), StringComparison.Ordinal) ?? false);
    }

    [Theory]
    [InlineData("22:00", "06:00", "Mon", "2026-01-05T23:00", true)] // A Monday.
    [InlineData("22:00", "06:00", "Mon", "2026-01-06T05:59", true)]
    [InlineData("22:00", "06:00", "Mon", "2026-01-06T06:00", false)]
    [InlineData("22:00", "06:00", "Mon", "2026-01-05T05:00", false)]
    [InlineData("22:00", "06:00", "Mon", "2026-01-06T23:00", false)]
    [InlineData("08:00", "17:00", "Mon,Tue", "2026-01-06T08:00", true)]
    [InlineData("08:00", "17:00", "Mon,Tue", "2026-01-06T17:00", false)]
    [InlineData("08:00", "17:00", "Mon,Tue", "2026-01-07T12:00", false)]
    [InlineData("00:00", "00:00", "Sun", "2026-01-04T00:00", true)]
    [InlineData("00:00", "00:00", "Sun", "2026-01-05T00:00", false)]
    public void A_window_is_open_from_its_begin_to_before_its_end(string from, string to, string days, string at, bool isOpen)
    {
        TimeWindow window = new(
            TimeOnly.Parse(from, CultureInfo.InvariantCulture),
            TimeOnly.Parse(to, CultureInfo.InvariantCulture),
            days.Split(',').Select(day => (DayOfWeek)Enum.Parse<WeekDay>(day)).ToHashSet());
        Assert.Equal(isOpen, window.IsOpen(DateTimeOffset.Parse(at, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void A_throttle_keeps_instances_and_megabytes_under_their_limits_on_average()
    {
        SendThrottle throttle = new();
        SendingOptions options = new() { InstancesPerSecond = 10, MegabytesPerSecond = 2 };
        DateTimeOffset now = DateTimeOffset.UnixEpoch.AddDays(1);
        Assert.Equal(0, throttle.Take(1000, options, now).TotalSeconds);
        Assert.Equal(0.1, throttle.Take(4_000_000, options, now).TotalSeconds, 6);
        Assert.Equal(2.1, throttle.Take(1000, options, now).TotalSeconds, 6);
        Assert.Equal(0, throttle.Take(1000, options, now.AddSeconds(10)).TotalSeconds);
        Assert.Equal(0, new SendThrottle().Take(1_000_000_000, new SendingOptions(), now).TotalSeconds);
    }

    [Fact]
    public void The_wait_after_a_failure_doubles_up_to_the_longest()
    {
        SendingOptions options = new() { FirstRetry = TimeSpan.FromSeconds(4), LongestRetry = TimeSpan.FromSeconds(60) };
        for (int i = 0; i < 100; i++)
        {
            Assert.InRange(BackOff.After(0, options).TotalSeconds, 2, 4);
            Assert.InRange(BackOff.After(2, options).TotalSeconds, 8, 16);
            Assert.InRange(BackOff.After(1000, options).TotalSeconds, 30, 60);
        }
    }

    [Fact]
    public void While_a_destination_is_waited_for_only_one_sender_finds_out_whether_it_is_back()
    {
        DestinationState state = new();
        SendingOptions options = new() { FirstRetry = TimeSpan.FromSeconds(4) };
        DateTimeOffset now = DateTimeOffset.UnixEpoch.AddDays(1);
        Assert.Null(state.WaitOf(1, now));
        Assert.True(state.Sending.Failed("away", options, now));
        Assert.NotNull(state.WaitOf(0, now));
        Assert.Null(state.WaitOf(0, now.AddSeconds(4)));
        Assert.NotNull(state.WaitOf(1, now.AddSeconds(4)));
        Assert.Equal("away", state.Sending.Find()?.Problem);
        Assert.False(state.Sending.Failed("away", options, now));
        Assert.True(state.Sending.Failed("elsewhere", options, now));
        Assert.True(state.Sending.Succeeded());
        Assert.False(state.Sending.Succeeded());
        Assert.Null(state.WaitOf(1, now.AddSeconds(4)));
        Assert.Null(state.Sending.Find());
    }
}
