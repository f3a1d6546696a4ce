using System.IO.Pipelines;
using MedicalAi.Archive;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomWeb;

/// <summary>
/// Store instances, STOW-RS (PS3.18 10.5): Part 10 files as parts of <c>multipart/related</c>, or one as the body. The instances
/// pass to the archive as they come in; memory does not grow with their size. While some of them wait to be committed, the next
/// are read, so that one commit serves many.
/// </summary>
/// <param name="ingest">The archive's door.</param>
/// <param name="options">The settings.</param>
/// <param name="logger">The log.</param>
internal sealed class StoreHandler(IngestService ingest, DicomWebOptions options, ILogger<StoreHandler> logger)
{
    // Instances of one request that may wait for their commit: each holds a file and its header.
    private const int MaximumWaiting = 32;

    private static readonly string[] s_taken = ["multipart/related; type=\"application/dicom\"; boundary=…", MediaTypes.Dicom];

    /// <summary>Stores what the body holds.</summary>
    public async Task<Problem?> StoreAsync(DicomWebRequest request)
    {
        if (request.Accept.Choose(JsonBody.Offers) is not { } offer)
        {
            return JsonBody.NotAcceptable();
        }

        HttpRequest http = request.Context.Request;
        if (http.Headers.ContentEncoding is { Count: > 0 } encoding && encoding != "identity")
        {
            return Problem.UnsupportedMediaType("A body with a content coding is not taken.", s_taken);
        }

        if (MediaType.Parse(http.ContentType) is not { } type)
        {
            return Problem.UnsupportedMediaType("The request has no Content-Type that can be read.", s_taken);
        }

        if (request.Context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = options.MaximumRequestLength;
        }

        StoreReport report = new(request);
        Problem? problem = type.Name switch
        {
            MediaTypes.MultipartRelated => await StorePartsAsync(request, type, report),
            MediaTypes.Dicom => await StoreOnlyAsync(request, http.BodyReader, report),
            _ => Problem.UnsupportedMediaType("Bodies of this media type are not taken.", s_taken),
        };
        if (problem is null && report.Count == 0)
        {
            problem = Problem.BadRequest("The body holds no instance.");
        }

        if (problem is null && report.IsUnavailable)
        {
            problem = Problem.Unavailable("The archive cannot store at the moment; nothing of this request was stored.");
        }

        Log.StoreFinished(logger, report.StoredCount, report.Count, problem?.Status ?? report.Status);
        if (problem is null)
        {
            await report.WriteAsync(offer);
        }

        return problem;
    }

    private async Task<Problem?> StorePartsAsync(DicomWebRequest request, MediaType type, StoreReport report)
    {
        if (type.Find("type") is { } inner && MediaType.Parse(inner)?.Name != MediaTypes.Dicom)
        {
            return Problem.UnsupportedMediaType("Parts of this media type are not taken.", s_taken);
        }

        string? boundary = type.Find("boundary");
        if (!MultipartReader.IsBoundary(boundary))
        {
            return Problem.BadRequest("The Content-Type multipart/related has no boundary, or one that is not of 1 to 256 printable characters.");
        }

        MultipartReader reader = new(request.Context.Request.BodyReader, boundary!, options.MaximumParts);
        Queue<Task<IngestResult>> waiting = [];
        try
        {
            while (await reader.ReadPartAsync(request.Aborted) is { } part)
            {
                Task<IngestResult> result = IngestPartAsync(request, part);
                waiting.Enqueue(result);
                if (await Task.WhenAny(result, part.Body.Consumed) == result && !result.IsCompletedSuccessfully)
                {
                    break; // The body ended within the part, or the client is gone: awaiting the result says which.
                }

                while (waiting.Count > MaximumWaiting)
                {
                    report.Add(await waiting.Dequeue());
                }
            }

            await FinishAsync(waiting, report);
        }
        catch (MultipartFormatException e)
        {
            await FinishAsync(waiting, report);
            Log.MultipartMalformed(logger, report.Count, e.Message);
            if (report.StoredCount == 0)
            {
                return Problem.BadRequest(e.Message);
            }

            // Instances that were stored are stored, and the client is told of them.
            report.Add(new IngestResult(IngestOutcome.CannotUnderstand, null, e.Message, []));
        }
        finally
        {
            // Nothing of a request goes on when it has ended.
            await Task.WhenAll(waiting.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return null;
    }

    private static async Task FinishAsync(Queue<Task<IngestResult>> waiting, StoreReport report)
    {
        while (waiting.TryDequeue(out Task<IngestResult>? next))
        {
            report.Add(await next);
        }
    }

    private Task<IngestResult> IngestPartAsync(DicomWebRequest request, MultipartPart part)
    {
        // A part without a type is taken for what the whole says.
        return part.ContentType is { } media && media.Name != MediaTypes.Dicom
            ? Task.FromResult(new IngestResult(IngestOutcome.CannotUnderstand, null, "The part is not of the media type application/dicom.", []))
            : IngestAsync(request, part.Body);
    }

    private async Task<Problem?> StoreOnlyAsync(DicomWebRequest request, PipeReader body, StoreReport report)
    {
        report.Add(await IngestAsync(request, body));
        return null;
    }

    private async Task<IngestResult> IngestAsync(DicomWebRequest request, PipeReader body)
    {
        UploadOrigin origin = new(UploadOrigin.Stow, RemoteAddress: request.Context.Connection.RemoteIpAddress?.ToString());
        IngestResult result = await ingest.IngestPart10Async(body, origin, new InstanceExpectation(Study: request.Study), request.Aborted);
        DicomWebMetrics.Offered(result.Outcome.ToString());
        if (!result.IsSuccess)
        {
            Log.InstanceRefused(logger, result.Outcome.ToString(), result.Message);
        }

        return result;
    }
}
