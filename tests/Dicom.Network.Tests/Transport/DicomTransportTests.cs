using System.Net;

namespace MedicalAi.Dicom.Network.Tests;

public sealed class DicomTransportTests
{
    private const int Instances = 5;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The end points of both transports: ours, and the one that Kestrel brings.</summary>
    public static TheoryData<bool> EndPoints => [true, false];

    [Theory]
    [MemberData(nameof(EndPoints))]
    public async Task More_busy_associations_than_there_are_threads_are_all_served(bool isOurs)
    {
        SinkService sink = new() { Keep = true };
        await using TestServer server = await TestServer.StartAsync(sink, endPoint: isOurs ? new DicomEndPoint(IPAddress.Loopback, 0) : new IPEndPoint(IPAddress.Loopback, 0));
        await Task.WhenAll(Enumerable.Range(1, 40).Select(number => SendAsync(server.Port, number)));
        Assert.Equal(40 * Instances, sink.Received.Count);
        Assert.All(sink.Received, received => Assert.Equal(Content(received.Request.Command.SopInstance!.Value.Value), received.DataSet));
    }

    private static async Task SendAsync(int port, int number)
    {
        DicomClientOptions options = new() { Host = "127.0.0.1", Port = port, CalledAe = AeTitle.Parse("MEDICALAI") };
        await using DicomClient client = await DicomClient.ConnectAsync(options, [new PresentationContext(DicomUids.CTImageStorage, [TransferSyntax.ExplicitVrLittleEndian])], Token);
        for (int i = 1; i <= Instances; i++)
        {
            string uid = $"1.2.{number}.{i}";
            using MemoryStream content = new(Content(uid));
            Assert.Equal(DimseStatus.Success, (await client.StoreAsync(DicomUids.CTImageStorage, new DicomUid(uid), TransferSyntax.ExplicitVrLittleEndian, content, Token)).Status);
        }

        await client.ReleaseAsync(Token);
    }

    /// <summary>Some bytes that belong to a UID, up to four PDUs of them.</summary>
    private static byte[] Content(string uid)
    {
        Random random = new(uid.Sum(c => c * 31));
        byte[] content = new byte[random.Next(250_000) * 2];
        random.NextBytes(content);
        return content;
    }
}
