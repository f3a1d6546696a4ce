using System.Collections.Concurrent;
using MedicalAi.Archive;

namespace MedicalAi.InferenceEngine.Tests;

public sealed class DynamicBatcherTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(5);

    private readonly ConcurrentQueue<float[]> _batches = [];

    [Fact]
    public async Task A_full_batch_does_not_wait()
    {
        await using DynamicBatcher batcher = Batcher(3, s_long);

        float[][] outputs = await Task.WhenAll(Run(batcher, 1), Run(batcher, 2), Run(batcher, 3));

        Assert.Equal([10, 20, 30], outputs.Select(output => output[0]));
        Assert.Equal(3, Assert.Single(_batches).Length);
    }

    [Fact]
    public async Task What_is_alone_goes_when_it_has_waited_long_enough()
    {
        await using DynamicBatcher batcher = Batcher(8, TimeSpan.FromMilliseconds(20));

        Assert.Equal(10, (await Run(batcher, 1))[0]);
        Assert.Equal([1], Assert.Single(_batches));
    }

    [Fact]
    public async Task The_most_urgent_go_first()
    {
        using SemaphoreSlim go = new(0);
        await using DynamicBatcher batcher = Batcher(2, TimeSpan.Zero, before: go.WaitAsync);
        Task<float[]>[] first = [Run(batcher, 1)];
        await WaitUntil(() => go.CurrentCount == 0 && _batches.Count == 1);
        Task<float[]>[] waiting = [Run(batcher, 2), Run(batcher, 3), Run(batcher, 4, TaskPriority.Stat)];

        go.Release(10);
        await Task.WhenAll([.. first, .. waiting]);

        Assert.Equal(4, _batches.ElementAt(1)[0]);
    }

    [Fact]
    public async Task An_input_that_the_model_cannot_cope_with_fails_alone()
    {
        await using DynamicBatcher batcher = Batcher(3, s_long);

        Task<float[]>[] runs = [Run(batcher, 1), Run(batcher, -1), Run(batcher, 3)];

        Assert.Equal(10, (await runs[0])[0]);
        Assert.Equal(30, (await runs[2])[0]);
        Assert.Equal("It is negative.", (await Assert.ThrowsAsync<InferenceException>(() => runs[1])).Message);
    }

    [Fact]
    public async Task An_input_that_was_given_up_is_not_run()
    {
        using SemaphoreSlim go = new(0);
        await using DynamicBatcher batcher = Batcher(1, TimeSpan.Zero, before: go.WaitAsync);
        using CancellationTokenSource stop = new();
        Task<float[]> first = Run(batcher, 1);
        await WaitUntil(() => _batches.Count == 1);
        Task<float[]> given = batcher.RunAsync([2], TaskPriority.Routine, stop.Token);
        Task<float[]> last = Run(batcher, 3);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);

        go.Release(10);
        await Task.WhenAll(first, last);

        Assert.Equal([1, 3], _batches.SelectMany(batch => batch));
    }

    [Fact]
    public async Task Who_waits_when_it_is_stopped_is_told()
    {
        DynamicBatcher batcher = Batcher(8, s_long);
        Task<float[]> waiting = Run(batcher, 1);

        await batcher.DisposeAsync();

        Assert.True((await Assert.ThrowsAsync<InferenceException>(() => waiting)).IsTransient);
    }

    [Fact]
    public async Task Many_from_all_sides_all_get_their_own()
    {
        await using DynamicBatcher batcher = Batcher(16, TimeSpan.FromMilliseconds(1));

        float[][] outputs = await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => Task.Run(() => Run(batcher, i, (TaskPriority)(i % 4)))));

        Assert.Equal(Enumerable.Range(0, 2000).Select(i => i * 10f), outputs.Select(output => output[0]));
        Assert.All(_batches, batch => Assert.InRange(batch.Length, 1, 16));
    }

    private DynamicBatcher Batcher(int size, TimeSpan delay, Func<CancellationToken, Task>? before = null) => new(
        size,
        delay,
        async (inputs, _, token) =>
        {
            _batches.Enqueue([.. inputs.Select(input => input[0])]);
            await (before?.Invoke(token) ?? Task.CompletedTask);
            return inputs.Any(input => input[0] < 0) ? throw new InferenceException("It is negative.") : [.. inputs.Select(input => new[] { input[0] * 10 })];
        },
        TimeProvider.System);

    private static Task<float[]> Run(DynamicBatcher batcher, float input, TaskPriority priority = TaskPriority.Routine) =>
        batcher.RunAsync([input], priority, TestContext.Current.CancellationToken);

    private static async Task WaitUntil(Func<bool> holds)
    {
        for (DateTime limit = DateTime.UtcNow.AddMinutes(1); !holds(); await Task.Delay(5, TestContext.Current.CancellationToken))
        {
            Assert.True(DateTime.UtcNow < limit);
        }
    }
}
