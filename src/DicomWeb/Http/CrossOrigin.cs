using Microsoft.AspNetCore.Http;

namespace MedicalAi.DicomWeb;

/// <summary>
/// Cross-origin requests of viewers that are served from elsewhere. The headers stand on errors as well: without them a browser
/// shows each error as a failure of CORS.
/// </summary>
internal static class CrossOrigin
{
    private const string RequestHeaders = "Authorization, Accept, Content-Type, Range, If-None-Match, traceparent";
    private const string ResponseHeaders = "Content-Type, Content-Length, Content-Range, Accept-Ranges, ETag, Location, Retry-After, Warning";

    /// <summary>Sets the headers.</summary>
    /// <returns>Whether the request is a preflight, which is answered.</returns>
    public static bool Apply(HttpContext context, IReadOnlyList<string> allowed, string methods)
    {
        if (allowed.Count == 0)
        {
            return false;
        }

        IHeaderDictionary headers = context.Response.Headers;
        headers.Append("Vary", "Origin");
        string? origin = context.Request.Headers.Origin;
        if (string.IsNullOrEmpty(origin) || !(allowed.Contains("*") || allowed.Contains(origin, StringComparer.OrdinalIgnoreCase)))
        {
            return false;
        }

        headers.AccessControlAllowOrigin = allowed.Contains("*") ? "*" : origin;
        headers.AccessControlExposeHeaders = ResponseHeaders;
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        if (!HttpMethods.IsOptions(context.Request.Method) || context.Request.Headers.AccessControlRequestMethod.Count == 0)
        {
            return false;
        }

        headers.AccessControlAllowMethods = methods;
        headers.AccessControlAllowHeaders = RequestHeaders;
        headers.AccessControlMaxAge = "600";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }
}
