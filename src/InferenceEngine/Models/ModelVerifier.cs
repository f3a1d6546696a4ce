using Microsoft.Extensions.Logging.Abstractions;

namespace MedicalAi.InferenceEngine;

/// <summary>Tries models out, beyond what <see cref="ModelRepository.Load"/> checks: each is loaded, and models of images are run once.</summary>
public static class ModelVerifier
{
    /// <summary>Checks all models of a repository on the CPU.</summary>
    /// <returns>What is wrong, with what was found on loading the repository; nothing when all is well.</returns>
    public static IReadOnlyList<ModelProblem> Verify(ModelRepository repository, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        List<ModelProblem> problems = [.. repository.Problems];
        foreach (Model model in repository.Models)
        {
            try
            {
                using OnnxSession session = OnnxSession.Open(model, Accelerator.Cpu, threads: 1, NullLogger.Instance);
                if (model.Manifest.Input.Kind == InputKind.Image)
                {
                    // Twice the same image: a model with a batch axis must take both at once.
                    int images = Math.Min(2, model.Manifest.Batch.MaximumSize);
                    ModelRunner.RunImages(model, session, [.. Enumerable.Repeat(new float[model.Manifest.Input.ImageLength], images)], cancellationToken);
                }
            }
            catch (InferenceException e)
            {
                problems.Add(new ModelProblem(model.FilePath, "", e.Message));
            }
        }

        return problems;
    }
}
