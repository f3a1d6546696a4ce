using System.Security.Cryptography;
using MedicalAi.Findings;

namespace MedicalAi.InferenceEngine;

/// <summary>A model of the repository.</summary>
/// <param name="Manifest">Its manifest, checked.</param>
/// <param name="Folder">Its folder.</param>
public sealed record Model(ModelManifest Manifest, string Folder)
{
    /// <summary>The ONNX file.</summary>
    public string FilePath => Path.Combine(Folder, Manifest.File);

    /// <summary>How reports name it.</summary>
    public ModelIdentity Identity => new()
    {
        Name = Manifest.Name,
        Version = Manifest.Version,
        Manufacturer = Manifest.Manufacturer,
        AlgorithmName = Manifest.Title,
        AlgorithmFamily = Manifest.AlgorithmFamily,
        Digest = Manifest.Sha256,
        Parameters = Manifest.Parameters,
    };

    /// <summary>What is wrong with the ONNX file; null when it is the one of the manifest.</summary>
    internal ModelProblem? FindFileProblem()
    {
        if (!File.Exists(FilePath))
        {
            return new ModelProblem(FilePath, "", "The model's file is missing.");
        }

        using FileStream stream = File.OpenRead(FilePath);
        string digest = Convert.ToHexStringLower(SHA256.HashData(stream));
        return digest == Manifest.Sha256 ? null : new ModelProblem(FilePath, "", $"The file is not the one of the manifest: its SHA-256 is {digest}.");
    }
}
