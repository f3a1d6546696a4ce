namespace MedicalAi.Dicom.Network.Tests;

public sealed class WatchdogTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_calls_back_once_not_before_the_deadline()
    {
        using Watchdog watchdog = new();
        TaskCompletionSource<long> fired = new();
        long deadline = Watchdog.Now + 50;
        watchdog.Arm(deadline, () => fired.SetResult(Watchdog.Now));
        Assert.True(await fired.Task.WaitAsync(TimeSpan.FromSeconds(20), Token) >= deadline);
        Assert.True(watchdog.Disarm());
        Assert.True(watchdog.Disarm());
    }

    [Fact]
    public async Task A_nearer_deadline_after_a_far_one_and_a_far_one_after_a_disarmed_one_are_kept()
    {
        using Watchdog watchdog = new();
        bool wrong = false;
        watchdog.Arm(Watchdog.Now + 3_600_000, () => wrong = true);
        Assert.False(watchdog.Disarm());
        watchdog.Arm(Watchdog.Now + 20, () => wrong = true);
        Assert.False(watchdog.Disarm());

        // The timer of the disarmed wait still runs; it moves itself to this one.
        TaskCompletionSource fired = new();
        watchdog.Arm(Watchdog.Now + 200, fired.SetResult);
        await fired.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.False(wrong);
    }
}
