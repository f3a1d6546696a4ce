using Prometheus;

namespace MedicalAi.Gateway;

/// <summary><c>/metrics</c> in the text format of Prometheus.</summary>
internal static class MetricsEndpoint
{
    /// <summary>Maps the endpoint.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder endpoints) => endpoints.MapGet("/metrics", async (HttpContext context, CollectorRegistry registry, MeterBridge _) =>
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await registry.CollectAndExportAsTextAsync(context.Response.Body, context.RequestAborted);
    });
}
