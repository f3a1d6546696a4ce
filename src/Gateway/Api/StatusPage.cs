using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using MedicalAi.Archive;

namespace MedicalAi.Gateway;

/// <summary><c>/</c>: what there is and where, without names of patients.</summary>
internal static class StatusPage
{
    private const string Style = "body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}table{border-collapse:collapse;width:100%}"
        + "th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #d8dee4;vertical-align:top}td.uid{font-size:.85em;word-break:break-all}.failed{color:#b42318}nav a{margin-right:1rem}";

    private static readonly string s_policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Maps the page.</summary>
    public static void MapStatusPage(this IEndpointRouteBuilder endpoints) => endpoints.MapGet("/", async (HttpContext context, SystemOverview overview, ITaskIndex tasks) =>
    {
        SystemResource system = await overview.ReadAsync(context.RequestAborted);
        IReadOnlyList<InferenceTask> newest = await tasks.ListTasksAsync(new TaskQuery { Limit = 20 }, context.RequestAborted);
        context.Response.Headers.ContentSecurityPolicy = s_policy;
        context.Response.Headers.CacheControl = "no-store";
        return Results.Text(Write(system, newest), "text/html; charset=utf-8");
    });

    /// <summary>The page.</summary>
    internal static string Write(SystemResource system, IReadOnlyList<InferenceTask> tasks)
    {
        StringBuilder html = new();
        html.Append(CultureInfo.InvariantCulture, $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>MedicalAi.Gateway</title><style>{Style}</style></head><body>");
        html.Append(CultureInfo.InvariantCulture, $"<h1>MedicalAi.Gateway {Text(system.Version)}</h1>");
        html.Append(CultureInfo.InvariantCulture, $"<p>AE title {Text(system.AeTitle)}. {system.Studies} studies, {system.Series} series, {system.Instances} instances");
        html.Append(system.Quarantined > 0 ? string.Create(CultureInfo.InvariantCulture, $", {system.Quarantined} in quarantine.</p>") : ".</p>");
        html.Append("<nav><a href=\"/dicomweb/studies?limit=100\">Studies (QIDO-RS)</a><a href=\"/fhir/DiagnosticReport\">Reports (FHIR)</a><a href=\"/fhir/metadata\">FHIR capabilities</a>"
            + "<a href=\"/api/tasks\">Tasks</a><a href=\"/api/models\">Models</a><a href=\"/api/system\">System</a><a href=\"/health\">Health</a><a href=\"/metrics\">Metrics</a></nav>");
        html.Append("<h2>Tasks</h2><p>");
        html.AppendJoin(", ", system.Tasks.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value} {pair.Key}")));
        html.Append("</p><table><tr><th>Made</th><th>Model</th><th>Study</th><th>Status</th></tr>");
        foreach (InferenceTask task in tasks)
        {
            string status = task.Status.ToString().ToLowerInvariant();
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{task.CreatedAt:yyyy-MM-dd HH:mm:ss}</td><td><a href=\"/api/tasks/{task.Id}\">{Text(task.Model)}</a></td>");
            html.Append(CultureInfo.InvariantCulture, $"<td class=\"uid\"><a href=\"/dicomweb/studies/{Text(task.Study.Value)}/metadata\">{Text(task.Study.Value)}</a></td>");
            html.Append(CultureInfo.InvariantCulture, $"<td class=\"{status}\">{status}{(task.Error is { } error ? ": " + Text(error) : "")}</td></tr>");
        }

        html.Append("</table><p>Results of models are preliminary and not reviewed by a physician.</p></body></html>");
        return html.ToString();
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
