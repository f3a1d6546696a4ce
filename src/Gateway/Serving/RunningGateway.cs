using System.Text.Json;
using System.Text.Json.Serialization;

namespace MedicalAi.Gateway;

/// <summary>How the gateway that serves a data folder is reached; stands in the folder as <c>gateway.json</c> while it serves.</summary>
/// <param name="ProcessId">Its process.</param>
/// <param name="Http">Where it serves HTTP, as a URL.</param>
/// <param name="Dicom">Where it accepts associations, as ADDRESS:PORT; null when it does not.</param>
/// <param name="AeTitle">Its AE title.</param>
/// <param name="HasTls">Whether it accepts associations over TLS only.</param>
internal sealed partial record RunningGateway(int ProcessId, string Http, string? Dicom, string AeTitle, bool HasTls = false)
{
    private const string FileName = "gateway.json";

    /// <summary>Writes the file, whole or not at all.</summary>
    public void Write(string dataFolder)
    {
        string path = Path.Combine(dataFolder, FileName);
        File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(this, FileFormat.Default.RunningGateway));
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Reads the file; null when it is not there or not readable.</summary>
    public static RunningGateway? Read(string dataFolder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(dataFolder, FileName)), FileFormat.Default.RunningGateway);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Removes the file.</summary>
    public static void Remove(string dataFolder) => File.Delete(Path.Combine(dataFolder, FileName));

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
    [JsonSerializable(typeof(RunningGateway))]
    private sealed partial class FileFormat : JsonSerializerContext;
}
