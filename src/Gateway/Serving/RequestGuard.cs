namespace MedicalAi.Gateway;

/// <summary>
/// What holds for every answer of the gateway: headers that keep browsers from guessing and framing, and that a page of another
/// site cannot make a browser change something here.
/// </summary>
internal static class RequestGuard
{
    /// <summary>Adds the headers.</summary>
    public static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        return next(context);
    });

    /// <summary>Answers only requests for certain host names; <c>*.example.org</c> stands for all below it, <c>*</c> for any.</summary>
    public static void UseAllowedHosts(this IApplicationBuilder app, IReadOnlyList<string> hosts) => app.Use((context, next) =>
    {
        string host = context.Request.Host.Host;
        return hosts.Any(allowed => allowed == "*" || string.Equals(host, allowed, StringComparison.OrdinalIgnoreCase) || (allowed.StartsWith("*.", StringComparison.Ordinal) && host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase)))
            ? next(context)
            : ProblemResource.Result(StatusCodes.Status400BadRequest, "Bad request", "The request is for a host that is not this one (ALLOWED_HOSTS).").ExecuteAsync(context);
    });

    /// <summary>Refuses changes that a browser asks for on behalf of another site.</summary>
    public static TBuilder RefuseOtherSites<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilter(async (invocation, next) =>
    {
        HttpRequest request = invocation.HttpContext.Request;
        return !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && IsOfAnotherSite(request)
            ? ProblemResource.Result(StatusCodes.Status403Forbidden, "Forbidden", "A page of another site asked for this.")
            : await next(invocation);
    });

    private static bool IsOfAnotherSite(HttpRequest request) =>
        request.Headers.Origin.ToString() is { Length: > 0 } origin
        && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
}
