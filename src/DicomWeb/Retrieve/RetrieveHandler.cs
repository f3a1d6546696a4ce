using MedicalAi.Archive;
using MedicalAi.Dicom;
using Microsoft.AspNetCore.Http;

namespace MedicalAi.DicomWeb;

/// <summary>Retrieve instances (PS3.18 10.4.1.1.1): Part 10 files with the data sets exactly as they were received.</summary>
/// <param name="reader">Reads the instances.</param>
internal sealed class RetrieveHandler(ArchiveReader reader)
{
    /// <summary>Answers with a study, a series or an instance.</summary>
    public Task<Problem?> RetrieveAsync(DicomWebRequest request) => request.Instance is { } uid ? RetrieveInstanceAsync(request, uid) : RetrieveManyAsync(request);

    private static Offer OfferOf(TransferSyntax syntax, bool isMultipart) => new(MediaTypes.Dicom, isMultipart) { TransferSyntaxes = [syntax.Uid.Value] };

    private static string ContentTypeOf(InstanceRow row) => $"{MediaTypes.Dicom}; transfer-syntax={row.TransferSyntax.Uid}";

    private async Task<Problem?> RetrieveInstanceAsync(DicomWebRequest request, DicomUid uid)
    {
        if (await reader.FindInstanceAsync(request.Study, request.Series, uid, request.Aborted) is not { } row)
        {
            return Missing.Instance();
        }

        Offer[] offers = [OfferOf(row.TransferSyntax, true), OfferOf(row.TransferSyntax, false)];
        if (request.Accept.Choose(offers) is not { } offer)
        {
            return Problem.NotAcceptable("The instance can be had in the transfer syntax in which it is stored only; it is not transcoded.", offers);
        }

        request.Response.Headers.Append("Vary", "Accept");
        if (EntityTags.IsKnown(request.Context, Convert.ToHexStringLower(row.Digest.Span[..12]) + (offer.IsMultipart ? "-m" : ""), offer.IsMultipart))
        {
            return null;
        }

        if (offer.IsMultipart)
        {
            MultipartWriter writer = new(request.Response.BodyWriter);
            request.Response.ContentType = writer.ContentTypeOf(MediaTypes.Dicom);
            request.Response.ContentLength = writer.LengthOf(ContentTypeOf(row), UrlOf(request, row), row.File.Length, isFirst: true) + writer.EndLength;
            if (!request.IsHead)
            {
                await WriteAsync(request, writer, row);
                await writer.CompleteAsync(request.Aborted);
            }

            return null;
        }

        request.Response.ContentType = ContentTypeOf(row);
        request.Response.ContentLength = row.File.Length;
        if (!request.IsHead)
        {
            await using Stream file = await reader.OpenPart10Async(row, request.Aborted);
            await file.SendAsync(request.Response.BodyWriter, request.Aborted);
        }

        return null;
    }

    private async Task<Problem?> RetrieveManyAsync(DicomWebRequest request)
    {
        // The index is read once before anything is sent: whether there is anything, and whether the client takes all of it.
        DicomUid study = request.Study!.Value;
        HashSet<TransferSyntax> syntaxes = [];
        await foreach (InstanceRow row in reader.ListInstancesAsync(study, request.Series, request.Aborted))
        {
            syntaxes.Add(row.TransferSyntax);
        }

        if (syntaxes.Count == 0)
        {
            return request.Series is null ? Missing.Study() : Missing.Series();
        }

        Offer[] offers = [.. syntaxes.Select(syntax => OfferOf(syntax, true))];
        if (Array.Exists(offers, offer => request.Accept.Choose(offer) is null))
        {
            return Problem.NotAcceptable("The instances can be had in the transfer syntaxes in which they are stored only, as parts of multipart/related; they are not transcoded.", offers);
        }

        request.Response.Headers.Append("Vary", "Accept");
        MultipartWriter writer = new(request.Response.BodyWriter);
        request.Response.ContentType = writer.ContentTypeOf(MediaTypes.Dicom);
        if (request.IsHead)
        {
            return null;
        }

        await foreach (InstanceRow row in reader.ListInstancesAsync(study, request.Series, request.Aborted))
        {
            await WriteAsync(request, writer, row);
        }

        await writer.CompleteAsync(request.Aborted);
        return null;
    }

    private static string UrlOf(DicomWebRequest request, InstanceRow row) => request.UrlOf(row.Identity.Study, row.Identity.Series, row.Identity.SopInstance);

    private async ValueTask WriteAsync(DicomWebRequest request, MultipartWriter writer, InstanceRow row)
    {
        await using Stream file = await reader.OpenPart10Async(row, request.Aborted);
        await writer.WriteAsync(ContentTypeOf(row), UrlOf(request, row), row.File.Length, file, request.Aborted);
        DicomWebMetrics.Retrieved(row.File.Length);
    }
}
