using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.DicomWeb.Tests;

public sealed class RenderedTests(RenderedTests.Archive archive) : IClassFixture<RenderedTests.Archive>
{
    private const string Ct = "studies/1.3.6.1.4.1.5962.1.2.1.20040119072730.12322/series/1.3.6.1.4.1.5962.1.3.1.1.20040119072730.12322/instances/1.3.6.1.4.1.5962.1.1.1.1.1.20040119072730.12322";
    private const string Jpeg = "studies/1.3.6.1.4.1.5962.1.2.8.20040826185059.5457/series/1.3.6.1.4.1.5962.1.3.8.1.20040826185059.5457/instances/1.3.6.1.4.1.5962.1.1.8.1.3.20040826185059.5457";

    private TestGateway Gateway => archive.Gateway;

    [Theory]
    [InlineData(null, "image/jpeg")]
    [InlineData("image/png", "image/png")]
    [InlineData("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", "image/jpeg")]
    [InlineData("multipart/related; type=\"application/octet-stream\"", "image/jpeg")]
    [InlineData("multipart/related; type=image/jpeg", "image/jpeg")]
    public async Task A_picture_is_one_part_whatever_a_viewer_sends(string? accept, string type)
    {
        foreach (string path in (string[])[Ct + "/rendered", Ct + "/frames/1/rendered", Ct + "/rendered/1", Ct + "/thumbnail", Ct + "/thumbnail/1"])
        {
            using HttpResponseMessage response = await Gateway.GetAsync(path, accept);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(type, response.Content.Headers.ContentType?.ToString());
            byte[] picture = await response.ReadBytesAsync();
            Assert.True(picture.AsSpan().StartsWith(type == "image/png" ? [0x89, (byte)'P'] : [0xFF, 0xD8]));
        }
    }

    [Fact]
    public async Task The_query_parameter_accept_is_followed()
    {
        using HttpResponseMessage response = await Gateway.GetAsync(Ct + "/rendered?accept=image/png", "image/avif,*/*");
        Assert.Equal("image/png", response.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("/rendered", 128, 128)]
    [InlineData("/rendered?viewport=64,32", 32, 32)]
    [InlineData("/rendered?viewport=256,256", 256, 256)]
    [InlineData("/rendered?viewport=64,32,0,0,128,64", 64, 32)]
    [InlineData("/thumbnail", 128, 128)]
    [InlineData("/thumbnail?viewport=16,16", 16, 16)]
    public async Task A_picture_has_the_size_that_is_asked_for(string path, int width, int height)
    {
        using HttpResponseMessage response = await Gateway.GetAsync(Ct + path, "image/png");
        byte[] picture = await response.ReadBytesAsync();
        Assert.Equal((width, height), (BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(20))));
    }

    [Fact]
    public async Task The_window_that_is_asked_for_is_applied()
    {
        using HttpResponseMessage own = await Gateway.GetAsync(Ct + "/rendered", "image/png");
        using HttpResponseMessage other = await Gateway.GetAsync(Ct + "/rendered?window=40,400,linear", "image/png");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.NotEqual(await own.ReadBytesAsync(), await other.ReadBytesAsync());
        Assert.NotEqual(own.Headers.ETag, other.Headers.ETag);
    }

    [Fact]
    public async Task Studies_and_series_have_a_thumbnail()
    {
        foreach (string path in (string[])[Ct[..Ct.IndexOf("/series", StringComparison.Ordinal)], Ct[..Ct.IndexOf("/instances", StringComparison.Ordinal)]])
        {
            using HttpResponseMessage response = await Gateway.GetAsync(path + "/thumbnail");
            Assert.Equal("image/jpeg", response.Content.Headers.ContentType?.MediaType);
        }
    }

    [Theory]
    [InlineData("/rendered?window=40")]
    [InlineData("/rendered?window=40,0.5,linear")]
    [InlineData("/rendered?window=40,400,cubic")]
    [InlineData("/rendered?window=NaN,400,linear")]
    [InlineData("/rendered?quality=0")]
    [InlineData("/rendered?viewport=0,10")]
    [InlineData("/rendered?viewport=100000,100000")]
    [InlineData("/rendered?viewport=1,2,3")]
    [InlineData("/rendered?annotation=patient")]
    [InlineData("/rendered?iccprofile=yes")]
    [InlineData("/frames/1,2/rendered")]
    [InlineData("/frames/0/rendered")]
    public async Task Parameters_that_cannot_be_followed_are_400(string path)
    {
        using HttpResponseMessage response = await Gateway.GetAsync(Ct + path);
        await response.AssertProblemAsync(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData(Ct + "/frames/2/rendered", HttpStatusCode.NotFound)]
    [InlineData("studies/1.2.99/thumbnail", HttpStatusCode.NotFound)]
    [InlineData("studies/1.2.1/thumbnail", HttpStatusCode.NotFound)]
    [InlineData(Jpeg + "/rendered", HttpStatusCode.NotAcceptable)]
    public async Task What_cannot_be_rendered_says_why(string path, HttpStatusCode status)
    {
        using HttpResponseMessage response = await Gateway.GetAsync(path);
        await response.AssertProblemAsync(status);
        Assert.Null(response.Headers.ETag);
    }

    [Fact]
    public async Task Another_format_is_406()
    {
        using HttpResponseMessage response = await Gateway.GetAsync(Ct + "/rendered", "image/gif");
        await response.AssertProblemAsync(HttpStatusCode.NotAcceptable);
    }

    [Fact]
    public async Task A_picture_that_the_client_has_is_not_made_again()
    {
        using HttpResponseMessage first = await Gateway.GetAsync(Ct + "/rendered");
        EntityTagHeaderValue tag = Assert.IsType<EntityTagHeaderValue>(first.Headers.ETag);
        using HttpResponseMessage second = await Gateway.GetAsync(Ct + "/rendered", null, request => request.Headers.IfNoneMatch.Add(tag));
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    public sealed class Archive : IAsyncLifetime
    {
        internal TestGateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Gateway = await TestGateway.StartAsync();
            DicomDataSet without = TestInstances.Ct();
            without.Remove(DicomTags.PixelData);
            using HttpResponseMessage stored = await Gateway.StoreAsync(
            [
                TestData.Bytes("dicom/pydicom/test_files/CT_small.dcm"),
                TestData.Bytes("dicom/pydicom/test_files/JPEG2000.dcm"),
                DicomFile.ToBytes(without, TransferSyntax.ExplicitVrLittleEndian),
            ]);
            Assert.Equal(HttpStatusCode.OK, stored.StatusCode);
        }

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
