using System.Globalization;
using System.Net;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp.Tests;

/// <summary>An archive with a registry and the forwarder over a data folder of the test.</summary>
internal sealed class ForwardingGateway : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private readonly IHost _host;
    private readonly string _folder;

    private ForwardingGateway(IHost host, string folder) => (_host, _folder) = (host, folder);

    public IForwardQueue Queue => _host.Services.GetRequiredService<IForwardQueue>();

    public IStudyIndex Studies => _host.Services.GetRequiredService<IStudyIndex>();

    public IServiceProvider Services => _host.Services;

    public ForwardStatus Status => _host.Services.GetRequiredService<ForwardStatus>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts one; its registry has these entities and rules.</summary>
    /// <param name="folder">Its data folder.</param>
    /// <param name="entities">The entities of its registry.</param>
    /// <param name="rules">The rules of its registry.</param>
    /// <param name="isForwarding">Whether it forwards.</param>
    /// <param name="scpPort">The port of its SCP; null to have none.</param>
    /// <param name="configure">Adds to its services.</param>
    /// <param name="stability">Seconds without a new instance after which a study is stable.</param>
    public static async Task<ForwardingGateway> StartAsync(string folder, string entities, string rules, bool isForwarding = true, int? scpPort = null, Action<IServiceCollection>? configure = null, double stability = 0.3)
    {
        WriteRegistry(folder, entities, rules);
        IHostApplicationBuilder builder = scpPort is null ? Host.CreateEmptyApplicationBuilder(null) : WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        configure?.Invoke(builder.Services);
        if (builder is WebApplicationBuilder web)
        {
            web.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(new DicomEndPoint(IPAddress.Loopback, scpPort!.Value), listen => listen.UseConnectionHandler<DicomConnectionHandler>()));
            web.Services.AddDicomScp(new DicomServerOptions());
        }
        else
        {
            builder.Services.AddSingleton(new DicomServerOptions());
        }

        builder.Services.AddArchive(new ArchiveOptions { DataFolder = folder, StudyStability = TimeSpan.FromSeconds(stability) });
        builder.Services.AddAeRegistry(new AeRegistryFileOptions { Path = Path.Combine(folder, "aes.json"), Poll = TimeSpan.FromMilliseconds(50) });
        if (isForwarding)
        {
            builder.Services.AddForwarding();
        }

        IHost host = builder is WebApplicationBuilder application ? application.Build() : ((HostApplicationBuilder)builder).Build();
        host.Services.GetRequiredService<AeRegistryFile>().Load();
        await host.StartAsync(Token);
        return new ForwardingGateway(host, folder);
    }

    /// <summary>The entry of a destination that is tried again soon.</summary>
    public static string Destination(string title, int port, string sending = "") =>
        $$"""{ "aeTitle": "{{title}}", "host": "127.0.0.1", "port": {{port}}, "sending": { "firstRetrySeconds": 0.1, "longestRetrySeconds": 0.5{{sending}} } }""";

    /// <summary>The rule that sends all to a destination.</summary>
    public static string All(string title) => $$"""{ "name": "all-to-{{title}}", "to": ["{{title}}"] }""";

    /// <summary>Changes the registry while it runs.</summary>
    public void Change(string entities, string rules) => WriteRegistry(_folder, entities, rules);

    /// <summary>Stores instances of one study.</summary>
    public async Task<IReadOnlyList<DicomUid>> StoreAsync(int count, Func<DicomDataSet, DicomDataSet>? change = null, UploadOrigin? origin = null, string study = "1.2.3", int first = 1)
    {
        IngestService ingest = _host.Services.GetRequiredService<IngestService>();
        List<Task<DicomUid>> stored = [];
        for (int i = first; i < first + count; i++)
        {
            DicomDataSet image = new DicomDataSet()
                .SetUid(DicomTags.SOPClassUID, DicomUids.CTImageStorage)
                .SetUid(DicomTags.SOPInstanceUID, new DicomUid(string.Create(CultureInfo.InvariantCulture, $"{study}.1.{i}")))
                .SetString(DicomTags.Modality, "CT")
                .SetString(DicomTags.PatientName, "Secret^Patient")
                .SetUid(DicomTags.StudyInstanceUID, new DicomUid(study))
                .SetUid(DicomTags.SeriesInstanceUID, new DicomUid(study + ".1"))
                .SetInt(DicomTags.InstanceNumber, i)
                .SetBytes(DicomTags.PixelData, Vr.OW, new byte[20_000]);
            stored.Add(StoreAsync(ingest, change?.Invoke(image) ?? image, origin ?? new UploadOrigin(UploadOrigin.Dimse, "CT1")));
        }

        return await Task.WhenAll(stored);
    }

    /// <summary>Stores a file.</summary>
    public async Task<DicomUid> ImportAsync(string path)
    {
        await using FileStream file = File.OpenRead(path);
        IngestResult result = await _host.Services.GetRequiredService<IngestService>().IngestPart10Async(file, new UploadOrigin(UploadOrigin.Import), InstanceExpectation.None, Token);
        Assert.True(result.IsSuccess, result.Message);
        return result.Identity!.Value.SopInstance;
    }

    /// <summary>How many items of a destination stand there.</summary>
    public async Task<int> CountAsync(string destination, ForwardState state) => (await ListAsync(destination, state)).Count;

    public Task<IReadOnlyList<ForwardItem>> ListAsync(string destination, ForwardState? state = null) =>
        Queue.ListItemsAsync(new ForwardQuery(destination) { State = state, Limit = 1000 }, Token).AsTask();

    /// <summary>Waits until so many items of a destination stand there.</summary>
    public Task WaitForAsync(string destination, ForwardState state, int count) =>
        WaitUntilAsync(async () => await CountAsync(destination, state) >= count, async () => string.Join('\n', (await ListAsync(destination)).Select(item => $"{item.SopInstance} {item.State} {item.Attempts} {item.Error}")));

    public static async Task WaitUntilAsync(Func<Task<bool>> condition, Func<Task<string>>? explain = null)
    {
        long begin = Environment.TickCount64;
        while (!await condition())
        {
            if (Environment.TickCount64 - begin > s_limit.TotalMilliseconds)
            {
                Assert.Fail($"It did not come about within {s_limit}. {(explain is null ? "" : await explain())}");
            }

            await Task.Delay(20, Token);
        }
    }

    /// <summary>The SOP Instance UIDs of the files that a peer has stored, each as often as it was.</summary>
    public static async Task<IReadOnlyList<DicomUid>> ReadReceivedAsync(string folder)
    {
        List<DicomUid> received = [];
        foreach (string file in Directory.GetFiles(folder))
        {
            // A file that was being written when its writer was killed cannot be read.
            if (await InstanceFile.ReadAsync(file, Token) is { Ok: true } read)
            {
                received.Add(read.Value.SopInstance);
            }
        }

        return received;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }

    private static async Task<DicomUid> StoreAsync(IngestService ingest, DicomDataSet image, UploadOrigin origin)
    {
        IngestResult result = await ingest.IngestAsync(image, TransferSyntax.ExplicitVrLittleEndian, origin, Token);
        Assert.True(result.IsSuccess, result.Message);
        return result.Identity!.Value.SopInstance;
    }

    private static void WriteRegistry(string folder, string entities, string rules)
    {
        string path = Path.Combine(folder, "aes.json");
        File.WriteAllText(path + ".new", $$"""{ "entities": [{{entities}}], "rules": [{{rules}}] }""");
        File.Move(path + ".new", path, overwrite: true);
    }
}
