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

    private static async Task<TcpClient> ConnectAsync(TestGateway gateway)
    {
        TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(gateway.BaseUrl).Port, TestContext.Current.CancellationToken);
        return client;
    }
}
