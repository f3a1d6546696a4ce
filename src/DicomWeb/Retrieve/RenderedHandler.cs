using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Imaging;
using Microsoft.AspNetCore.Http;

namespace MedicalAi.DicomWeb;

/// <summary>
/// Retrieve rendered frames and thumbnails (PS3.18 10.4.1.1.3 and 10.4.1.1.4). A picture is one part whatever is asked for: viewers
/// put it into an image element.
/// </summary>
/// <param name="index">The index.</param>
/// <param name="reader">Reads the archive.</param>
internal sealed class RenderedHandler(IStudyIndex index, ArchiveReader reader) : IDisposable
{
    // Stored bytes of one frame that is decoded in memory.
    private const long MaximumFrame = 256 * 1024 * 1024;

    private static readonly Offer[] s_offers =
    [
        new(MediaTypes.Jpeg, false),
        new(MediaTypes.Png, false),

        // What viewers send with every request; they take the picture all the same.
        new(MediaTypes.Jpeg, true),
        new(MediaTypes.OctetStream, true),
    ];

    // Each decodes a frame in memory and keeps a processor busy.
    private readonly SemaphoreSlim _slots = new(Math.Max(2, Environment.ProcessorCount));

    /// <summary>Answers with a picture of an instance or frame.</summary>
    public Task<Problem?> RenderAsync(DicomWebRequest request) => AnswerAsync(request, isThumbnail: false);

    /// <summary>Answers with a small picture of a study, series, instance or frame.</summary>
    public Task<Problem?> ThumbnailAsync(DicomWebRequest request) => AnswerAsync(request, isThumbnail: true);

    /// <inheritdoc />
    public void Dispose() => _slots.Dispose();

    private async Task<Problem?> AnswerAsync(DicomWebRequest request, bool isThumbnail)
    {
        if (RenderedQuery.Parse(request.Context.Request, isThumbnail, out Problem? problem) is not { } options)
        {
            return problem;
        }

        int frame = 1;
        if (request.FindRouteValue("frames") is { } list)
        {
            if (FramesHandler.ParseList(list) is not [int number])
            {
                return Problem.BadRequest("One frame is rendered at a time; it is told as a number from 1.");
            }

            frame = number;
        }

        if (await FindAsync(request) is not { } row)
        {
            return request.Instance is not null ? Missing.Instance() : request.Series is not null ? Missing.Series() : Missing.Study();
        }

        byte[] asked = SHA256.HashData(Encoding.UTF8.GetBytes($"{frame} {options} {request.Accept.Choose(s_offers)}"));
        request.Response.Headers.Append("Vary", "Accept");
        if (EntityTags.IsKnown(request.Context, $"{Convert.ToHexStringLower(row.Digest.Span[..12])}-{Convert.ToHexStringLower(asked.AsSpan(0, 6))}", isWeak: false))
        {
            return null;
        }

        ParseResult<DicomDataSet> header = await reader.ReadHeaderAsync(row, request.Aborted);
        if (!isThumbnail && header.Ok && RenderedDocument.Find(row, header.Value, await reader.ReadBulkMapAsync(row.Identity.SopInstance, request.Aborted)) is { } document)
        {
            return await SendAsync(request, row, document);
        }

        if (request.Accept.Choose(s_offers) is not { } offer)
        {
            return Problem.NotAcceptable("Pictures are made as JPEG and PNG.", s_offers[..2]);
        }

        options = options with { Format = offer.MediaType == MediaTypes.Png ? RenderedFormat.Png : RenderedFormat.Jpeg };
        ParseResult<RenderedFrame> rendered = await RenderAsync(row, header, frame, options, request.Aborted);
        if (rendered.Error is { } error)
        {
            return error.Kind == DicomErrorKind.NotDicom ? Problem.NotFound(error.Message) : Problem.NotAcceptable($"The frame cannot be rendered. {error.Message}");
        }

        request.Response.ContentType = rendered.Value.MediaType;
        request.Response.ContentLength = rendered.Value.Bytes.Length;
        if (!request.IsHead)
        {
            await request.Response.Body.WriteAsync(rendered.Value.Bytes, request.Aborted);
        }

        return null;
    }

    /// <summary>The instance itself; of a series the middle one of its images, of a study that of its first series with images.</summary>
    private async ValueTask<InstanceRow?> FindAsync(DicomWebRequest request)
    {
        if (request.Instance is { } instance)
        {
            return await reader.FindInstanceAsync(request.Study, request.Series, instance, request.Aborted);
        }

        List<InstanceRow> images = [];
        InstanceRow? first = null;
        await foreach (InstanceRow row in index.ListInstancesAsync(request.Study!.Value, request.Series, request.Aborted))
        {
            first ??= row;
            if (images.Count > 0 && images[0].Identity.Series != row.Identity.Series)
            {
                break;
            }

            if (row.Rows is not null)
            {
                images.Add(row);
            }
        }

        return images.Count > 0 ? images[images.Count / 2] : first;
    }

    private async ValueTask<Problem?> SendAsync(DicomWebRequest request, InstanceRow row, RenderedDocument document)
    {
        Offer[] offers = [new Offer(document.MediaType, false), new Offer(document.MediaType, true), new Offer(MediaTypes.OctetStream, true)];
        if (request.Accept.Choose(offers) is null)
        {
            return Problem.NotAcceptable("The instance is shown as it is.", offers[..1]);
        }

        request.Response.Headers.XContentTypeOptions = "nosniff";
        request.Response.ContentType = document.MediaType;
        request.Response.ContentLength = document.Length;
        if (!request.IsHead)
        {
            await using RangesStream content = new(reader, row, document.Ranges);
            await content.SendAsync(request.Response.BodyWriter, request.Aborted);
        }

        return null;
    }

    private async ValueTask<ParseResult<RenderedFrame>> RenderAsync(InstanceRow row, ParseResult<DicomDataSet> header, int frame, RenderOptions options, CancellationToken cancellationToken)
    {
        ParseResult<StoredPixels> found = header.Error is { } unread ? unread : StoredPixels.Find(header.Value, row.TransferSyntax);
        if (found.Error is { } none)
        {
            return none;
        }

        StoredPixels pixels = found.Value;
        if (!FrameDecoder.IsSupported(row.TransferSyntax))
        {
            return new DicomError(DicomErrorKind.UnknownTransferSyntax, $"It is stored as {row.TransferSyntax.Name}, which is not decoded.");
        }

        ParseResult<IReadOnlyList<BulkLocation>> ranges = pixels.Locate(frame);
        if (ranges.Error is { } lost)
        {
            return frame > pixels.Pixels.NumberOfFrames ? lost with { Kind = DicomErrorKind.NotDicom } : lost;
        }

        long length = ranges.Value.Sum(range => range.Length);
        if (Math.Max(length, pixels.Pixels.FrameLength) > MaximumFrame)
        {
            return new DicomError(DicomErrorKind.TooLarge, "It is too large.");
        }

        await _slots.WaitAsync(cancellationToken);
        byte[] stored = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            await using RangesStream content = new(reader, row, ranges.Value);
            await content.ReadExactlyAsync(stored.AsMemory(0, (int)length), cancellationToken);
            foreach (DeferredTable table in DeferredTable.List(header.Value, frame))
            {
                byte[] entries = new byte[table.Location.Length];
                await using Stream bytes = await reader.OpenRangeAsync(row, table.Location, cancellationToken);
                await bytes.ReadExactlyAsync(entries, cancellationToken);
                table.Fill(entries, row.TransferSyntax);
            }

            ParseResult<NativeFrame> decoded = pixels.Decode(frame, stored.AsSpan(0, (int)length));
            if (decoded.Error is { } damaged)
            {
                return damaged;
            }

            using NativeFrame native = decoded.Value;
            return FrameRenderer.Render(header.Value, native, frame, options);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored, clearArray: true);
            _slots.Release();
        }
    }
}
