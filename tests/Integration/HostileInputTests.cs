using System.Net;
using System.Net.Sockets;
using System.Text;
using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.Integration;

/// <summary>Whatever comes in, the process lives, its memory stays bounded, and others are served.</summary>
public sealed class HostileInputTests
{
    private const long MemoryLimit = 500L << 20;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bad_input_on_the_DICOM_port_and_by_STOW_RS_gets_an_error_and_nothing_else()
    {
        using TempFolder folder = new();
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(folder.File("data"), Cancelled, "--roles", "dicom,web");
        Random random = new(20261124);
        byte[] valid = await File.ReadAllBytesAsync(SampleStudies.PneumoniaFile, Cancelled);

        foreach (byte[] bytes in DicomPortInput(random))
        {
            await SendRawAsync(gateway.DicomPort, bytes);
        }

        foreach (byte[] file in StowInput(random, valid))
        {
            using HttpResponseMessage response = await gateway.StoreAsync(file, Cancelled);
            Assert.True((int)response.StatusCode is >= 400 and < 500, $"{(int)response.StatusCode} for {file.Length} bytes: {await response.Content.ReadAsStringAsync(Cancelled)}");
        }

        foreach ((string type, byte[] body) in MultipartInput(random))
        {
            using ByteArrayContent content = new(body);
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            using HttpResponseMessage response = await gateway.Http.PostAsync("/dicomweb/studies", content, Cancelled);
            Assert.True((int)response.StatusCode is >= 400 and < 500, $"{(int)response.StatusCode} for {type}");
        }

        Assert.True(gateway.IsRunning, gateway.Output);
        Assert.True(gateway.PeakMemory < MemoryLimit, $"{gateway.PeakMemory >> 20} MiB");
        Assert.Empty(await gateway.FindAsync("studies", Cancelled));
        ToolResult echo = await ExternalTool.RunAsync("echoscu", ["-aec", "MEDICALAI", "127.0.0.1", $"{gateway.DicomPort}"], Cancelled);
        Assert.True(echo.ExitCode == 0, echo.ToString());
        using HttpResponseMessage stored = await gateway.StoreAsync(valid, Cancelled);
        Assert.Equal(HttpStatusCode.OK, stored.StatusCode);
    }

    [Fact]
    public async Task Requests_for_what_cannot_be_are_answered_with_problem_details()
    {
        using TempFolder folder = new();
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(folder.File("data"), Cancelled, "--roles", "dicom,web");

        foreach (string path in (string[])["/dicomweb/studies/1.2.3", "/dicomweb/studies/not-a-uid", "/dicomweb/studies?limit=-1", "/dicomweb/studies/1.2/series/1.3/instances/1.4/frames/0", "/api/tasks/x", "/nothing", "/fhir/DiagnosticReport/none"])
        {
            using HttpResponseMessage response = await gateway.Http.GetAsync(path, Cancelled);
            Assert.True((int)response.StatusCode is 400 or 404, $"{path}: {(int)response.StatusCode}");
            Assert.Contains("json", response.Content.Headers.ContentType?.MediaType, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<byte[]> DicomPortInput(Random random)
    {
        yield return [];
        yield return "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray();
        yield return [1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 1]; // An association request of 4 GB.
        yield return [4, 0, 0, 0, 0, 4, 0, 0, 0, 0]; // Data before an association.
        yield return [1, 0, 0, 0, 0, 10, 0, 1, 0, 0]; // Cut off.
        for (int i = 0; i < 50; i++)
        {
            byte[] bytes = new byte[random.Next(1, 4096)];
            random.NextBytes(bytes);
            bytes[0] = (byte)random.Next(0, 9);
            yield return bytes;
        }
    }

    private static IEnumerable<byte[]> StowInput(Random random, byte[] valid)
    {
        yield return [];
        for (int i = 0; i < 40; i++)
        {
            yield return valid[..random.Next(1, valid.Length - 1)];
        }

        for (int i = 0; i < 20; i++)
        {
            byte[] bytes = new byte[random.Next(1, 100_000)];
            random.NextBytes(bytes);
            yield return bytes;
        }

        yield return Nested(valid, 10_000);

        // A value of 4 GB less 2 bytes is claimed by the last element.
        byte[] header = GatewayQueries.DataSetOf(valid)[..0];
        yield return [.. valid[..(valid.Length - GatewayQueries.DataSetOf(valid).Length)], .. header, 0x08, 0, 0x18, 0, (byte)'U', (byte)'N', 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 1, 2, 3];
    }

    private static byte[] Nested(byte[] valid, int depth)
    {
        int offset = (int)DicomFile.Parse(valid).Value.DataSetOffset;
        using MemoryStream stream = new();
        stream.Write(valid.AsSpan(0, offset));
        for (int i = 0; i < depth; i++)
        {
            stream.Write([0x08, 0, 0x10, 0x11, (byte)'S', (byte)'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF]);
        }

        return stream.ToArray();
    }

    private static IEnumerable<(string Type, byte[] Body)> MultipartInput(Random random)
    {
        byte[] noise = new byte[50_000];
        random.NextBytes(noise);
        const string Related = "multipart/related; type=\"application/dicom\"";
        yield return (Related, noise);
        yield return (Related + "; boundary=x", noise);
        yield return (Related + "; boundary=x", Encoding.ASCII.GetBytes("--x\r\nContent-Type: application/dicom\r\n\r\n"));
        yield return (Related + "; boundary=x", Encoding.ASCII.GetBytes("--x\r\n" + new string('a', 1_000_000)));
        yield return (Related + "; boundary=x", Encoding.ASCII.GetBytes("--x\r\nContent-Type: application/dicom\r\n\r\nno file\r\n--x--"));
        yield return ("text/plain", noise);
        yield return ("application/dicom+json", Encoding.ASCII.GetBytes("[{"));
    }

    private static async Task SendRawAsync(int port, byte[] bytes)
    {
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, port, Cancelled);
        await using NetworkStream stream = client.GetStream();
        try
        {
            await stream.WriteAsync(bytes, Cancelled);
            client.Client.Shutdown(SocketShutdown.Send);
            byte[] answer = new byte[4096];
            while (await stream.ReadAsync(answer, Cancelled) > 0)
            {
            }
        }
        catch (IOException)
        {
            // The gateway has closed the connection.
        }
    }
}
