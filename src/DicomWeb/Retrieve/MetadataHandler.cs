using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.DicomWeb;

/// <summary>
/// Retrieve metadata (PS3.18 10.4.1.1.2): the stored JSON of the instances, one after another, with the URLs of bulk data made
/// those of this request. No object is opened, and no JSON is parsed.
/// </summary>
/// <param name="index">The index.</param>
/// <param name="reader">Reads the metadata.</param>
internal sealed class MetadataHandler(IStudyIndex index, ArchiveReader reader)
{
    // How the archive writes a URL of bulk data. Within a string of JSON its quotes would be escaped, so that this is never data.
    private static ReadOnlySpan<byte> StoredUrl => "\"BulkDataURI\":\"/dicomweb/"u8;

    /// <summary>Answers with the metadata of a study, series or instance.</summary>
    public async Task<Problem?> RetrieveAsync(DicomWebRequest request)
    {
        if (request.Accept.Choose(JsonBody.Offers) is not { } offer)
        {
            return JsonBody.NotAcceptable();
        }

        DicomUid studyUid = request.Study!.Value;
        if (await index.FindStudyAsync(studyUid, request.Aborted) is not { } study)
        {
            return Missing.Study();
        }

        await using IAsyncEnumerator<ReadOnlyMemory<byte>> metadata = reader.ListMetadataAsync(studyUid, request.Series, request.Instance, request.Aborted).GetAsyncEnumerator(request.Aborted);
        if (!await metadata.MoveNextAsync())
        {
            return request.Instance is null ? Missing.Series() : Missing.Instance();
        }

        // The revision of the study grows with each of its instances, and its time tells it from an earlier study of the same UID;
        // the URLs in the answer depend on the base URL.
        string tag = string.Create(CultureInfo.InvariantCulture, $"{study.Revision}-{study.UpdatedAt.UtcTicks:x}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request.BaseUrl)).AsSpan(0, 6))}");
        if (EntityTags.IsKnown(request.Context, tag, isWeak: true))
        {
            return null;
        }

        await using Stream body = JsonBody.Open(request, offer);
        if (request.IsHead)
        {
            return null;
        }

        byte[] url = Encoding.UTF8.GetBytes($"\"BulkDataURI\":{System.Text.Json.JsonSerializer.Serialize(request.BaseUrl + "/")[..^1]}");
        bool isFirst = true;
        do
        {
            await body.WriteAsync(isFirst ? "["u8.ToArray() : ","u8.ToArray(), request.Aborted);
            await WriteAsync(body, metadata.Current, url, request.Aborted);
            isFirst = false;
        }
        while (await metadata.MoveNextAsync());

        await body.WriteAsync("]"u8.ToArray(), request.Aborted);
        return null;
    }

    private static async ValueTask WriteAsync(Stream body, ReadOnlyMemory<byte> json, byte[] url, CancellationToken cancellationToken)
    {
        while (true)
        {
            int index = json.Span.IndexOf(StoredUrl);
            if (index < 0)
            {
                await body.WriteAsync(json, cancellationToken);
                return;
            }

            await body.WriteAsync(json[..index], cancellationToken);
            await body.WriteAsync(url, cancellationToken);
            json = json[(index + StoredUrl.Length)..];
        }
    }
}
