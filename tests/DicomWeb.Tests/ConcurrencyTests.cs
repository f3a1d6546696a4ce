using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using MedicalAi.Dicom;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomWeb.Tests;

public sealed class ConcurrencyTests
{
    [Fact]
    public async Task Many_requests_store_into_one_study_at_once()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        const int Requests = 16, Each = 10;
        HttpStatusCode[] answers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(async request =>
        {
            // Every other instance is sent by two of them.
            IEnumerable<byte[]> files = Enumerable.Range(0, Each).Select(i => Bytes($"1.2.1.1.{((request / 2 * 2) + (i % 2 == 0 ? 0 : request % 2)) * Each + i + 1}"));
            using HttpResponseMessage response = await gateway.StoreAsync(files);
            return response.StatusCode;
        }));
        Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
        JsonElement study = Assert.Single((await gateway.GetJsonAsync("studies")).EnumerateArray());
        Assert.Equal((Requests * Each) - (Requests / 2 * (Each / 2)), study.Value("00201208").GetInt32());
        Assert.Equal(1, study.Value("00201206").GetInt32());
    }

    [Fact]
    public async Task A_viewer_asks_for_all_frames_at_once()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await gateway.StoreWellAsync([.. Enumerable.Range(1, 60).Select(i => TestInstances.Ct(instance: $"1.2.1.1.{i}").SetBytes(DicomTags.PixelData, Vr.OW, Enumerable.Repeat((byte)i, 24).ToArray()))]);
        byte[][] frames = await Task.WhenAll(Enumerable.Range(1, 60).Select(async i =>
        {
            using HttpResponseMessage response = await gateway.GetAsync($"studies/1.2.1/series/1.2.1.1/instances/1.2.1.1.{i}/frames/1", "multipart/related; type=application/octet-stream; transfer-syntax=*");
            return Assert.Single(await response.ReadPartsAsync()).Body;
        }));
        Assert.All(frames.Index(), frame => Assert.All(frame.Item, value => Assert.Equal(frame.Index + 1, value)));
    }

    [Fact]
    public async Task A_client_that_goes_away_within_an_answer_harms_no_other()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await gateway.StoreWellAsync(TestInstances.Ct().SetBytes(DicomTags.PixelData, Vr.OW, new byte[16 * 1024 * 1024]));
        for (int i = 0; i < 20; i++)
        {
            using TcpClient client = new();
            await client.ConnectAsync(IPAddress.Loopback, new Uri(gateway.BaseUrl).Port, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET /dicomweb/studies/1.2.1 HTTP/1.1\r\nHost: x\r\n\r\n"), TestContext.Current.CancellationToken);
            byte[] block = new byte[1000];
            await client.GetStream().ReadExactlyAsync(block, TestContext.Current.CancellationToken);
            client.Client.Close(0);
        }

        using HttpResponseMessage response = await gateway.GetAsync("studies/1.2.1");
        Assert.True((await response.ReadBytesAsync()).Length > 16 * 1024 * 1024);
    }

    [Fact]
    public async Task No_log_line_holds_patient_data()
    {
        using LogLines lines = new();
        await using (TestGateway gateway = await TestGateway.StartAsync(null, services => services.AddLogging(logging => logging.AddProvider(lines).SetMinimumLevel(LogLevel.Trace))))
        {
            DicomDataSet instance = TestInstances.Ct(patient: "Secret^Person").SetString(DicomTags.PatientID, "SECRET-ID");
            await gateway.StoreWellAsync(instance);
            using HttpResponseMessage other = await gateway.StoreAsync([DicomFile.ToBytes(instance.SetString(DicomTags.PatientID, "SECRET-OTHER"), TransferSyntax.ExplicitVrLittleEndian)]);
            Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
            foreach (string path in (string[])["studies?PatientName=Secret*", "studies?PatientID=SECRET-ID&limit=x", "studies?PatientBirthDate=SECRET", "studies?SECRET-NAME=1", "studies/1.2.1/metadata", "studies/1.2.1/SECRET"])
            {
                using HttpResponseMessage response = await gateway.GetAsync(path);
            }
        }

        Assert.Contains(lines.All, line => line.Contains("[3000]", StringComparison.Ordinal));
        Assert.DoesNotContain(lines.All, line => line.Contains("secret", StringComparison.OrdinalIgnoreCase));
    }

    private static byte[] Bytes(string instance) => DicomFile.ToBytes(TestInstances.Ct(instance: instance), TransferSyntax.ExplicitVrLittleEndian);

    /// <summary>The lines that this program logs; the host's own are the configuration's business.</summary>
    private sealed class LogLines : ILoggerProvider
    {
        private readonly List<string> _lines = [];

        public string[] All
        {
            get
            {
                lock (_lines)
                {
                    return [.. _lines];
                }
            }
        }

        public ILogger CreateLogger(string categoryName) => new Lines(this, categoryName);

        public void Dispose()
        {
        }

        private sealed class Lines(LogLines owner, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => category.StartsWith("MedicalAi.", StringComparison.Ordinal);

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (IsEnabled(logLevel))
                {
                    lock (owner._lines)
                    {
                        owner._lines.Add($"[{eventId.Id}] {formatter(state, exception)} {exception}");
                    }
                }
            }
        }
    }
}
