using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.IO.Compression;
using MedicalAi.Archive;
using MedicalAi.Findings;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MedicalAi.InferenceEngine.Tests;

/// <summary>An archive and an inference engine in a folder of their own, as the gateway composes them.</summary>
internal sealed class EngineHost : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);

    private readonly TempFolder _folder;
    private readonly IHost _host;
    private readonly MeterListener _listener = new();

    private EngineHost(TempFolder folder, IHost host)
    {
        _folder = folder;
        _host = host;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "gateway_batch_size")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((_, inputs, _, _) => BatchSizes.Add(inputs));
        _listener.Start();
    }

    /// <summary>The folder with the bundled models.</summary>
    public static string BundledModels { get; } = Path.Combine(TestData.Root, "models");

    /// <summary>The stability of studies of many instances.</summary>
    public static TimeSpan OfSeries { get; } = TimeSpan.FromSeconds(4);

    /// <summary>The inputs of each run so far; of all engines of the process.</summary>
    public ConcurrentBag<int> BatchSizes { get; } = [];

    /// <summary>The folder of the archive.</summary>
    public string DataFolder => _folder.File("data");

    public ITaskIndex Tasks => _host.Services.GetRequiredService<ITaskIndex>();

    /// <summary>Starts one.</summary>
    /// <param name="models">The folder of the models.</param>
    /// <param name="stability">
    /// How long a study must be quiet; null for studies of one instance. On a busy machine there may be seconds between two
    /// instances of one.
    /// </param>
    public static async Task<EngineHost> StartAsync(string models, TimeSpan? stability = null)
    {
        TempFolder folder = new();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        InferenceOptions options = new() { ModelsFolder = models, Accelerator = Accelerator.Auto };
        builder.Services.AddLogging();
        builder.Services.AddArchive(new ArchiveOptions { DataFolder = folder.File("data"), StudyStability = stability ?? TimeSpan.FromMilliseconds(100) });
        builder.Services.AddInferenceEngine(options);
        EngineHost host = new(folder, builder.Build());
        await host._host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    /// <summary>Files of <c>samples/chest-radiographs</c>.</summary>
    public static byte[] Radiograph(string name) => File.ReadAllBytes(Path.Combine(TestData.Root, "samples", "chest-radiographs", name));

    /// <summary>The files of the sample T1 series.</summary>
    public static IEnumerable<byte[]> BrainSlices()
    {
        using ZipArchive zip = ZipFile.OpenRead(Path.Combine(TestData.Root, "samples", "brain-t1-mr", "t1_series_coronal.zip"));
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            MemoryStream bytes = new();
            using Stream stream = entry.Open();
            stream.CopyTo(bytes);
            yield return bytes.ToArray();
        }
    }

    /// <summary>Brings files into the archive, many at once.</summary>
    public Task StoreAsync(IEnumerable<byte[]> files) =>
        Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = TestContext.Current.CancellationToken }, async (file, token) =>
        {
            IngestResult result = await _host.Services.GetRequiredService<IngestService>().IngestPart10Async(new MemoryStream(file), new UploadOrigin(UploadOrigin.Import), new InstanceExpectation(), token);
            Assert.True(result.IsSuccess, result.Message);
        });

    /// <summary>Waits until so many tasks are as they should be.</summary>
    public async Task<IReadOnlyList<InferenceTask>> WaitAsync(int count, Func<InferenceTask, bool> isReady)
    {
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        for (DateTime limit = DateTime.UtcNow + s_patience; ; await Task.Delay(50, cancelled))
        {
            IReadOnlyList<InferenceTask> tasks = await Tasks.ListTasksAsync(new TaskQuery { Limit = 1000 }, cancelled);
            if (tasks.Count >= count && tasks.All(isReady))
            {
                Assert.Equal(count, tasks.Count);
                return tasks;
            }

            Assert.True(DateTime.UtcNow < limit, $"After {s_patience}: {string.Join("; ", tasks.Select(task => $"{task.Model} {task.Status} {task.Error}"))}");
        }
    }

    public async Task<StudyFindings> ReadFindingsAsync(InferenceTask task) =>
        StudyFindings.Parse((await Tasks.ReadFindingsAsync(task.Id, TestContext.Current.CancellationToken))!.Value).Value;

    public Task StopAsync() => _host.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _host.StopAsync(CancellationToken.None);
        if (_host is IAsyncDisposable host)
        {
            await host.DisposeAsync();
        }

        _folder.Dispose();
    }
}
