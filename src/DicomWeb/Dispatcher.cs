using MedicalAi.Archive;
using MedicalAi.Dicom;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomWeb;

/// <summary>Answers a request to a resource, or says why it cannot.</summary>
internal delegate Task<Problem?> ResourceHandler(DicomWebRequest request);

/// <summary>
/// What all resources have in common: the methods they have, the UIDs of their path, cross-origin rules, and that whatever goes
/// wrong is answered as problem details.
/// </summary>
/// <param name="path">The path of the service, without a slash at its end.</param>
/// <param name="options">The settings.</param>
/// <param name="handlers">The handlers of the resource by method; none for paths that are no resource.</param>
/// <param name="logger">The log.</param>
internal sealed class Dispatcher(string path, DicomWebOptions options, IReadOnlyDictionary<string, ResourceHandler> handlers, ILogger<Dispatcher> logger)
{
    private readonly string _allow = string.Join(", ", handlers.Keys.SelectMany(method => method == "GET" ? (string[])["GET", "HEAD"] : [method]).Append("OPTIONS").Distinct());

    /// <summary>Answers a request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            if (CrossOrigin.Apply(context, options.AllowedOrigins, _allow))
            {
                return; // A preflight.
            }

            if (await DispatchAsync(context) is { } problem)
            {
                await problem.WriteAsync(context);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            Log.ClientGone(logger, context.Request.Method);
        }
        catch (ConnectionResetException)
        {
            Log.ClientGone(logger, context.Request.Method);
        }
        catch (InvalidDataException e)
        {
            Log.RequestFailed(logger, context.Request.Method, e);
            await FailAsync(context, new Problem(StatusCodes.Status500InternalServerError, "Damaged data", e.Message));
        }
        catch (BadHttpRequestException e)
        {
            await FailAsync(context, new Problem(e.StatusCode, "Bad request", e.StatusCode == StatusCodes.Status413PayloadTooLarge ? "The body is longer than is accepted." : "The request cannot be read."));
        }
        catch (ArchiveUnavailableException e)
        {
            Log.ArchiveUnavailable(logger, e);
            await FailAsync(context, Problem.Unavailable("The archive is not available."));
        }
#pragma warning disable CA1031 // Whatever goes wrong is answered and logged; a request never ends the process.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.RequestFailed(logger, context.Request.Method, e);
            await FailAsync(context, new Problem(StatusCodes.Status500InternalServerError, "Internal error", "The request failed for a reason that is in the server's log."));
        }
    }

    private async Task<Problem?> DispatchAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (handlers.Count == 0)
        {
            return Problem.NotFound("There is no such resource.");
        }

        string method = HttpMethods.IsHead(request.Method) ? HttpMethods.Get : request.Method;
        if (!handlers.TryGetValue(method, out ResourceHandler? handler))
        {
            if (HttpMethods.IsOptions(method))
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                context.Response.Headers.Allow = _allow;
                return null;
            }

            return new Problem(StatusCodes.Status405MethodNotAllowed, "Method not allowed", "The resource does not have this method.") { Allow = _allow };
        }

        return TryReadUid(context, "study", out DicomUid? study) && TryReadUid(context, "series", out DicomUid? series) && TryReadUid(context, "instance", out DicomUid? instance)
            ? await handler(new DicomWebRequest(context, BaseUrlOf(request), study, series, instance))
            : Problem.BadRequest("A UID of the path is not valid: it has digits and dots only, and at most 64 of them.");
    }

    private static bool TryReadUid(HttpContext context, string name, out DicomUid? uid)
    {
        uid = null;
        if (!context.Request.RouteValues.TryGetValue(name, out object? value))
        {
            return true;
        }

        bool isValid = DicomUid.TryParse(value as string, out DicomUid read);
        uid = read;
        return isValid;
    }

    private string BaseUrlOf(HttpRequest request) =>
        options.PublicBaseUrl?.TrimEnd('/') ?? $"{request.Scheme}://{request.Host.ToUriComponent()}{request.PathBase.ToUriComponent()}{path}";

    /// <summary>Answers with a problem; where the answer has begun, its end is the connection's, so that no client takes it for whole.</summary>
    private static async Task FailAsync(HttpContext context, Problem problem)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.Headers.Remove("Content-Range");
        await problem.WriteAsync(context);
    }
}
