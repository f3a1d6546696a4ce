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

    [LoggerMessage(4004, LogLevel.Debug, "Model {Model} does not take series {Series}: {Reason}")]
    public static partial void NotTaken(ILogger logger, string model, string series, string reason);
}
