using Microsoft.Extensions.Logging;

namespace MedicalAi.InferenceEngine;

/// <summary>All log messages of the inference engine; events 4000 to 4999. No patient data.</summary>
internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Information, "The inference engine has {Models} models and runs up to {Tasks} tasks at once")]
    public static partial void Started(ILogger logger, int models, int tasks);

    [LoggerMessage(4001, LogLevel.Error, "A model is left out: {Problem}")]
    public static partial void ModelProblem(ILogger logger, string problem);

    [LoggerMessage(4002, LogLevel.Warning, "Model {Model} runs on the CPU: CUDA cannot be used ({Reason})")]
    public static partial void CudaUnavailable(ILogger logger, string model, string reason);

    [LoggerMessage(4003, LogLevel.Information, "Model {Model} runs on the CPU: this build is without CUDA")]
    public static partial void CudaNotBuilt(ILogger logger, string model);

    [LoggerMessage(4010, LogLevel.Information, "Task {Task} of model {Model} begins, attempt {Attempt}")]
    public static partial void TaskStarted(ILogger logger, Guid task, string model, int attempt);

    [LoggerMessage(4011, LogLevel.Information, "Task {Task} of model {Model} took {Milliseconds} ms; findings saved: {Saved}")]
    public static partial void TaskFinished(ILogger logger, Guid task, string model, long milliseconds, bool saved);

    [LoggerMessage(4012, LogLevel.Error, "Task {Task} of model {Model} failed: {Reason}")]
    public static partial void TaskFailed(ILogger logger, Guid task, string model, string reason, Exception exception);

    [LoggerMessage(4013, LogLevel.Warning, "Task {Task} was cancelled or taken over by another worker; its work is dropped")]
    public static partial void ClaimLost(ILogger logger, Guid task);

    [LoggerMessage(4014, LogLevel.Error, "Task {Task} was interrupted; its message comes again")]
    public static partial void TaskInterrupted(ILogger logger, Guid task, Exception exception);

    [LoggerMessage(4015, LogLevel.Warning, "The heartbeat of task {Task} failed")]
    public static partial void HeartbeatFailed(ILogger logger, Guid task, Exception exception);

    [LoggerMessage(4020, LogLevel.Error, "The work queue failed; it is tried again")]
    public static partial void QueueFailed(ILogger logger, Exception exception);
}
