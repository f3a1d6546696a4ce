using System.Text.Json;
using System.Text.Json.Nodes;
using MedicalAi.Archive;
using MedicalAi.DicomScp;

namespace MedicalAi.Gateway;

/// <summary>A destination as the API shows it: its entry as it stands in the file of the AE registry, so that it can be changed and put back, and what waits for it.</summary>
internal static class DestinationResource
{
    /// <summary>The member that is not of the entry.</summary>
    public const string Queue = "queue";

    /// <summary>The resource of a destination.</summary>
    public static JsonObject From(ApplicationEntity entity, ForwardDepth depth, (string Problem, DateTimeOffset RetryAt)? problem, (string Problem, DateTimeOffset RetryAt)? commitmentProblem)
    {
        JsonObject resource = JsonObject.Create(entity.Entry.Clone())!;
        resource["aeTitle"] = entity.AeTitle.Value;
        resource[Queue] = JsonSerializer.SerializeToNode(
            new ForwardQueueResource(depth.Queued, depth.Sending, depth.Committing, depth.Dead, depth.OldestAt, problem?.Problem, problem?.RetryAt, commitmentProblem?.Problem, commitmentProblem?.RetryAt),
            ApiJson.Default.ForwardQueueResource);
        return resource;
    }
}

/// <summary>What waits for a destination.</summary>
/// <param name="Queued">Instances that wait.</param>
/// <param name="Sending">Instances that are being sent.</param>
/// <param name="Committing">Instances that it took and has not committed itself to yet.</param>
/// <param name="Dead">Instances that were given up.</param>
/// <param name="OldestAt">When the oldest was queued that is not sent yet.</param>
/// <param name="Problem">Why the destination is waited for; null when it is not.</param>
/// <param name="RetryAt">When it is tried again.</param>
/// <param name="CommitmentProblem">Why it cannot be asked for storage commitment; null when it can.</param>
/// <param name="CommitmentRetryAt">When it is asked again.</param>
internal sealed record ForwardQueueResource(
    long Queued, long Sending, long Committing, long Dead, DateTimeOffset? OldestAt, string? Problem, DateTimeOffset? RetryAt, string? CommitmentProblem, DateTimeOffset? CommitmentRetryAt);

/// <summary>What a destination answered to C-ECHO.</summary>
/// <param name="AeTitle">The destination.</param>
/// <param name="Ok">Whether it answered with success.</param>
/// <param name="Milliseconds">From the begin of the connection to the answer, or to the failure.</param>
/// <param name="Implementation">How its implementation names itself.</param>
/// <param name="Reason">Why it did not; null when it did.</param>
internal sealed record EchoResource(string AeTitle, bool Ok, long Milliseconds, string? Implementation, string? Reason);
