using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MedicalAi.Dicom;

namespace MedicalAi.DicomWeb.Tests;

public sealed class RetrieveTests(RetrieveTests.Archive archive) : IClassFixture<RetrieveTests.Archive>
{
    private const string Instance = "studies/1.2.1/series/1.2.1.1/instances/1.2.1.1.1";
    private const string Bits = "studies/1.2.9/series/1.2.9.1/instances/1.2.9.1.1";
    private const string BigEndian = "studies/1.2.8/series/1.2.8.1/instances/1.2.8.1.1";
    private const string Jpeg = "studies/1.2.7/series/1.2.7.1/instances/1.2.7.1.1";
    private const string Document = "studies/1.2.6/series/1.2.6.1/instances/1.2.6.1.1";

    private static readonly byte[] s_pixels = [.. Enumerable.Range(0, 24).Select(i => (byte)i)];

    private TestGateway Gateway => archive.Gateway;

    [Theory]
    [InlineData("studies/1.2.1", 3)]
    [InlineData("studies/1.2.1/series/1.2.1.1", 2)]
    [InlineData(Instance, 1)]
    public async Task Instances_come_as_parts(string path, int count)
    {
        using HttpResponseMessage response = await Gateway.GetAsync(path, "multipart/related; type=\"application/dicom\"");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("\"application/dicom\"", response.Content.Headers.ContentType!.Parameters.Single(parameter => parameter.Name == "type").Value);
        List<(string Headers, byte[] Body)> parts = await response.ReadPartsAsync();
        Assert.Equal(count, parts.Count);
        Assert.All(parts, part => Assert.StartsWith("Content-Type: application/dicom; transfer-syntax=1.2.840.10008.1.2.1\r\n", part.Headers, StringComparison.Ordinal));
        Assert.All(parts, part => Assert.True(DicomFile.Parse(part.Body).Ok));
    }

    [Fact]
    public async Task One_instance_can_be_the_whole_body()
    {
        using HttpResponseMessage response = await Gateway.GetAsync(Instance, "application/dicom");
        Assert.Equal("application/dicom; transfer-syntax=1.2.840.10008.1.2.1", response.Content.Headers.ContentType?.ToString());
        byte[] file = await response.ReadBytesAsync();
        Assert.Equal(file.Length, response.Content.Headers.ContentLength);
        Assert.Equal("1.2.1.1.1", DicomFile.Parse(file).Value.DataSet.GetString(DicomTags.SOPInstanceUID));
    }

    [Theory]
    [InlineData("studies/1.2.99")]
    [InlineData("studies/1.2.99/metadata")]
    [InlineData("studies/1.2.1/series/1.2.99")]
    [InlineData("studies/1.2.1/series/1.2.2.1")]
    [InlineData("studies/1.2.1/series/1.2.99/metadata")]
    [InlineData("studies/1.2.2/series/1.2.1.1/metadata")]
    [InlineData("studies/1.2.1/series/1.2.1.1/instances/1.2.99")]
    [InlineData("studies/1.2.2/series/1.2.1.1/instances/1.2.1.1.1")]
    [InlineData("studies/1.2.1/series/1.2.1.2/instances/1.2.1.1.1")]
    [InlineData("studies/1.2.1/series/1.2.1.2/instances/1.2.1.1.1/metadata")]
    [InlineData("studies/1.2.1/series/1.2.1.2/instances/1.2.1.1.1/frames/1")]
    [InlineData("studies/1.2.1/series/1.2.1.2/instances/1.2.1.1.1/bulkdata/7FE00010")]
    [InlineData(Instance + "/frames/2")]
    [InlineData(Instance + "/frames/1,2")]
    [InlineData(Instance + "/bulkdata/00100010")]
    [InlineData(Instance + "/nothing")]
    [InlineData("nothing")]
    public async Task What_is_not_there_is_404(string path)
    {
        using HttpResponseMessage response = await Gateway.GetAsync(path);
        await response.AssertProblemAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData(Instance, "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.90")]
    [InlineData(Instance, "image/png")]
    [InlineData("studies/1.2.1", "application/dicom")]
    [InlineData("studies/1.2.1", "multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.840.10008.1.2.4.90")]
    [InlineData(Instance + "/metadata", "application/dicom+xml")]
    [InlineData(Instance + "/frames/1", "image/jpeg")]
    [InlineData(Instance + "/bulkdata/7FE00010", "image/jpeg")]
    [InlineData(Jpeg + "/frames/1", "multipart/related; type=\"application/octet-stream\"")]
    public async Task What_is_not_to_be_had_is_406_with_what_is(string path, string accept)
    {
        using HttpResponseMessage response = await Gateway.GetAsync(path, accept);
        JsonElement problem = await response.AssertProblemAsync(HttpStatusCode.NotAcceptable);
        Assert.NotEqual(0, problem.GetProperty("available").GetArrayLength());
    }

    [Theory]
    [InlineData("studies/1.2.1/metadata", 3)]
    [InlineData("studies/1.2.1/series/1.2.1.1/metadata", 2)]
    [InlineData(Instance + "/metadata", 1)]
    public async Task Metadata_is_whole_with_bulk_data_by_url(string path, int count)
    {
        JsonElement metadata = await Gateway.GetJsonAsync(path);
        Assert.Equal(count, metadata.GetArrayLength());
        JsonElement first = metadata[0];
        Assert.Equal("1.2.840.10008.1.2.1", first.Value("00083002").GetString());
        Assert.Equal(2.5, first.Value("00180050").GetDouble());
        Assert.Equal(12, first.Value("00280101").GetInt32());
        Assert.False(first.TryGetProperty("00020010", out _));
        string url = first.GetProperty("7FE00010").GetProperty("BulkDataURI").GetString()!;
        Assert.Equal($"{Gateway.BaseUrl}/{Instance}/bulkdata/7FE00010", url);
        Assert.Equal(s_pixels, await Gateway.Client.GetByteArrayAsync(new Uri(url), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Metadata_is_compressed_for_who_takes_it()
    {
        using HttpResponseMessage response = await Gateway.GetAsync("studies/1.2.1/metadata", "application/dicom+json", request => request.Headers.AcceptEncoding.ParseAdd("gzip, br"));
        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        await using GZipStream inflated = new(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), CompressionMode.Decompress);
        using JsonDocument document = await JsonDocument.ParseAsync(inflated, default, TestContext.Current.CancellationToken);
        Assert.Equal(3, document.RootElement.GetArrayLength());
    }

    [Theory]
    [InlineData("studies/1.2.1/metadata", "application/dicom+json")]
    [InlineData(Instance, "application/dicom")]
    [InlineData(Instance, "*/*")]
    [InlineData(Instance + "/frames/1", "*/*")]
    [InlineData(Instance + "/bulkdata/7FE00010", "*/*")]
    public async Task What_a_client_has_already_is_not_sent_again(string path, string accept)
    {
        using HttpResponseMessage first = await Gateway.GetAsync(path, accept);
        EntityTagHeaderValue tag = Assert.IsType<EntityTagHeaderValue>(first.Headers.ETag);
        using HttpResponseMessage second = await Gateway.GetAsync(path, accept, request => request.Headers.IfNoneMatch.Add(tag));
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.ReadBytesAsync());
        using HttpResponseMessage other = await Gateway.GetAsync(path, accept, request => request.Headers.IfNoneMatch.ParseAdd("\"other\""));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Theory]
    [InlineData("multipart/related; type=application/octet-stream; transfer-syntax=*")]
    [InlineData("multipart/related; type=\"application/octet-stream\"; transfer-syntax=\"*\"")]
    [InlineData("multipart/related; type=\"image/jls\"; transfer-syntax=\"1.2.840.10008.1.2.4.80\"; transfer-syntax=\"*\"")]
    [InlineData("multipart/related; type=\"application/octet-stream\"")]
    [InlineData("*/*")]
    public async Task A_frame_comes_as_a_part_that_names_its_transfer_syntax(string accept)
    {
        using HttpResponseMessage response = await Gateway.GetAsync(Instance + "/frames/1", accept);
        (string headers, byte[] body) = Assert.Single(await response.ReadPartsAsync());
        Assert.Contains("Content-Type: application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1\r\n", headers, StringComparison.Ordinal);
        Assert.Equal(s_pixels, body);
        Assert.Equal((await response.ReadBytesAsync()).Length, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task One_frame_can_be_the_whole_body()
    {
        using HttpResponseMessage response = await Gateway.GetAsync(Instance + "/frames/1", "application/octet-stream");
        Assert.Equal(s_pixels, await response.ReadBytesAsync());
    }

    [Fact]
    public async Task Frames_of_one_bit_begin_on_a_byte()
    {
        _ = TestInstances.Bits(out bool[] pixels);
        using HttpResponseMessage response = await Gateway.GetAsync(Bits + "/frames/3,1,2");
        List<(string Headers, byte[] Body)> parts = await response.ReadPartsAsync();
        int[] order = [2, 0, 1];
        for (int part = 0; part < 3; part++)
        {
            byte[] expected = new byte[2];
            for (int i = 0; i < 15; i++)
            {
                expected[i / 8] |= (byte)(pixels[(order[part] * 15) + i] ? 1 << (i % 8) : 0);
            }

            Assert.Equal(expected, parts[part].Body);
        }
    }

    [Fact]
    public async Task Big_endian_pixels_are_sent_little_endian()
    {
        using HttpResponseMessage frame = await Gateway.GetAsync(BigEndian + "/frames/1", "application/octet-stream");
        Assert.Equal("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1", frame.Content.Headers.ContentType?.ToString());
        Assert.Equal(s_pixels, await frame.ReadBytesAsync());
        using HttpResponseMessage bulk = await Gateway.GetAsync(BigEndian + "/bulkdata/7FE00010", "*/*", request => request.Headers.Range = new RangeHeaderValue(3, 8));
        Assert.Equal(s_pixels[3..9], await bulk.ReadBytesAsync());
    }

    [Fact]
    public async Task Fragments_of_a_frame_are_joined_and_keep_their_media_type()
    {
        using HttpResponseMessage response = await Gateway.GetAsync(Jpeg + "/frames/2,1", "multipart/related; type=application/octet-stream; transfer-syntax=*");
        Assert.Equal("\"image/jpeg\"", response.Content.Headers.ContentType!.Parameters.Single(parameter => parameter.Name == "type").Value);
        List<(string Headers, byte[] Body)> parts = await response.ReadPartsAsync();
        Assert.Equal([5, 6], parts[0].Body);
        Assert.Equal([1, 2, 3, 4], parts[1].Body);
        Assert.Contains("Content-Type: image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.70\r\n", parts[0].Headers, StringComparison.Ordinal);
        using HttpResponseMessage single = await Gateway.GetAsync(Jpeg + "/frames/1", "image/jpeg");
        Assert.Equal([1, 2, 3, 4], await single.ReadBytesAsync());
    }

    [Fact]
    public async Task Bulk_data_of_encapsulated_pixels_is_its_frames()
    {
        using HttpResponseMessage response = await Gateway.GetAsync(Jpeg + "/bulkdata/7FE00010", "*/*");
        Assert.Equal(2, (await response.ReadPartsAsync()).Count);
    }

    [Fact]
    public async Task A_compressed_icon_is_sent_without_the_items_around_it()
    {
        using HttpResponseMessage response = await Gateway.GetAsync(Jpeg + "/bulkdata/00880200/0/7FE00010", "*/*");
        Assert.Equal("image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.70", response.Content.Headers.ContentType?.ToString());
        Assert.Equal([7, 8, 9, 10], await response.ReadBytesAsync());
    }

    [Theory]
    [InlineData("frames/0")]
    [InlineData("frames/x")]
    [InlineData("frames/1,")]
    [InlineData("frames/-1")]
    [InlineData("frames/99999999999")]
    public async Task A_list_of_frames_that_is_none_is_400(string path)
    {
        using HttpResponseMessage response = await Gateway.GetAsync($"{Instance}/{path}");
        await response.AssertProblemAsync(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("multipart/related; type=\"application/octet-stream\"")]
    [InlineData("multipart/related; type=\"application/octet-stream\"; transfer-syntax=1.2.840.10008.1.2.1")]
    public async Task Run_length_frames_are_decoded_for_who_asks_for_pixels(string accept)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpResponseMessage stored = await gateway.StoreAsync([Testing.TestData.Bytes("dicom/pydicom/test_files/MR_small_RLE.dcm")]);
        string rle = (await stored.ReadJsonAsync()).GetProperty("00081199").GetProperty("Value")[0].Value("00081190").GetString()!;
        using HttpResponseMessage response = await gateway.GetAsync(rle + "/frames/1", accept);
        (string headers, byte[] body) = Assert.Single(await response.ReadPartsAsync());
        Assert.Contains("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1\r\n", headers, StringComparison.Ordinal);
        Assert.Equal(DicomFile.Parse(Testing.TestData.Bytes("dicom/pydicom/test_files/MR_small.dcm")).Value.DataSet.GetBytes(DicomTags.PixelData).ToArray(), body);
        using HttpResponseMessage asStored = await gateway.GetAsync(rle + "/frames/1", "multipart/related; type=application/octet-stream; transfer-syntax=*");
        Assert.Contains("image/dicom-rle; transfer-syntax=1.2.840.10008.1.2.5\r\n", Assert.Single(await asStored.ReadPartsAsync()).Headers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("application/pdf")]
    [InlineData("multipart/related; type=\"application/octet-stream\"")]
    public async Task An_encapsulated_document_is_rendered_as_itself(string? accept)
    {
        using HttpResponseMessage response = await Gateway.GetAsync(Document + "/rendered", accept);
        Assert.Equal("application/pdf", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(2000, (await response.ReadBytesAsync()).Length);
    }

    [Fact]
    public async Task A_video_is_rendered_as_itself()
    {
        using HttpResponseMessage response = await Gateway.GetAsync("studies/1.2.4/series/1.2.4.1/instances/1.2.4.1.1/rendered", "video/mp4");
        Assert.Equal("video/mp4", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal([1, 2, 3, 4], await response.ReadBytesAsync());
    }

    [Theory]
    [InlineData("bytes=0-3", 0, 4)]
    [InlineData("bytes=20-", 20, 4)]
    [InlineData("bytes=-5", 19, 5)]
    [InlineData("bytes=10-1000", 10, 14)]
    public async Task Bulk_data_comes_in_ranges(string range, int offset, int length)
    {
        using HttpResponseMessage response = await Gateway.GetAsync(Instance + "/bulkdata/7FE00010", null, request => request.Headers.TryAddWithoutValidation("Range", range));
        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal($"bytes {offset}-{offset + length - 1}/24", response.Content.Headers.ContentRange?.ToString());
        Assert.Equal(s_pixels[offset..(offset + length)], await response.ReadBytesAsync());
    }

    [Fact]
    public async Task A_range_that_cannot_be_is_416()
    {
        using HttpResponseMessage response = await Gateway.GetAsync(Instance + "/bulkdata/7FE00010", null, request => request.Headers.TryAddWithoutValidation("Range", "bytes=24-"));
        Assert.Equal("bytes */24", response.Content.Headers.ContentRange?.ToString());
        await response.AssertProblemAsync(HttpStatusCode.RequestedRangeNotSatisfiable);
    }

    [Fact]
    public async Task A_range_of_another_version_is_answered_by_the_whole()
    {
        using HttpResponseMessage response = await Gateway.GetAsync(Instance + "/bulkdata/7FE00010", null, request =>
        {
            request.Headers.TryAddWithoutValidation("Range", "bytes=0-3");
            request.Headers.TryAddWithoutValidation("If-Range", "\"other\"");
        });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(s_pixels, await response.ReadBytesAsync());
    }

    [Theory]
    [InlineData(null, "application/pdf")]
    [InlineData("application/octet-stream", "application/octet-stream")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", "application/pdf")]
    public async Task An_encapsulated_document_comes_as_what_it_is(string? accept, string type)
    {
        using HttpResponseMessage response = await Gateway.GetAsync(Document + "/bulkdata/00420011", accept);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(2000, (await response.ReadBytesAsync()).Length);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Bulk_data_comes_as_a_part_for_viewers_that_ask_so()
    {
        using HttpResponseMessage response = await Gateway.GetAsync(Document + "/bulkdata/00420011", "multipart/related; type=\"application/pdf\", multipart/related; type=\"application/octet-stream\"");
        (string headers, byte[] body) = Assert.Single(await response.ReadPartsAsync());
        Assert.Contains("Content-Type: application/pdf\r\n", headers, StringComparison.Ordinal);
        Assert.Equal(2000, body.Length);
    }

    [Theory]
    [InlineData("studies/1.2.1")]
    [InlineData("studies")]
    [InlineData("studies/1.2.1/metadata")]
    [InlineData(Instance)]
    [InlineData(Instance + "/frames/1")]
    [InlineData(Instance + "/bulkdata/7FE00010")]
    public async Task Head_gives_the_headers_of_get(string path)
    {
        using HttpResponseMessage get = await Gateway.GetAsync(path);
        using HttpResponseMessage head = await Gateway.SendAsync(HttpMethod.Head, path);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType?.MediaType, head.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await head.ReadBytesAsync());
    }

    public sealed class Archive : IAsyncLifetime
    {
        internal TestGateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Gateway = await TestGateway.StartAsync();
            await Gateway.StoreWellAsync(
                TestInstances.Ct(),
                TestInstances.Ct(instance: "1.2.1.1.2"),
                TestInstances.Ct(series: "1.2.1.2", instance: "1.2.1.2.1"),
                TestInstances.Ct(study: "1.2.2", series: "1.2.2.1", instance: "1.2.2.1.1"),
                TestInstances.Bits(out _),
                TestInstances.Ct(study: "1.2.6", series: "1.2.6.1", instance: "1.2.6.1.1")
                    .SetString(DicomTags.MIMETypeOfEncapsulatedDocument, "application/pdf")
                    .SetBytes(DicomTags.EncapsulatedDocument, Vr.OB, new byte[2000]));
            DicomDataSet video = TestInstances.Ct(study: "1.2.4", series: "1.2.4.1", instance: "1.2.4.1.1")
                .SetInt(DicomTags.NumberOfFrames, 25)
                .Set(new DicomElement(DicomTags.PixelData, Vr.OB, new DicomFragments(default, [new DicomFragment(new byte[] { 1, 2 }), new DicomFragment(new byte[] { 3, 4 })])));
            DicomDataSet jpeg = TestInstances.Ct(study: "1.2.7", series: "1.2.7.1", instance: "1.2.7.1.1")
                .SetSequence(DicomTags.IconImageSequence, new DicomDataSet().Set(new DicomElement(DicomTags.PixelData, Vr.OB, new DicomFragments(default, [new DicomFragment(new byte[] { 7, 8 }), new DicomFragment(new byte[] { 9, 10 })]))))
                .SetInt(DicomTags.NumberOfFrames, 2)
                .Set(new DicomElement(DicomTags.PixelData, Vr.OB, new DicomFragments(
                    new byte[] { 0, 0, 0, 0, 20, 0, 0, 0 },
                    [new DicomFragment(new byte[] { 1, 2 }), new DicomFragment(new byte[] { 3, 4 }), new DicomFragment(new byte[] { 5, 6 })])));
            using HttpResponseMessage stored = await Gateway.StoreAsync(
            [
                DicomFile.ToBytes(TestInstances.Ct(study: "1.2.8", series: "1.2.8.1", instance: "1.2.8.1.1"), TransferSyntax.ExplicitVrBigEndian),
                DicomFile.ToBytes(video, TransferSyntax.Find(new DicomUid("1.2.840.10008.1.2.4.102"))!),
                DicomFile.ToBytes(jpeg, TransferSyntax.Find(new DicomUid("1.2.840.10008.1.2.4.70"))!),
            ]);
            Assert.Equal(HttpStatusCode.OK, stored.StatusCode);
        }

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
