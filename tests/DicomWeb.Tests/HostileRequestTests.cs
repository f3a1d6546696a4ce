using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CsCheck;
using MedicalAi.Dicom;

namespace MedicalAi.DicomWeb.Tests;

public sealed class HostileRequestTests
{
    private static readonly byte[] s_instance = DicomFile.ToBytes(TestInstances.Ct(), TransferSyntax.ExplicitVrLittleEndian);

    [Fact]
    public Task A_damaged_multipart_body_is_read_or_refused_and_nothing_else() =>
        Gen.Select(Gen.Int[0, 400], Gen.Byte, Gen.Int[0, 60], Gen.Int[1, 100]).Array[1, 6].SampleAsync(async changes =>
        {
            List<byte> body = [.. "--b\r\nContent-Type: application/dicom\r\n\r\n"u8, .. s_instance.AsSpan(0, 300), .. "\r\n--b\r\n\r\n--b\r\n--bb\r\n--b--\r\n"u8];
            foreach ((int at, byte value, int removed, _) in changes)
            {
                int place = Math.Min(at, body.Count - 1);
                body[place] = value;
                body.RemoveRange(place, Math.Min(removed, body.Count - place));
                body.InsertRange(place, "\r\n--b"u8[..(value % 5)]);
            }

            MultipartReader reader = new(PipeReader.Create(new MemoryStream([.. body]), new StreamPipeReaderOptions(bufferSize: changes[0].Item4)), "b", 100);
            try
            {
                while (await reader.ReadPartAsync(CancellationToken.None) is { } part)
                {
                    await part.Body.CopyToAsync(Stream.Null, CancellationToken.None);
                }
            }
            catch (MultipartFormatException)
            {
                // Refused.
            }
        }, iter: 3000);

    [Fact]
    public async Task A_client_that_goes_away_within_an_instance_leaves_nothing()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        foreach (int cut in (int[])[0, 10, 200, s_instance.Length - 2])
        {
            using TcpClient client = await ConnectAsync(gateway);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /dicomweb/studies HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/related; type=\"application/dicom\"; boundary=b\r\nContent-Length: {s_instance.Length + 50}\r\n\r\n--b\r\n\r\n"), TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync(s_instance.AsMemory(0, cut), TestContext.Current.CancellationToken);
            client.Client.Close(0);
        }

        using HttpResponseMessage response = await gateway.GetAsync("instances");
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        await gateway.StoreWellAsync(TestInstances.Ct());
    }

    [Theory]
    [InlineData("--b text\r\n\r\nx\r\n--b--\r\n")]
    [InlineData("--b\r\nno colon\r\n\r\nx\r\n--b--\r\n")]
    [InlineData("--b\r\nContent-Type: application/dicom\r\n\r\nx")]
    [InlineData("nothing")]
    public async Task A_connection_goes_on_after_a_body_that_was_refused(string body)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using TcpClient client = await ConnectAsync(gateway);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /dicomweb/studies HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/related; boundary=b\r\nContent-Length: {body.Length}\r\n\r\n{body}GET /dicomweb/studies HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        using StreamReader reader = new(client.GetStream());
        string answers = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 400", answers, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 204", answers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /dicomweb/studies/..%2F..%2Fetc%2Fpasswd HTTP/1.1", "400")]
    [InlineData("GET /dicomweb/studies/1.2.3/series/1.2.4/instances/1.2.5/bulkdata/../../../x HTTP/1.1", "404")]
    [InlineData("GET /dicomweb/studies/1.2.3/series/1.2.4/instances/1.2.5/bulkdata/%00 HTTP/1.1", "4")]
    [InlineData("GET /dicomweb/studies?PatientName=%FF%FE%00' HTTP/1.1", "20")]
    [InlineData("GET /dicomweb/studies?StudyDate=%27%3B%20DROP%20TABLE%20studies HTTP/1.1", "400")]
    [InlineData("GET /dicomweb/studies?PatientID='%20OR%201=1%20-- HTTP/1.1", "204")]
    [InlineData("GET /dicomweb/studies?PatientID=%5B%5B%5B*%5D?%5B HTTP/1.1", "204")]
    [InlineData("POST /dicomweb/studies HTTP/1.1", "415")]
    public async Task Strange_requests_get_an_answer(string line, string status)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using TcpClient client = await ConnectAsync(gateway);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(line + "\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        using StreamReader reader = new(client.GetStream());
        string answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 " + status, answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Internal error", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_damaged_instance_is_stored_or_refused_with_its_reason()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await Gen.Select(Gen.Int[0, s_instance.Length - 1], Gen.Byte, Gen.Int[0, 40]).Array[1, 4].SampleAsync(async changes =>
        {
            List<byte> body = [.. "--b\r\nContent-Type: application/dicom\r\n\r\n"u8, .. s_instance, .. "\r\n--b--\r\n"u8];
            foreach ((int at, byte value, int removed) in changes)
            {
                int place = Math.Min(at, body.Count - 1);
                body[place] = value;
                body.RemoveRange(place, Math.Min(removed, body.Count - place));
            }

            using ByteArrayContent content = new([.. body]);
            content.Headers.TryAddWithoutValidation("Content-Type", "multipart/related; type=\"application/dicom\"; boundary=b");
            using HttpResponseMessage response = await gateway.Client.PostAsync(new Uri("studies", UriKind.Relative), content);
            Assert.Contains((int)response.StatusCode, (int[])[200, 202, 400, 409]);
        }, iter: 300, threads: 2);
    }

    [Fact]
    public async Task Any_query_string_gets_an_answer()
    {
        string[] resources = ["studies", "series", "instances"];
        string[] names = ["PatientName", "00100020", "StudyDate", "StudyTime", "ModalitiesInStudy", "StudyInstanceUID", "NumberOfFrames", "Rows", "includefield", "limit", "offset", "fuzzymatching", "PatientAge", "accept", "x"];
        await using TestGateway gateway = await TestGateway.StartAsync();
        await gateway.StoreWellAsync(TestInstances.Ct());
        Gen<string> value = Gen.OneOf(Gen.String[0, 30], Gen.String[Gen.Char["*?[]-,\\^=._%'\"012 all"], 0, 30]);
        await Gen.Select(Gen.Int[0, 2].Select(i => resources[i]), Gen.Select(Gen.Int[0, names.Length - 1].Select(i => names[i]), value).Array[0, 4]).SampleAsync(async (resource, keys) =>
        {
            string query = string.Join('&', keys.Select(key => $"{key.Item1}={Uri.EscapeDataString(key.Item2)}"));
            using HttpResponseMessage response = await gateway.Client.GetAsync(new Uri($"{resource}?{query}", UriKind.Relative));
            Assert.True((int)response.StatusCode is 200 or 204 or 400 or 406, $"{response.StatusCode} for {query}");
        }, iter: 500, threads: 2);
    }

    [Fact]
    public Task Any_accept_header_is_read() => Gen.OneOf(Gen.String[0, 60], Gen.String[Gen.Char["*/;,=\"\\ qtype.multipart"], 0, 60]).SampleAsync(text =>
    {
        Microsoft.AspNetCore.Http.DefaultHttpContext context = new();
        context.Request.Headers.Accept = text;
        AcceptHeader.Read(context.Request).Choose(JsonBody.Offers);
        return Task.CompletedTask;
    }, iter: 20_000);

    private static async Task<TcpClient> ConnectAsync(TestGateway gateway)
    {
        TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(gateway.BaseUrl).Port, TestContext.Current.CancellationToken);
        return client;
    }
}
