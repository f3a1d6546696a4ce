using Hl7.Fhir.Model;
using MedicalAi.Archive;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Task = System.Threading.Tasks.Task;

namespace MedicalAi.FhirReports;

/// <summary>The FHIR R4 services: read and search of results, and the CapabilityStatement.</summary>
public static class FhirEndpoints
{
    private static readonly string[] s_reading = ["GET", "HEAD"];

    /// <summary>Maps the services below <c>/fhir</c>. They answer from the <see cref="IReportIndex"/> and <see cref="IStudyIndex"/> of the container.</summary>
    /// <param name="endpoints">Where to map.</param>
    /// <param name="options">How they answer.</param>
    /// <returns>The group of the services, so that authorization can be required of all of them.</returns>
    public static RouteGroupBuilder MapFhir(this IEndpointRouteBuilder endpoints, FhirOptions options)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(options);
        ILogger logger = endpoints.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger("MedicalAi.FhirReports");
        RouteGroupBuilder group = endpoints.MapGroup("/fhir");
        group.MapMethods("/metadata", s_reading, Handle((exchange, _) => exchange.AnswerMetadataAsync()));
        group.MapMethods("/{type}", s_reading, Handle((exchange, token) => exchange.AnswerSearchAsync(token)));
        group.MapMethods("/{type}/_search", ["POST"], Handle((exchange, token) => exchange.AnswerSearchAsync(token)));
        group.MapMethods("/{type}/{id}", s_reading, Handle((exchange, token) => exchange.AnswerReadAsync(token)));
        group.Map("/{**path}", Handle((exchange, _) => exchange.AnswerUnknownAsync()));
        return group;

        RequestDelegate Handle(Func<FhirExchange, CancellationToken, Task> handler) => async context =>
        {
            FhirExchange exchange = new(context, options);
            try
            {
                if (exchange.FindUnacceptable() is { } error)
                {
                    await exchange.WriteAsync(error);
                    return;
                }

                await handler(exchange, context.RequestAborted);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // The client has gone: there is nobody to answer.
            }
            catch (BadHttpRequestException e)
            {
                await exchange.TryWriteAsync(new FhirError(e.StatusCode, OperationOutcome.IssueType.Invalid, "The request cannot be read."));
            }
            catch (ArchiveUnavailableException e)
            {
                Log.ArchiveAway(logger, exchange.LoggedPath, e);
                context.Response.Headers.RetryAfter = "5";
                await exchange.TryWriteAsync(new FhirError(503, OperationOutcome.IssueType.Transient, "The archive is away; try again."));
            }
#pragma warning disable CA1031 // The last resort: whatever went wrong, the client gets an OperationOutcome and the log the cause.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.RequestFailed(logger, exchange.LoggedPath, e);
                await exchange.TryWriteAsync(new FhirError(500, OperationOutcome.IssueType.Exception, "The request failed; the log of the gateway says why."));
            }
        };
    }
}
