using System.Diagnostics;
using System.Globalization;
using Prometheus;

namespace MedicalAi.Gateway;

/// <summary>
/// Counts and times requests as dashboards know them: <c>api_requests_total{method,endpoint,status}</c> and
/// <c>api_request_duration_seconds{method,endpoint}</c>. The endpoint is the route's pattern, so that no UID becomes a label.
/// </summary>
internal sealed class RequestMetrics
{
    private const string NoEndpoint = "none";
    private static readonly HashSet<string> s_methods = new(StringComparer.Ordinal) { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" };
    private readonly Counter _requests;
    private readonly Histogram _duration;
    private readonly RequestDelegate _next;
    private readonly ILogger<RequestMetrics> _logger;

    /// <summary>Makes the middleware.</summary>
    public RequestMetrics(RequestDelegate next, CollectorRegistry registry, ILogger<RequestMetrics> logger)
    {
        _next = next;
        _logger = logger;
        MetricFactory factory = Metrics.WithCustomRegistry(registry);
        _requests = factory.CreateCounter("api_requests_total", "HTTP requests, by method, endpoint and status.", "method", "endpoint", "status");
        _duration = factory.CreateHistogram(
            "api_request_duration_seconds",
            "From the request's head to the end of its answer.",
            ["method", "endpoint"],
            new HistogramConfiguration { Buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });
    }

    /// <summary>Passes the request on and counts it.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        long begin = Stopwatch.GetTimestamp();
        bool threw = true;
        try
        {
            await _next(context);
            threw = false;
        }
        finally
        {
            string method = s_methods.Contains(context.Request.Method) ? context.Request.Method : "other";
            string endpoint = PatternOf(context);
            int status = threw && !context.Response.HasStarted ? StatusCodes.Status500InternalServerError : context.Response.StatusCode;
            TimeSpan time = Stopwatch.GetElapsedTime(begin);
            _requests.WithLabels(method, endpoint, status.ToString(CultureInfo.InvariantCulture)).Inc();
            _duration.WithLabels(method, endpoint).Observe(time.TotalSeconds);
            Log.Answered(_logger, method, endpoint, status, (long)time.TotalMilliseconds);
        }
    }

    /// <summary>The pattern of the route that a request took.</summary>
    public static string PatternOf(HttpContext context) => context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } pattern } ? "/" + pattern.TrimStart('/') : NoEndpoint;
}
