using MedicalAi.Archive;
using MedicalAi.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;

namespace MedicalAi.InferenceEngine.Tests;

public sealed class FailureTests
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

    [Fact]
    public async Task A_run_that_takes_too_long_is_ended_and_tried_again_later()
    {
        using TempFolder models = new();
        ModelFolder.Add(models, "slow", like: "meshnet_model5_gw_ae", change: manifest => manifest["timeoutSeconds"] = 1);
        await using EngineHost engine = await EngineHost.StartAsync(models.Path, EngineHost.OfSeries);
        await engine.StoreAsync(EngineHost.BrainSlices());

        InferenceTask task = Assert.Single(await engine.WaitAsync(1, task => task.Error is not null));

        Assert.Equal("It took longer than 1 s.", task.Error);
        Assert.True(task.Status == InferenceTaskStatus.Running || task.NextAttemptAt > task.UpdatedAt || task.Attempts > 1);
    }

    [Fact]
    public async Task An_input_that_is_gone_from_the_store_is_told_and_tried_again_later()
    {
        using TempFolder models = new();
        ModelFolder.Add(models, "pneumonia_cxr", like: "pneumonia_cxr");
        await using EngineHost engine = await EngineHost.StartAsync(models.Path, TimeSpan.FromSeconds(6));
        await engine.StoreAsync([EngineHost.Radiograph("pneumoniamnist_0002.dcm")]);
        foreach (string file in Directory.EnumerateFiles(engine.DataFolder, "*.dcm", SearchOption.AllDirectories))
        {
            File.Delete(file);
        }

        InferenceTask task = Assert.Single(await engine.WaitAsync(1, task => task.Error is not null));

        Assert.Equal("The archive is not available.", task.Error);
        Assert.NotEqual(InferenceTaskStatus.Failed, task.Status);
    }

    [Fact]
    public async Task A_series_larger_than_the_memory_is_told()
    {
        InferenceOptions options = new() { ModelsFolder = EngineHost.BundledModels, MemoryMiB = 1024 };
        ModelRepository repository = ModelRepository.Load(EngineHost.BundledModels);
        await using ModelRunners runners = new(repository, options, TimeProvider.System, NullLogger<ModelRunners>.Instance);
        Model model = repository.Find("meshnet_model5_gw_ae", "1.0.0")!;

        (await runners.EnterVolumeAsync(model, 200L << 20, TaskPriority.Routine, TestContext.Current.CancellationToken)).Dispose();
        InferenceException told = await Assert.ThrowsAsync<InferenceException>(() => runners.EnterVolumeAsync(model, 300L << 20, TaskPriority.Routine, TestContext.Current.CancellationToken));

        Assert.Equal("The series takes 1500 MiB; the engine may take 1024 MiB in all.", told.Message);
    }

    [Fact]
    public void CUDA_that_was_asked_for_and_is_not_there_is_told()
    {
        Assert.SkipWhen(OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"), "This build has CUDA.");
        Model model = ModelRepository.Load(EngineHost.BundledModels).Find("pneumonia_cxr", "1.0.0")!;

        InferenceException told = Assert.Throws<InferenceException>(() => OnnxSession.Open(model, Accelerator.Cuda, 1, NullLogger.Instance));

        Assert.Contains("-p:Accelerator=cuda", told.Message, StringComparison.Ordinal);
        Assert.False(told.IsTransient);
    }

    [Fact]
    public void Without_CUDA_auto_takes_the_CPU()
    {
        Assert.SkipWhen(OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"), "This build has CUDA.");
        Model model = ModelRepository.Load(EngineHost.BundledModels).Find("pneumonia_cxr", "1.0.0")!;

        using OnnxSession session = OnnxSession.Open(model, Accelerator.Auto, 1, NullLogger.Instance);

        Assert.False(session.UsesCuda);
    }

    [Fact]
    public void A_file_that_was_changed_after_the_start_is_not_loaded()
    {
        using TempFolder models = new();
        ModelFolder.Add(models, "pneumonia_cxr", like: "pneumonia_cxr");
        Model model = ModelRepository.Load(models.Path).Models[0];
        File.AppendAllText(model.FilePath, "x");

        Assert.Contains("SHA-256", Assert.Throws<InferenceException>(() => OnnxSession.Open(model, Accelerator.Cpu, 1, NullLogger.Instance)).Message, StringComparison.Ordinal);
    }
}
