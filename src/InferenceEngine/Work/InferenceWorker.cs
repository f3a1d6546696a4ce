using MedicalAi.Archive;
using MedicalAi.Findings;
using Microsoft.Extensions.Logging;

namespace MedicalAi.InferenceEngine;

/// <summary>Runs models: carries out the inference of tasks, several at once so that images of several make up a batch.</summary>
internal sealed class InferenceWorker(
    IWorkQueue queue,
    ITaskIndex tasks,
    TaskExecution execution,
    ModelRepository repository,
    InferenceOptions options,
    TimeProvider time,
    ILogger<InferenceWorker> logger) : TaskWorker(queue, tasks, WorkKind.Infer, options.MaximumTasks, options.Lease, time, logger)
{
    // For a task whose model is gone: it fails at once.
    private static readonly TimeSpan s_shortLimit = TimeSpan.FromSeconds(60);

    /// <inheritdoc />
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (ModelProblem problem in repository.Problems)
        {
            Log.ModelProblem(logger, problem.ToString());
        }

        Log.Started(logger, repository.Models.Count, options.MaximumTasks);
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task<bool> RunAsync(TaskClaim claim, CancellationToken cancellationToken)
    {
        StudyFindings findings = await execution.RunAsync(claim.Task, cancellationToken);
        return await Tasks.SaveFindingsAsync(claim, findings.Serialize(), CancellationToken.None);
    }

    /// <inheritdoc />
    protected override TimeSpan GetTimeLimit(InferenceTask task) =>
        repository.Find(task.Model, task.ModelVersion) is { } model ? TimeSpan.FromSeconds(model.Manifest.TimeoutSeconds) : s_shortLimit;

    /// <inheritdoc />
    protected override void OnEnded(TaskClaim claim, string outcome) => InferenceMetrics.Finished(claim.Task.Model, outcome);
}
