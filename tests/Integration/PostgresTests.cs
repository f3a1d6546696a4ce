using System.Diagnostics;
using System.Net;
using System.Text.Json;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace MedicalAi.Integration;

/// <summary>The gateway with its index in PostgreSQL: the whole way, several gateways at once, and a server that dies or stands still in the middle of load.</summary>
public sealed class PostgresTests(PostgresServer server)
{
    private const int Timeout = 3;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(4);

    // A look at what is known, the batch, and the ends of their connections; twice, for a batch that waits for another.
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(4 * (Timeout + 2));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Radiographs_sent_by_storescu_are_found_and_get_their_results()
    {
        using TempFolder folder = new();
        string url = server.UrlOf(await server.CreateDatabaseAsync());
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(folder.File("data"), [("DATABASE_URL", url)], Cancelled);
        ToolResult sent = await ExternalTool.RunAsync("storescu", ["-aec", "MEDICALAI", "127.0.0.1", $"{gateway.DicomPort}", SampleStudies.PneumoniaFile, SampleStudies.NormalFile], Cancelled);
        Assert.True(sent.ExitCode == 0, sent.ToString());

        IReadOnlyList<JsonElement> tasks = await gateway.WaitForTasksAsync(2, s_limit, Cancelled);
        Assert.All(tasks, task => Assert.True(task.GetProperty("status").GetString() == "completed", task.GetRawText() + gateway.Output));
        Assert.Equal(2, (await gateway.FindAsync("studies?ModalitiesInStudy=SR", Cancelled)).Count);
        Assert.Equal(2, (await gateway.FindAsync("instances?Modality=SR", Cancelled)).Count);
        Assert.Equal(2, (await gateway.GetJsonAsync("/fhir/DiagnosticReport?status=preliminary", Cancelled)).GetProperty("total").GetInt32());
        string study = tasks[0].GetProperty("study").GetString()!;
        ToolResult found = await ExternalTool.RunAsync("findscu", ["-S", "-aec", "MEDICALAI", "127.0.0.1", $"{gateway.DicomPort}", "-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={study}", "-k", "NumberOfStudyRelatedInstances"], Cancelled);
        Assert.Contains("[2 ]", found.Error + found.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder.File("data"), "index", "gateway.db")));
    }

    [Fact]
    public async Task Two_gateways_of_one_database_store_once_what_is_sent_to_both_and_make_each_result_once()
    {
        using TempFolder folder = new();
        string url = server.UrlOf(await server.CreateDatabaseAsync());
        Task<GatewayProcess>[] starting = [.. Enumerable.Range(0, 2).Select(n => GatewayProcess.StartAsync(folder.File($"data{n}"), [("DATABASE_URL", url)], Cancelled))];
        await using GatewayProcess first = await starting[0];
        await using GatewayProcess second = await starting[1];
        ToolResult[] sent = await Task.WhenAll(new[] { first, second }.Select(gateway => ExternalTool.RunAsync("storescu", ["-aec", "MEDICALAI", "127.0.0.1", $"{gateway.DicomPort}", SampleStudies.PneumoniaFile, SampleStudies.NormalFile], Cancelled)));
        Assert.All(sent, one => Assert.True(one.ExitCode == 0, one.ToString()));

        // Each has its own files: what only the other has fails as it cannot be read, and is not what is tested here. Every task is known to both, once.
        IReadOnlyList<JsonElement> tasks = await WaitForAsync(first, 2);
        Assert.Equal(2, tasks.Count);
        Assert.Equal(
            tasks.Select(task => task.GetProperty("id").GetString()).Order(),
            (await second.ListTasksAsync(null, Cancelled)).Select(task => task.GetProperty("id").GetString()).Order());
        Assert.Equal("2", await server.QueryAsync(url.Split('/')[^1], "SELECT count(*) FROM instances WHERE protocol = 'dimse'"));
        Assert.Equal("2", await server.QueryAsync(url.Split('/')[^1], "SELECT count(*) FROM change_log WHERE kind = 'instance-stored' AND sop_instance_uid IN (SELECT sop_instance_uid FROM instances WHERE protocol = 'dimse')"));
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_answers_come_in_time_though_PostgreSQL_dies_and_stands_still_in_the_middle_of_load()
    {
        using TempFolder folder = new();
        await using PostgresServer own = new();
        string url = own.UrlOf(await own.CreateDatabaseAsync());
        url = own.UrlOf(url.Split('/')[^1]);
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(folder.File("data"), [("DATABASE_URL", url), ("POSTGRES_TIMEOUT", $"{Timeout}")], Cancelled, "--stability", "3600", "--roles", "dicom,web");
        Load load = new(gateway);
        Task[] senders = [.. Enumerable.Range(0, 3).Select(load.SendAsync)];
        await load.WaitForAsync(100);

        await own.CrashAsync();
        await WaitForReadinessAsync(gateway, HttpStatusCode.ServiceUnavailable);
        await load.WaitForFailuresAsync(1);
        using (HttpResponseMessage query = await gateway.Http.GetAsync("/dicomweb/studies", Cancelled))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, query.StatusCode);
            Assert.NotNull(query.Headers.RetryAfter);
        }

        await own.EnsureStartedAsync();
        await WaitForReadinessAsync(gateway, HttpStatusCode.OK);
        await load.WaitForAsync(100);

        int failures = load.Failures;
        await own.PauseAsync();
        await WaitForReadinessAsync(gateway, HttpStatusCode.ServiceUnavailable);
        await load.WaitForFailuresAsync(failures + 1);
        await own.ResumeAsync();
        await WaitForReadinessAsync(gateway, HttpStatusCode.OK);
        await load.WaitForAsync(100);

        load.Stop();
        await Task.WhenAll(senders);
        Assert.All(load.Statuses, status => Assert.True(status is 0 or 0xA700, $"0x{status:X4}"));
        Assert.True(load.Longest < s_bound, $"{load.Longest}");
        foreach ((DicomUid instance, byte[] dataSet) in load.Acknowledged)
        {
            DicomDataSet sent = DicomDataSet.Parse(dataSet, TransferSyntax.ExplicitVrLittleEndian).Value;
            byte[] kept = await gateway.RetrieveAsync($"studies/{sent.GetString(DicomTags.StudyInstanceUID)}/series/{sent.GetString(DicomTags.SeriesInstanceUID)}/instances/{instance}", Cancelled);
            Assert.Equal(dataSet, GatewayQueries.DataSetOf(kept));
        }

        string database = url.Split('/')[^1];
        Assert.Equal("t", await own.QueryAsync(database, "SELECT count(*) = count(DISTINCT sop_instance_uid) FROM change_log WHERE kind = 'instance-stored'"));
        Assert.Equal("t", await own.QueryAsync(database, "SELECT (SELECT sum(number_of_instances) FROM studies) = (SELECT count(*) FROM instances)"));
    }

    private static async Task<IReadOnlyList<JsonElement>> WaitForAsync(GatewayProcess gateway, int count)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        end.CancelAfter(s_limit);
        while (true)
        {
            IReadOnlyList<JsonElement> tasks = await gateway.ListTasksAsync(null, end.Token);
            if (tasks.Count >= count)
            {
                return tasks;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), end.Token);
        }
    }

    private static async Task WaitForReadinessAsync(GatewayProcess gateway, HttpStatusCode expected)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        end.CancelAfter(s_limit);
        while (true)
        {
            using HttpResponseMessage response = await gateway.Http.GetAsync("/health/ready", end.Token);
            if (response.StatusCode == expected)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), end.Token);
        }
    }

    /// <summary>Associations that send small instances, whatever is answered.</summary>
    private sealed class Load(GatewayProcess gateway)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<DicomUid, byte[]> _acknowledged = [];
        private readonly HashSet<ushort> _statuses = [];
        private volatile bool _isStopped;
        private int _failures;

        public IReadOnlyDictionary<DicomUid, byte[]> Acknowledged => _acknowledged;

        public IReadOnlyCollection<ushort> Statuses => _statuses;

        public int Failures => Volatile.Read(ref _failures);

        public TimeSpan Longest { get; private set; }

        public void Stop() => _isStopped = true;

        public async Task SendAsync(int sender)
        {
            DicomUid study = DicomUid.NewUid();
            DicomUid series = DicomUid.NewUid();
            await using DicomClient client = await DicomClient.ConnectAsync(gateway.Scu, PresentationContext.ForStorage(DicomUids.SecondaryCaptureImageStorage, TransferSyntax.ExplicitVrLittleEndian), Cancelled);
            while (!_isStopped)
            {
                DicomUid instance = DicomUid.NewUid();
                byte[] bytes = DicomDataSetWriter.ToBytes(
                    new DicomDataSet()
                        .SetUid(DicomTags.SOPClassUID, DicomUids.SecondaryCaptureImageStorage)
                        .SetUid(DicomTags.SOPInstanceUID, instance)
                        .SetUid(DicomTags.StudyInstanceUID, study)
                        .SetUid(DicomTags.SeriesInstanceUID, series)
                        .SetString(DicomTags.PatientID, $"LOAD-{sender}")
                        .SetBytes(DicomTags.PixelData, Vr.OB, new byte[2048]),
                    TransferSyntax.ExplicitVrLittleEndian);
                using MemoryStream stream = new(bytes);
                long start = Stopwatch.GetTimestamp();
                DimseResponse response = await client.StoreAsync(DicomUids.SecondaryCaptureImageStorage, instance, TransferSyntax.ExplicitVrLittleEndian, stream, Cancelled);
                TimeSpan time = Stopwatch.GetElapsedTime(start);
                lock (_lock)
                {
                    Longest = time > Longest ? time : Longest;
                    _statuses.Add(response.Status);
                    if (response.Status == 0)
                    {
                        _acknowledged.Add(instance, bytes);
                    }
                    else
                    {
                        _failures++;
                    }
                }
            }
        }

        /// <summary>Waits for so many more acknowledgements.</summary>
        public async Task WaitForAsync(int more)
        {
            int before = Count();
            await UntilAsync(() => Count() >= before + more);
        }

        public Task WaitForFailuresAsync(int count) => UntilAsync(() => Failures >= count);

        private int Count()
        {
            lock (_lock)
            {
                return _acknowledged.Count;
            }
        }

        private static async Task UntilAsync(Func<bool> isSo)
        {
            using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
            end.CancelAfter(s_limit);
            while (!isSo())
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), end.Token);
            }
        }
    }
}
