using System.Security.Cryptography;
using System.Text.Json.Nodes;
using MedicalAi.Testing;

namespace MedicalAi.InferenceEngine.Tests;

/// <summary>Makes folders of models for tests, from a bundled model's manifest.</summary>
internal static class ModelFolder
{
    /// <summary>Adds a model.</summary>
    /// <param name="models">The folder of the models.</param>
    /// <param name="name">The new model's name.</param>
    /// <param name="like">The bundled model whose manifest it gets.</param>
    /// <param name="onnx">Its file; null for that of the bundled model.</param>
    /// <param name="change">Changes the manifest.</param>
    public static void Add(TempFolder models, string name, string like, byte[]? onnx = null, Action<JsonObject>? change = null)
    {
        string folder = Directory.CreateDirectory(models.File(name)).FullName;
        string source = Path.Combine(EngineHost.BundledModels, like);
        onnx ??= File.ReadAllBytes(Path.Combine(source, "model.onnx"));
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), onnx);
        JsonObject manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(source, "model.json")))!.AsObject();
        manifest["name"] = name;
        manifest["sha256"] = Convert.ToHexStringLower(SHA256.HashData(onnx));
        change?.Invoke(manifest);
        File.WriteAllText(Path.Combine(folder, "model.json"), manifest.ToJsonString());
    }
}
