using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using Microsoft.AspNetCore.Http;

namespace MedicalAi.DicomWeb;

/// <summary>
/// Retrieve frames (PS3.18 10.4.1.1.6): native frames as little-endian pixels, encapsulated ones in their own media type as they
/// are stored, or as pixels where they can be decoded.
/// </summary>
/// <param name="reader">Reads the archive.</param>
/// <param name="sources">Finds pixel data.</param>
internal sealed class FramesHandler(ArchiveReader reader, FrameSources sources)
{
    // The bytes of a native frame are the same in both.
    private static readonly string[] s_native = [TransferSyntax.ExplicitVrLittleEndian.Uid.Value, TransferSyntax.ImplicitVrLittleEndian.Uid.Value];

    /// <summary>Answers with the frames of a list.</summary>
    public async Task<Problem?> RetrieveAsync(DicomWebRequest request)
    {
        if (ParseList(request.FindRouteValue("frames")) is not { } numbers)
        {
            return Problem.BadRequest("Frames are told as numbers from 1, separated by commas.");
        }

        return await reader.FindInstanceAsync(request.Study, request.Series, request.Instance!.Value, request.Aborted) is { } row
            ? await RetrieveAsync(request, row, numbers)
            : Missing.Instance();
    }

    /// <summary>Answers with frames of an instance.</summary>
    /// <param name="request">The request.</param>
    /// <param name="row">The instance.</param>
    /// <param name="numbers">The frames, counted from 1; null for all.</param>
    public async Task<Problem?> RetrieveAsync(DicomWebRequest request, InstanceRow row, IReadOnlyList<int>? numbers)
    {
        ParseResult<FrameSource> found = await sources.FindAsync(row, request.Aborted);
        if (found.Error is { } error)
        {
            return Problem.NotFound(error.Message);
        }

        FrameSource source = found.Value;
        numbers ??= [.. Enumerable.Range(1, source.Pixels.NumberOfFrames)];
        List<FrameLocation> frames = new(numbers.Count);
        foreach (int number in numbers)
        {
            ParseResult<FrameLocation> frame = source.Locate(number);
            if (frame.Error is { } missing)
            {
                return Problem.NotFound(missing.Message);
            }

            frames.Add(frame.Value);
        }

        List<Offer> offers = OffersOf(source, frames.Count == 1);
        if (request.Accept.Choose(offers) is not { } offer)
        {
            return Problem.NotAcceptable(source.IsEncapsulated
                ? "The frames cannot be had so: they are compressed in a syntax that is not decoded, and are not transcoded to another."
                : "The frames are not compressed, and can be had as such only.", offers);
        }

        bool isDecoded = source.IsEncapsulated && ReferenceEquals(offer.TransferSyntaxes, s_native);
        request.Response.Headers.Append("Vary", "Accept");
        string tag = string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(row.Digest.Span[..12])}-f{string.Join('.', numbers.Take(20))}x{numbers.Count}{(offer.IsMultipart ? "-m" : "")}{(isDecoded ? "-d" : "")}");
        if (numbers.Count <= 20 && EntityTags.IsKnown(request.Context, tag, offer.IsMultipart))
        {
            return null;
        }

        await WriteAsync(request, source, frames, isDecoded, offer.IsMultipart);
        return null;
    }

    /// <summary>Reads a list of frame numbers; null when it is none.</summary>
    internal static List<int>? ParseList(string? text)
    {
        List<int> numbers = [];
        foreach (string part in (text ?? "").Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1)
            {
                return null;
            }

            numbers.Add(number);
        }

        return numbers;
    }

    private static List<Offer> OffersOf(FrameSource source, bool isOne)
    {
        string type = MediaTypes.OfFrame(source.Syntax);
        List<Offer> offers = [];
        foreach (bool multipart in isOne ? (bool[])[true, false] : [true])
        {
            offers.Add(new Offer(type, multipart)
            {
                TransferSyntaxes = source.IsEncapsulated ? [source.Syntax.Uid.Value] : s_native,
                IsDefault = !source.IsEncapsulated || type != MediaTypes.OctetStream,
                IsStoredPixels = true,
            });
            if (source.IsEncapsulated && type != MediaTypes.OctetStream)
            {
                // Who asks for octets gets the stored ones only by naming their syntax, or any: else pixels are expected.
                offers.Add(new Offer(MediaTypes.OctetStream, multipart) { TransferSyntaxes = [source.Syntax.Uid.Value], IsDefault = false });
            }

            if (source.IsDecodable)
            {
                offers.Add(new Offer(MediaTypes.OctetStream, multipart) { TransferSyntaxes = s_native });
            }
        }

        return offers;
    }

    private async ValueTask WriteAsync(DicomWebRequest request, FrameSource source, List<FrameLocation> frames, bool isDecoded, bool isMultipart)
    {
        TransferSyntax syntax = isDecoded ? TransferSyntax.ExplicitVrLittleEndian : source.Syntax;
        string type = MediaTypes.OfFrame(syntax);
        string contentType = $"{type}; transfer-syntax={syntax.Uid}";
        if (!isMultipart)
        {
            request.Response.ContentType = contentType;
            request.Response.ContentLength = LengthOf(frames[0]);
            if (!request.IsHead)
            {
                await using Stream content = await OpenAsync(frames[0]);
                await content.SendAsync(request.Response.BodyWriter, request.Aborted);
            }

            return;
        }

        MultipartWriter writer = new(request.Response.BodyWriter);
        request.Response.ContentType = writer.ContentTypeOf(type);
        request.Response.ContentLength = frames.Select((frame, i) => writer.LengthOf(contentType, null, LengthOf(frame), i == 0)).Sum() + writer.EndLength;
        if (request.IsHead)
        {
            return;
        }

        foreach (FrameLocation frame in frames)
        {
            await using Stream content = await OpenAsync(frame);
            await writer.WriteAsync(contentType, null, LengthOf(frame), content, request.Aborted);
        }

        await writer.CompleteAsync(request.Aborted);

        long LengthOf(FrameLocation frame) => isDecoded ? source.Pixels.FrameLength : frame.Length;

        ValueTask<Stream> OpenAsync(FrameLocation frame) =>
            isDecoded ? source.OpenDecodedAsync(reader, frame, request.Aborted) : source.OpenAsync(reader, frame, request.Aborted);
    }
}
