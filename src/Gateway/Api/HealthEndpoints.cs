using MedicalAi.Archive;
using MedicalAi.DicomScp;
using MedicalAi.InferenceEngine;

namespace MedicalAi.Gateway;

/// <summary>How the gateway is.</summary>
/// <param name="Status">ok or unavailable.</param>
/// <param name="Version">The version.</param>
/// <param name="Checks">Each part with ok or what is wrong.</param>
/// <param name="Notices">What somebody should look at although all goes on; null when there is nothing.</param>
internal sealed record HealthResource(string Status, string Version, IReadOnlyDictionary<string, string> Checks, IReadOnlyDictionary<string, string>? Notices = null);

/// <summary><c>/health</c>, <c>/health/live</c> (the process answers) and <c>/health/ready</c> (it can do its work; 503 when not).</summary>
internal static class HealthEndpoints
{
    private static readonly string[] s_methods = ["GET", "HEAD"];

    /// <summary>Maps the endpoints.</summary>
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapMethods("/health/live", s_methods, () => Results.Json(new HealthResource("ok", GatewayCommand.Version, new Dictionary<string, string>()), ApiJson.Default.HealthResource));
        endpoints.MapMethods("/health/ready", s_methods, AnswerAsync);
        endpoints.MapMethods("/health", s_methods, AnswerAsync);
    }

    private static async Task<IResult> AnswerAsync(HttpContext context, GatewayHealth health)
    {
        HealthResource answer = await health.CheckAsync(context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(answer, ApiJson.Default.HealthResource, statusCode: answer.Status == GatewayHealth.Ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}

/// <summary>Checks the parts that the gateway needs for its work.</summary>
internal sealed class GatewayHealth(GatewayOptions options, IStudyIndex studies, IObjectStore store, IWorkQueue queue, ModelRepository models, AeRegistryFile registry, IHostApplicationLifetime lifetime, ILogger<GatewayHealth> logger)
{
    /// <summary>The word for well.</summary>
    public const string Ok = "ok";

    // Room for what is in flight and for the index; below it nothing should be sent here.
    private const long LeastFreeBytes = 256L << 20;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    /// <summary>Checks all parts.</summary>
    public async Task<HealthResource> CheckAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_limit);
        Dictionary<string, string> checks = new()
        {
            ["gateway"] = lifetime.ApplicationStopping.IsCancellationRequested ? "stopping" : Ok,
            ["index"] = await CheckAsync("index", async token => await studies.IsAvailableAsync(token) ? Ok : "does not answer", limit.Token),
            ["store"] = await CheckAsync("store", CheckStoreAsync, limit.Token),
            ["queue"] = await CheckAsync("queue", CheckQueueAsync, limit.Token),
        };
        if (options.Has(GatewayRoles.Engine))
        {
            // A model that is wrong is no reason to take in no studies; having none is told, too.
            checks["engine"] = models.Models.Count > 0 || models.Problems.Count == 0 ? Ok : "no model can be run";
        }

        return new HealthResource(checks.Values.All(value => value == Ok) ? Ok : "unavailable", GatewayCommand.Version, checks, Notices());
    }

    private Dictionary<string, string>? Notices() => registry.Problem is { } problem
        ? new() { ["registry"] = $"the file of the AE registry is not valid, and what held before goes on to hold: {problem}" }
        : null;

    private async ValueTask<string> CheckStoreAsync(CancellationToken cancellationToken)
    {
        await store.CheckAsync(cancellationToken);
        return new DriveInfo(options.DataFolder).AvailableFreeSpace < LeastFreeBytes ? "the disk is full" : Ok;
    }

    private async ValueTask<string> CheckQueueAsync(CancellationToken cancellationToken)
    {
        await queue.CountAsync(WorkKind.Infer, cancellationToken);
        return Ok;
    }

    private async Task<string> CheckAsync(string name, Func<CancellationToken, ValueTask<string>> check, CancellationToken cancellationToken)
    {
        try
        {
            return await check(cancellationToken);
        }
#pragma warning disable CA1031 // Whatever a part throws is the finding.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.Unhealthy(logger, name, e);
            return "does not answer";
        }
    }
}
