using MedicalAi.Archive;
using MedicalAi.Dicom;
using Microsoft.AspNetCore.Http;

namespace MedicalAi.DicomWeb;

/// <summary>Retrieve instances (PS3.18 10.4.1.1.1): Part 10 files, as long as nothing else is asked for with the data sets exactly as they were received.</summary>
/// <param name="reader">Reads the archive.</param>
/// <param name="files">Opens the files.</param>
internal sealed class RetrieveHandler(ArchiveReader reader, InstanceFiles files)
{
    private const string OtherSyntax = "It is compressed, and is not transcoded.";

    /// <summary>Answers with a study, a series or an instance.</summary>
    public Task<Problem?> RetrieveAsync(DicomWebRequest request) => request.Instance is { } uid ? RetrieveInstanceAsync(request, uid) : RetrieveManyAsync(request);

    private static string ContentTypeOf(Offer offer) => $"{MediaTypes.Dicom}; transfer-syntax={offer.TransferSyntaxes[0]}";

    private static string UrlOf(DicomWebRequest request, InstanceRow row) => request.UrlOf(row.Identity.Study, row.Identity.Series, row.Identity.SopInstance);

    private async Task<Problem?> RetrieveInstanceAsync(DicomWebRequest request, DicomUid uid)
    {
        if (await reader.FindInstanceAsync(request.Study, request.Series, uid, request.Aborted) is not { } row)
        {
            return Missing.Instance();
        }

        Offer[] offers = [.. InstanceFiles.OffersOf(row, isMultipart: true), .. InstanceFiles.OffersOf(row, isMultipart: false)];
        if (request.Accept.Choose(offers) is not { } offer)
        {
            return Problem.NotAcceptable($"The instance cannot be had so.{(row.TransferSyntax.IsEncapsulated ? " " + OtherSyntax : "")}", offers);
        }

        request.Response.Headers.Append("Vary", "Accept");
        string tag = $"{Convert.ToHexStringLower(row.Digest.Span[..12])}-{offer.TransferSyntaxes[0]}{(offer.IsMultipart ? "-m" : "")}";
        if (EntityTags.IsKnown(request.Context, tag, offer.IsMultipart))
        {
            return null;
        }

        await using Stream file = await files.OpenAsync(row, offer, request.Aborted);
        if (!offer.IsMultipart)
        {
            request.Response.ContentType = ContentTypeOf(offer);
            request.Response.ContentLength = file.Length;
            if (!request.IsHead)
            {
                DicomWebMetrics.Retrieved(file.Length);
                await file.SendAsync(request.Response.BodyWriter, request.Aborted);
            }

            return null;
        }

        MultipartWriter writer = new(request.Response.BodyWriter);
        request.Response.ContentType = writer.ContentTypeOf(MediaTypes.Dicom);
        request.Response.ContentLength = writer.LengthOf(ContentTypeOf(offer), UrlOf(request, row), file.Length, isFirst: true) + writer.EndLength;
        if (!request.IsHead)
        {
            await WriteAsync(request, writer, row, offer, file);
            await writer.CompleteAsync(request.Aborted);
        }

        return null;
    }

    private async Task<Problem?> RetrieveManyAsync(DicomWebRequest request)
    {
        // The index is read once before anything is sent: whether there is anything, and whether the client takes all of it.
        DicomUid study = request.Study!.Value;
        Dictionary<string, Offer> refused = [];
        bool isEmpty = true;
        await foreach (InstanceRow row in reader.ListInstancesAsync(study, request.Series, request.Aborted))
        {
            isEmpty = false;
            if (Choose(request, row) is null)
            {
                refused.TryAdd(row.TransferSyntax.Uid.Value, InstanceFiles.OffersOf(row, isMultipart: true).First());
            }
        }

        if (isEmpty)
        {
            return request.Series is null ? Missing.Study() : Missing.Series();
        }

        if (refused.Count > 0)
        {
            return Problem.NotAcceptable($"Some of the instances cannot be had so. {OtherSyntax} Several instances come as parts of multipart/related.", refused.Values);
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
            // One that came since the first reading, and that the client does not take, it has not asked for.
            if (Choose(request, row) is { } offer)
            {
                await using Stream file = await files.OpenAsync(row, offer, request.Aborted);
                await WriteAsync(request, writer, row, offer, file);
            }
        }

        await writer.CompleteAsync(request.Aborted);
        return null;
    }

    private static Offer? Choose(DicomWebRequest request, InstanceRow row) => request.Accept.Choose([.. InstanceFiles.OffersOf(row, isMultipart: true)]);

    private static async ValueTask WriteAsync(DicomWebRequest request, MultipartWriter writer, InstanceRow row, Offer offer, Stream file)
    {
        DicomWebMetrics.Retrieved(file.Length);
        await writer.WriteAsync(ContentTypeOf(offer), UrlOf(request, row), file.Length, file, request.Aborted);
    }
}
