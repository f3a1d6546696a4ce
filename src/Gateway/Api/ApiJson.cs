using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MedicalAi.Gateway;

/// <summary>The JSON of the API.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TaskResource))]
[JsonSerializable(typeof(IReadOnlyList<TaskResource>))]
[JsonSerializable(typeof(ModelsResource))]
[JsonSerializable(typeof(IReadOnlyList<SelectionResource>))]
[JsonSerializable(typeof(SystemResource))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JsonArray))]
[JsonSerializable(typeof(ForwardQueueResource))]
[JsonSerializable(typeof(EchoResource))]
[JsonSerializable(typeof(IReadOnlyList<CommitmentResource>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyList<ForwardItemResource>))]
[JsonSerializable(typeof(ChangedResource))]
[JsonSerializable(typeof(ChangesResource))]
[JsonSerializable(typeof(HealthResource))]
[JsonSerializable(typeof(ProblemResource))]
internal sealed partial class ApiJson : JsonSerializerContext;

/// <summary>Why a request was not answered (RFC 9457).</summary>
/// <param name="Type">The kind of problem; about:blank for what the status says.</param>
/// <param name="Title">The kind in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What was wrong with this request; never patient data.</param>
internal sealed record ProblemResource(string Type, string Title, int Status, string? Detail)
{
    /// <summary>The answer with a problem.</summary>
    public static IResult Result(int status, string title, string detail) =>
        Results.Json(new ProblemResource("about:blank", title, status, detail), ApiJson.Default.ProblemResource, "application/problem+json", status);
}
