using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace MedicalAi.DicomWeb;

/// <summary>Entity tags and conditional requests (RFC 9110 8.8.3 and 13).</summary>
internal static class EntityTags
{
    /// <summary>
    /// Gives the answer its entity tag. What an archive holds does not change without its tag changing, so that a client may keep
    /// it but has to ask.
    /// </summary>
    /// <returns>Whether the client has it already: then 304 is answered and nothing is to be written.</returns>
    public static bool IsKnown(HttpContext context, string tag, bool isWeak)
    {
        EntityTagHeaderValue value = new($"\"{tag}\"", isWeak);
        context.Response.Headers.ETag = value.ToString();
        context.Response.Headers.CacheControl = "private, no-cache";
        if (!EntityTagHeaderValue.TryParseList([.. context.Request.Headers.IfNoneMatch.OfType<string>()], out var known)
            || !known.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(value, useStrongComparison: false)))
        {
            return false;
        }

        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }
}
