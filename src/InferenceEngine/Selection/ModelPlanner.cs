using System.Security.Cryptography;
using System.Text;
using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.InferenceEngine;

/// <summary>Chooses what models run on a study that has become stable.</summary>
/// <param name="repository">The models.</param>
public sealed class ModelPlanner(ModelRepository repository)
{
    /// <summary>The tasks for a study: the same study gives the same tasks.</summary>
    public IReadOnlyList<NewTask> Plan(StudySnapshot study)
    {
        ArgumentNullException.ThrowIfNull(study);
        return
        [
            .. repository.Models.SelectMany(model => ModelSelector.Select(model, study)
                .Where(selection => selection.Reason is null)
                .Select(selection => new NewTask(
                    model.Manifest.Name,
                    model.Manifest.Version,
                    Digest(selection.Instances),
                    [.. selection.Instances.Select(instance => instance.SopInstance)],
                    Priority(selection.Instances[0])))),
        ];
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

    private static TaskPriority Priority(InstanceSnapshot instance) =>
        instance.ReadMetadata().GetString(DicomTags.RequestedProcedurePriority) is "STAT" or "HIGH" ? TaskPriority.Stat : TaskPriority.Routine;
}
