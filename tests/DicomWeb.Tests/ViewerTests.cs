using System.Net;
using System.Text;
using System.Text.Json;
using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.DicomWeb.Tests;

/// <summary>What OHIF and Cornerstone3D send, in the order in which a study is uploaded, found and opened, header by header.</summary>
public sealed class ViewerTests
{
    private const string Json = "application/dicom+json";
    private const string Frame = "multipart/related; type=application/octet-stream; transfer-syntax=*";

    [Fact]
    public async Task A_study_is_uploaded_found_opened_and_shown()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await UploadAsync(gateway, [.. Enumerable.Range(1, 12).Select(i => TestInstances.Ct(instance: $"1.2.1.1.{i}"))]);

        const string List = "studies?limit=101&offset=0&fuzzymatching=false&includefield=00081030%2C00080060%2C00080090%2C00100030";
        JsonElement study = Assert.Single((await GetAsync(gateway, List)).EnumerateArray());
        string uid = study.Value("0020000D").GetString()!;
        Assert.Equal("Thorax", study.Value("00081030").GetString());
        Assert.Equal("19700101", study.Value("00100030").GetString());
        Assert.Equal("CT", study.Value("00080061").GetString());
        Assert.Equal(12, study.Value("00201208").GetInt32());
        Assert.Single((await GetAsync(gateway, $"{List}&StudyInstanceUID={uid}")).EnumerateArray());
        Assert.Single((await GetAsync(gateway, $"studies?00100020={study.Value("00100020").GetString()}&limit=101&offset=0&fuzzymatching=false&includefield=00081030%2C00080060")).EnumerateArray());
        Assert.Single((await GetAsync(gateway, $"studies?PatientName=*M%C3%BCll*&00100020=*P-*&StudyDescription=*Tho*&ModalitiesInStudy=CT,MR&StudyDate=20200101-20241231&limit=101&offset=0&fuzzymatching=false")).EnumerateArray());

        JsonElement series = Assert.Single((await GetAsync(gateway, $"studies/{uid}/series?includefield=00080021%2C00080031%2C0008103E%2C00200011")).EnumerateArray());
        foreach (string tag in (string[])["0020000D", "0020000E", "00080060", "00200011", "00201209", "0008103E"])
        {
            Assert.NotEqual(JsonValueKind.Undefined, series.Value(tag).ValueKind);
        }

        JsonElement metadata = await GetAsync(gateway, $"studies/{uid}/series/{series.Value("0020000E").GetString()}/metadata");
        Assert.Equal(12, metadata.GetArrayLength());
        await Task.WhenAll(metadata.EnumerateArray().Select(instance => ShowAsync(gateway, instance)));
    }

    [Theory]
    [InlineData("dcm4che/CT-JPEGLosslessSV1.dcm", "image/jpeg", "1.2.840.10008.1.2.4.70")]
    [InlineData("pydicom/test_files/MR_small_RLE.dcm", "image/dicom-rle", "1.2.840.10008.1.2.5")]
    [InlineData("pydicom/test_files/JPEG2000.dcm", "image/jp2", "1.2.840.10008.1.2.4.91")]
    [InlineData("highdicom/sm_image_jpegls.dcm", "image/jls", "1.2.840.10008.1.2.4.80")]
    public async Task Compressed_frames_come_as_stored_and_named_so_that_the_viewer_finds_its_decoder(string file, string type, string syntax)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpResponseMessage stored = await gateway.StoreAsync([TestData.Bytes("dicom/" + file)]);
        string url = (await stored.ReadJsonAsync()).GetProperty("00081199").GetProperty("Value")[0].Value("00081190").GetString()!;
        foreach (string accept in (string[])[Frame, $"multipart/related; type=\"{type}\"; transfer-syntax=\"{syntax}\"; transfer-syntax=\"*\"", "*/*"])
        {
            using HttpResponseMessage response = await gateway.GetAsync(url + "/frames/1", accept);
            (string contentType, _) = ExtractMultipart(await response.ReadBytesAsync(), response.Content.Headers.ContentType!.ToString());
            Assert.Equal($"{type}; transfer-syntax={syntax}", contentType);
        }
    }

    /// <summary>The body that dicomweb-client makes: a line break before the first boundary, none behind the last, no lengths.</summary>
    private static async Task UploadAsync(TestGateway gateway, DicomDataSet[] instances)
    {
        const string Boundary = "a5f6e6f6-29a3-4f9e-8a5b-6a1c5b0a4f10";
        MemoryStream body = new();
        foreach (DicomDataSet instance in instances)
        {
            body.Write(Encoding.ASCII.GetBytes($"\r\n--{Boundary}\r\nContent-Type: application/dicom\r\n\r\n"));
            body.Write(DicomFile.ToBytes(instance, TransferSyntax.ExplicitVrLittleEndian));
        }

        body.Write(Encoding.ASCII.GetBytes($"\r\n--{Boundary}--"));
        using ByteArrayContent content = new(body.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", $"multipart/related; type=\"application/dicom\"; boundary=\"{Boundary}\"");
        using HttpResponseMessage response = await gateway.Client.PostAsync(new Uri("studies", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<JsonElement> GetAsync(TestGateway gateway, string path)
    {
        using HttpResponseMessage response = await gateway.GetAsync(path, Json);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.ReadJsonAsync();
    }

    private static async Task ShowAsync(TestGateway gateway, JsonElement instance)
    {
        string path = $"studies/{instance.Value("0020000D").GetString()}/series/{instance.Value("0020000E").GetString()}/instances/{instance.Value("00080018").GetString()}";
        foreach (string tag in (string[])["00080016", "00083002", "00280002", "00280004", "00280010", "00280011", "00280100", "00280101", "00280102", "00280103"])
        {
            Assert.NotEqual(JsonValueKind.Undefined, instance.Value(tag).ValueKind);
        }

        Assert.DoesNotContain('?', instance.GetProperty("7FE00010").GetProperty("BulkDataURI").GetString()!);
        using HttpResponseMessage frame = await gateway.GetAsync(path + "/frames/1", Frame);
        (string contentType, byte[] pixels) = ExtractMultipart(await frame.ReadBytesAsync(), frame.Content.Headers.ContentType!.ToString());
        Assert.Equal("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1", contentType);
        Assert.Equal(24, pixels.Length);
        foreach (string derived in (string[])["rendered/1", "thumbnail/1", "thumbnail"])
        {
            using HttpResponseMessage picture = await gateway.GetAsync($"{path}/{derived}", "multipart/related; type=\"application/octet-stream\"");
            Assert.Equal("image/jpeg", picture.Content.Headers.ContentType?.MediaType);
        }
    }

    /// <summary>
    /// Takes the part out as Cornerstone3D does: the boundary is the first line that begins with two hyphens, the media type what
    /// stands behind the very characters <c>Content-Type:</c>, and two bytes are cut off before the closing boundary.
    /// </summary>
    private static (string ContentType, byte[] Body) ExtractMultipart(byte[] response, string header)
    {
        Assert.StartsWith("multipart/related", header, StringComparison.Ordinal);
        int headerEnd = response.AsSpan(0, Math.Min(response.Length, 1000)).IndexOf("\r\n\r\n"u8);
        string[] lines = Encoding.ASCII.GetString(response, 0, headerEnd).Split("\r\n");
        string boundary = lines.First(line => line.StartsWith("--", StringComparison.Ordinal));
        string contentType = lines.First(line => line.StartsWith("Content-Type:", StringComparison.Ordinal))["Content-Type:".Length..].Trim();
        int end = response.AsSpan(headerEnd + 4).IndexOf(Encoding.ASCII.GetBytes(boundary)) + headerEnd + 4;
        return (contentType, response[(headerEnd + 4)..(end - 2)]);
    }
}
