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

    /// <summary>The manifest's limit counts from when a task is admitted to memory and processors: see <see cref="TaskExecution"/>.</summary>
    protected override TimeSpan GetTimeLimit(InferenceTask task) => Timeout.InfiniteTimeSpan;

    /// <inheritdoc />
    protected override void OnEnded(TaskClaim claim, string outcome) => InferenceMetrics.Finished(claim.Task.Model, outcome);
}
