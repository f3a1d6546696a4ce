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
}
