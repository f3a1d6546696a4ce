using System.Security.Cryptography;
using System.Text;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MedicalAi.InferenceEngine;

/// <summary>Chooses what models run on a study that has become stable.</summary>
/// <param name="repository">The models.</param>
/// <param name="logger">Is told, at level Debug, what is not taken and why; may be left out.</param>
public sealed class ModelPlanner(ModelRepository repository, ILogger<ModelPlanner>? logger = null)
{
    private readonly ILogger _logger = logger ?? NullLogger<ModelPlanner>.Instance;

    /// <summary>The tasks for a study: the same study gives the same tasks.</summary>
    public IReadOnlyList<NewTask> Plan(StudySnapshot study)
    {
        ArgumentNullException.ThrowIfNull(study);
        List<NewTask> tasks = [];
        foreach (ModelSelection selection in Explain(study))
        {
            ModelManifest model = selection.Model.Manifest;
            if (selection.Reason is { } reason)
            {
                Log.NotTaken(_logger, model.Name, selection.Series.Value, reason);
                continue;
            }

            tasks.Add(new NewTask(
                model.Name,
                model.Version,
                Digest(selection.Instances),
                [.. selection.Instances.Select(instance => instance.SopInstance)],
                Priority(study, selection.Instances[0])));
        }

        return tasks;
    }

    /// <summary>For people: what each model takes of a study, and why not the rest.</summary>
    public IReadOnlyList<ModelSelection> Explain(StudySnapshot study)
    {
        ArgumentNullException.ThrowIfNull(study);
        return [.. repository.Models.SelectMany(model => ModelSelector.Select(model, study))];
    }

    // Over the chosen instances alone, so that an instance of another series does not make a task anew.
    private static string Digest(IReadOnlyList<InstanceSnapshot> instances)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (InstanceSnapshot instance in instances.OrderBy(instance => instance.SopInstance.Value, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.ASCII.GetBytes(instance.SopInstance.Value));
            hash.AppendData([0]);
            hash.AppendData(instance.Digest.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // What the order says and what the modality wrote into the instance: the more urgent of the two.
    private static TaskPriority Priority(StudySnapshot study, InstanceSnapshot instance)
    {
        TaskPriority? told = instance.ReadMetadata().GetString(DicomTags.RequestedProcedurePriority) switch
        {
            "STAT" => TaskPriority.Stat,
            "HIGH" => TaskPriority.High,
            "ROUTINE" or "MEDIUM" => TaskPriority.Routine,
            "LOW" => TaskPriority.Low,
            _ => null,
        };
        TaskPriority? ordered = study.Order?.Priority;
        return told is { } one && ordered is { } other ? (TaskPriority)Math.Max((int)one, (int)other) : told ?? ordered ?? TaskPriority.Routine;
    }
}
