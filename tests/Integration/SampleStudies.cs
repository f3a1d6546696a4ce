using System.IO.Compression;
using MedicalAi.Testing;

namespace MedicalAi.Integration;

/// <summary>The bundled sample studies.</summary>
internal static class SampleStudies
{
    /// <summary>The Study Instance UID of the MR of a head.</summary>
    public const string BrainPatientId = "TEST-BRAIN-T1";

    /// <summary>A chest radiograph that the model calls positive.</summary>
    public static string PneumoniaFile => Path.Combine(TestData.Root, "samples", "chest-radiographs", "pneumoniamnist_0002.dcm");

    /// <summary>A chest radiograph that the model calls negative.</summary>
    public static string NormalFile => Path.Combine(TestData.Root, "samples", "chest-radiographs", "pneumoniamnist_0003.dcm");

    /// <summary>Unpacks the MR series of a head: 256 files.</summary>
    public static string UnpackBrain(TempFolder folder)
    {
        string target = folder.File("brain");
        ZipFile.ExtractToDirectory(Path.Combine(TestData.Root, "samples", "brain-t1-mr", "t1_series_coronal.zip"), target);
        return target;
    }
}
