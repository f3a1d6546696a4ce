using MedicalAi.Archive;

namespace MedicalAi.InferenceEngine.Tests;

public sealed class AdmissionGateTests
{
    private readonly AdmissionGate _gate = new(100);

    [Fact]
    public async Task What_fits_goes_at_once_and_the_rest_waits()
    {
        IDisposable first = await Enter(60);
        Task<IDisposable> second = Enter(60);
        Assert.False(second.IsCompleted);

        first.Dispose();

        (await second).Dispose();
    }

    [Fact]
    public async Task The_most_urgent_goes_first_then_who_came_first()
    {
        IDisposable all = await Enter(100);
        List<string> order = [];
        Task[] waiting = [Follow("first", TaskPriority.Routine), Follow("second", TaskPriority.Routine), Follow("urgent", TaskPriority.Stat)];

        all.Dispose();
        await Task.WhenAll(waiting);

        Assert.Equal(["urgent", "first", "second"], order);

        async Task Follow(string name, TaskPriority priority)
        {
            using IDisposable place = await Enter(100, priority);
            order.Add(name);
        }
    }

    [Fact]
    public async Task Small_work_does_not_overtake_large_work()
    {
        IDisposable some = await Enter(50);
        Task<IDisposable> large = Enter(100);
        Task<IDisposable> small = Enter(10);
        Assert.False(small.IsCompleted);

        some.Dispose();
        (await large).Dispose();
        (await small).Dispose();
    }

    [Fact]
    public async Task What_needs_more_than_all_goes_alone()
    {
        using IDisposable huge = await Enter(1000);

        Assert.False(Enter(1).IsCompleted);
    }

    [Fact]
    public async Task A_wait_that_is_given_up_takes_nothing()
    {
        IDisposable all = await Enter(100);
        using CancellationTokenSource stop = new();
        Task<IDisposable> given = _gate.EnterAsync(100, TaskPriority.Stat, stop.Token);
        Task<IDisposable> next = Enter(100);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);

        all.Dispose();

        (await next).Dispose();
        (await Enter(100)).Dispose();
    }

    [Fact]
    public async Task A_place_given_back_twice_counts_once()
    {
        IDisposable place = await Enter(60);
        place.Dispose();
        place.Dispose();

        using IDisposable all = await Enter(100);
        Assert.False(Enter(60).IsCompleted);
    }

    private Task<IDisposable> Enter(int amount, TaskPriority priority = TaskPriority.Routine) => _gate.EnterAsync(amount, priority, TestContext.Current.CancellationToken);
}
