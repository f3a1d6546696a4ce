using Microsoft.AspNetCore.Http;

namespace MedicalAi.DicomWeb.Tests;

public sealed class AcceptHeaderTests
{
    private const string ExplicitLittle = "1.2.840.10008.1.2.1";
    private const string JpegLossless = "1.2.840.10008.1.2.4.70";

    private static readonly Offer[] s_instance = [Dicom(true), Dicom(false)];

    [Theory]
    [InlineData(null, true)]
    [InlineData("*/*", true)]
    [InlineData("garbage", true)]
    [InlineData("application/dicom", false)]
    [InlineData("application/*", false)]
    [InlineData("multipart/related", true)]
    [InlineData("multipart/related; type=application/dicom", true)]
    [InlineData("multipart/related; type=\"application/dicom\"; transfer-syntax=*", true)]
    [InlineData("MULTIPART/RELATED;TYPE=\"application/dicom\" ; transfer-syntax=\"*\"", true)]
    [InlineData("application/dicom; transfer-syntax=" + ExplicitLittle, false)]
    [InlineData("multipart/related; type=\"application/dicom\"; q=0.3, application/dicom; q=0.5", false)]
    [InlineData("multipart/related; type=\"image/png\", application/dicom;q=0.1", false)]
    [InlineData("application/dicom; q=0, */*", true)]
    [InlineData("multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.3; transfer-syntax=" + ExplicitLittle, true)]
    public void A_client_gets_the_form_that_it_likes_best(string? accept, bool isMultipart) => Assert.Equal(isMultipart, Read(accept).Choose(s_instance)?.IsMultipart);

    [Theory]
    [InlineData("image/png")]
    [InlineData("application/dicom; transfer-syntax=" + JpegLossless)]
    [InlineData("multipart/related; type=\"application/dicom\"; transfer-syntax=" + JpegLossless)]
    [InlineData("*/*; q=0")]
    [InlineData("multipart/related; type=\"application/dicom+xml\"")]
    public void What_a_client_does_not_accept_is_not_chosen(string accept) => Assert.Null(Read(accept).Choose(s_instance));

    [Theory]
    [InlineData("multipart/related; type=application/octet-stream; transfer-syntax=*")]
    [InlineData("multipart/related; type=\"application/octet-stream\"; transfer-syntax=\"*\"")]
    [InlineData("multipart/related; type=\"image/jls\"; transfer-syntax=\"1.2.840.10008.1.2.4.80\"; transfer-syntax=\"*\"")]
    [InlineData("multipart/related; type=\"image/jpeg\"; transfer-syntax=" + JpegLossless)]
    [InlineData("multipart/related; type=image/jpeg")]
    [InlineData("multipart/related; type=\"application/octet-stream\"; transfer-syntax=" + JpegLossless)]
    [InlineData("*/*")]
    public void Stored_frames_are_what_viewers_ask_for(string accept) => Assert.NotNull(Read(accept).Choose(Frames()));

    [Theory]
    [InlineData("multipart/related; type=\"application/octet-stream\"")]
    [InlineData("multipart/related; type=\"application/octet-stream\"; transfer-syntax=" + ExplicitLittle)]
    [InlineData("multipart/related; type=\"image/jls\"")]
    public void Compressed_frames_are_not_passed_off_as_pixels(string accept) => Assert.Null(Read(accept).Choose(Frames()));

    [Fact]
    public void The_query_parameter_stands_in_for_the_header()
    {
        DefaultHttpContext context = new();
        context.Request.Headers.Accept = "text/html";
        context.Request.QueryString = new QueryString("?accept=application/dicom");
        Assert.False(AcceptHeader.Read(context.Request).Choose(s_instance)?.IsMultipart);
        context.Request.QueryString = new QueryString("?accept=application/dicom+json");
        Assert.Equal("application/dicom+json", AcceptHeader.Read(context.Request).Choose(JsonBody.Offers)?.MediaType);
        Assert.Null(AcceptHeader.Read(context.Request).Choose(s_instance));
    }

    [Theory]
    [InlineData("gzip, deflate, br", true)]
    [InlineData("gzip;q=0.5", true)]
    [InlineData("gzip;q=0", false)]
    [InlineData("br", false)]
    [InlineData("", false)]
    [InlineData("*", true)]
    public void Gzip_is_sent_to_those_who_take_it(string header, bool takes)
    {
        DefaultHttpContext context = new();
        context.Request.Headers.AcceptEncoding = header;
        Assert.Equal(takes, AcceptHeader.TakesGzip(context.Request));
    }

    [Theory]
    [InlineData("multipart/related; boundary=\"a;b,c\"; type=x/y", "a;b,c")]
    [InlineData("multipart/related; boundary=\"a\\\"b\"", "a\"b")]
    [InlineData("multipart/related;boundary=plain", "plain")]
    [InlineData("multipart/related", null)]
    public void Parameters_are_read_with_and_without_quotes(string text, string? boundary) => Assert.Equal(boundary, MediaType.Parse(text)?.Find("boundary"));

    [Theory]
    [InlineData("")]
    [InlineData("multipart")]
    [InlineData("/x")]
    [InlineData("x/")]
    [InlineData("a/b/c")]
    [InlineData("a b/c")]
    public void What_is_no_media_type_is_not_read_as_one(string text) => Assert.Null(MediaType.Parse(text));

    private static Offer Dicom(bool isMultipart) => new("application/dicom", isMultipart) { TransferSyntaxes = [ExplicitLittle] };

    private static Offer[] Frames() =>
    [
        new Offer("image/jpeg", true) { TransferSyntaxes = [JpegLossless], IsStoredPixels = true },
        new Offer("application/octet-stream", true) { TransferSyntaxes = [JpegLossless], IsDefault = false },
    ];

    private static AcceptHeader Read(string? accept)
    {
        DefaultHttpContext context = new();
        context.Request.Headers.Accept = accept;
        return AcceptHeader.Read(context.Request);
    }
}
