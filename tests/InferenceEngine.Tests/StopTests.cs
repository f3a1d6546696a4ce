using MedicalAi.Archive;

namespace MedicalAi.InferenceEngine.Tests;

public sealed class StopTests
{
    [Fact]
    public async Task A_stop_in_the_middle_of_a_run_gives_the_task_back_without_counting_the_attempt()
    {
        await using EngineHost engine = await EngineHost.StartAsync(EngineHost.BundledModels, EngineHost.OfSeries);
        await engine.StoreAsync(EngineHost.BrainSlices());
        InferenceTask task = Assert.Single(await engine.WaitAsync(1, task => task.Status == InferenceTaskStatus.Running));

        await engine.StopAsync();

        task = (await engine.Tasks.FindTaskAsync(task.Id, TestContext.Current.CancellationToken))!;
        Assert.Equal((InferenceTaskStatus.Queued, 0, null, false), (task.Status, task.Attempts, task.LeaseOwner, task.HasFindings));
    }
}
