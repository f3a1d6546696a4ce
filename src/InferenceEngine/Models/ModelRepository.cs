using System.Text.Json;

namespace MedicalAi.InferenceEngine;

/// <summary>The models of a folder: one folder a model, with <c>model.json</c> and the model's file.</summary>
public sealed class ModelRepository
{
    private const int MaxManifestLength = 1 << 20;

    private ModelRepository(string folder, IReadOnlyList<Model> models, IReadOnlyList<ModelProblem> problems)
    {
        Folder = folder;
        Models = models;
        Problems = problems;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>The models that can be run, by name.</summary>
    public IReadOnlyList<Model> Models { get; }

    /// <summary>What is wrong with the others.</summary>
    public IReadOnlyList<ModelProblem> Problems { get; }

    /// <summary>Reads the models of a folder. A model with a problem is left out; the others are not held up by it.</summary>
    public static ModelRepository Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        List<Model> models = [];
        List<ModelProblem> problems = [];
        if (!Directory.Exists(folder))
        {
            return new ModelRepository(folder, [], [new ModelProblem(folder, "", "The folder of the models does not exist.")]);
        }

        foreach (string modelFolder in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            if (Read(modelFolder, problems) is { } model)
            {
                models.Add(model);
            }
        }

        return new ModelRepository(folder, models, problems);
    }

    /// <summary>The model of a name and version; null when there is none.</summary>
    public Model? Find(string name, string version) => Models.FirstOrDefault(model => model.Manifest.Name == name && model.Manifest.Version == version);

    private static Model? Read(string folder, List<ModelProblem> problems)
    {
        string path = Path.Combine(folder, "model.json");
        int before = problems.Count;
        try
        {
            if (!File.Exists(path))
            {
                problems.Add(new ModelProblem(path, "", "The folder has no manifest."));
                return null;
            }

            if (new FileInfo(path).Length > MaxManifestLength)
            {
                problems.Add(new ModelProblem(path, "", "The manifest is longer than 1 MiB."));
                return null;
            }

            ModelManifest manifest = ManifestJson.Read(File.ReadAllBytes(path));
            problems.AddRange(ManifestRules.Check(manifest).Select(problem => new ModelProblem(path, problem.Path, problem.Message)));
            if (manifest.Name != Path.GetFileName(folder))
            {
                problems.Add(new ModelProblem(path, "$.name", $"The name is not that of the folder, {Path.GetFileName(folder)}."));
            }

            Model model = new(manifest, folder);
            if (problems.Count == before && model.FindFileProblem() is { } fileProblem)
            {
                problems.Add(fileProblem);
            }

            return problems.Count == before ? model : null;
        }
        catch (JsonException e)
        {
            problems.Add(new ModelProblem(path, e.Path ?? "", Explain(e)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new ModelProblem(path, "", $"It cannot be read: {e.Message}"));
        }

        return null;
    }

    // The serializer's message, without the part that repeats path and line.
    private static string Explain(JsonException e)
    {
        int end = e.Message.IndexOf(" Path:", StringComparison.Ordinal);
        string message = end > 0 ? e.Message[..end] : e.Message;
        return e.LineNumber is { } line ? $"{message} (line {line + 1})" : message;
    }
}
