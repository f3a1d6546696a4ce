using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace MedicalAi.DicomWeb;

/// <summary>Retrieve bulk data (PS3.18 10.4.1.1.5): the values that the metadata names by URL, with ranges.</summary>
/// <param name="reader">Reads the archive.</param>
/// <param name="frames">Answers for encapsulated pixel data.</param>
internal sealed class BulkDataHandler(ArchiveReader reader, FramesHandler frames)
{
    /// <summary>Answers with a value.</summary>
    public async Task<Problem?> RetrieveAsync(DicomWebRequest request)
    {
        if (await reader.FindInstanceAsync(request.Study, request.Series, request.Instance!.Value, request.Aborted) is not { } row)
        {
            return Missing.Instance();
        }

        BulkMap? map = await reader.ReadBulkMapAsync(row.Identity.SopInstance, request.Aborted);
        if (map?.Find(request.FindRouteValue("path") ?? "") is not { } entry)
        {
            return Problem.NotFound("The instance has no bulk data of this path.");
        }

        if (entry.Fragments is { } fragments)
        {
            return entry.Path.Length == 8 ? await frames.RetrieveAsync(request, row, null) : await WriteFragmentsAsync(request, row, fragments);
        }

        string? document = entry.Path == "00420011" ? await FindDocumentTypeAsync(row, request.Aborted) : null;
        Offer[] offers =
        [
            .. document is null ? (Offer[])[] : [new Offer(document, false)],
            new Offer(MediaTypes.OctetStream, false),
            .. document is null ? (Offer[])[] : [new Offer(document, true)],
            new Offer(MediaTypes.OctetStream, true),
        ];
        if (request.Accept.Choose(offers) is not { } offer)
        {
            return Problem.NotAcceptable("The value can be had as these media types only.", offers);
        }

        request.Response.Headers.Append("Vary", "Accept");
        request.Response.Headers.XContentTypeOptions = "nosniff";
        string tag = $"{Convert.ToHexStringLower(row.Digest.Span[..12])}-{entry.Path.Replace('/', '.')}{(offer.IsMultipart ? "-m" : "")}";
        if (EntityTags.IsKnown(request.Context, tag, offer.IsMultipart))
        {
            return null;
        }

        return offer.IsMultipart ? await WritePartAsync(request, row, entry, offer) : await WriteRangeAsync(request, row, entry, offer, tag);
    }

    /// <summary>The compressed picture within a sequence, an icon for example.</summary>
    private async ValueTask<Problem?> WriteFragmentsAsync(DicomWebRequest request, InstanceRow row, IReadOnlyList<BulkLocation> fragments)
    {
        string type = MediaTypes.OfFrame(row.TransferSyntax);
        string syntax = row.TransferSyntax.Uid.Value;
        Offer[] offers =
        [
            new Offer(type, false) { TransferSyntaxes = [syntax], IsStoredPixels = true },
            new Offer(type, true) { TransferSyntaxes = [syntax], IsStoredPixels = true },
        ];
        if (request.Accept.Choose(offers) is not { } offer)
        {
            return Problem.NotAcceptable("The picture can be had as it is stored only.", offers);
        }

        string contentType = $"{type}; transfer-syntax={syntax}";
        long length = fragments.Sum(fragment => fragment.Length);
        MultipartWriter writer = new(request.Response.BodyWriter);
        request.Response.ContentType = offer.IsMultipart ? writer.ContentTypeOf(type) : contentType;
        request.Response.ContentLength = offer.IsMultipart ? writer.LengthOf(contentType, null, length, isFirst: true) + writer.EndLength : length;
        await using RangesStream content = new(reader, row, fragments);
        if (!request.IsHead && offer.IsMultipart)
        {
            await writer.WriteAsync(contentType, null, length, content, request.Aborted);
            await writer.CompleteAsync(request.Aborted);
        }
        else if (!request.IsHead)
        {
            await content.SendAsync(request.Response.BodyWriter, request.Aborted);
        }

        return null;
    }

    // Of the types that documents have, those that a browser runs no script of.
    private async ValueTask<string?> FindDocumentTypeAsync(InstanceRow row, CancellationToken cancellationToken)
    {
        ParseResult<DicomDataSet> header = await reader.ReadHeaderAsync(row, cancellationToken);
        return header.Ok && MediaType.Parse(header.Value.GetString(DicomTags.MIMETypeOfEncapsulatedDocument))?.Name is "application/pdf" or "model/stl" or "model/obj" or "model/mtl"
            ? MediaType.Parse(header.Value.GetString(DicomTags.MIMETypeOfEncapsulatedDocument))!.Name
            : null;
    }

    private async ValueTask<Problem?> WritePartAsync(DicomWebRequest request, InstanceRow row, BulkEntry entry, Offer offer)
    {
        MultipartWriter writer = new(request.Response.BodyWriter);
        request.Response.ContentType = writer.ContentTypeOf(offer.MediaType);
        request.Response.ContentLength = writer.LengthOf(offer.MediaType, null, entry.Location.Length, isFirst: true) + writer.EndLength;
        if (!request.IsHead)
        {
            await using Stream value = await reader.OpenValueAsync(row, entry, 0, entry.Location.Length, request.Aborted);
            await writer.WriteAsync(offer.MediaType, null, entry.Location.Length, value, request.Aborted);
            await writer.CompleteAsync(request.Aborted);
        }

        return null;
    }

    private async ValueTask<Problem?> WriteRangeAsync(DicomWebRequest request, InstanceRow row, BulkEntry entry, Offer offer, string tag)
    {
        HttpResponse response = request.Response;
        response.Headers.AcceptRanges = "bytes";
        long total = entry.Location.Length;
        (long offset, long length) = (0, total);
        if (FindRange(request.Context.Request, tag) is { } range)
        {
            if (Resolve(range, total) is not { } part)
            {
                response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{total}");
                return new Problem(StatusCodes.Status416RangeNotSatisfiable, "Range not satisfiable", string.Create(CultureInfo.InvariantCulture, $"The value has {total} bytes."));
            }

            (offset, length) = part;
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {offset}-{offset + length - 1}/{total}");
        }

        response.ContentType = offer.MediaType;
        response.ContentLength = length;
        if (!request.IsHead)
        {
            await using Stream value = await reader.OpenValueAsync(row, entry, offset, length, request.Aborted);
            await value.SendAsync(response.BodyWriter, request.Aborted);
        }

        return null;
    }

    /// <summary>The one range that is asked for; null when there is none, or several, which may be answered by the whole (RFC 9110 14.2).</summary>
    private static RangeItemHeaderValue? FindRange(HttpRequest request, string tag)
    {
        if (!RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out RangeHeaderValue? header) || header.Unit != "bytes" || header.Ranges.Count != 1)
        {
            return null;
        }

        bool isCurrent = request.Headers.IfRange.Count == 0 || request.Headers.IfRange == $"\"{tag}\"";
        return isCurrent ? header.Ranges.First() : null;
    }

    private static (long Offset, long Length)? Resolve(RangeItemHeaderValue range, long total)
    {
        long from = range.From ?? Math.Max(0, total - range.To!.Value);
        long to = range.From is null ? total - 1 : Math.Min(range.To ?? long.MaxValue, total - 1);
        return from > to ? null : (from, to - from + 1);
    }
}
