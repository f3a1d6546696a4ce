using System.Net;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Gateway.Tests;

/// <summary>A gateway in this process, on free ports, over a new data folder; it runs no models.</summary>
internal sealed class ServedGateway : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly GatewayHost _host;

    private ServedGateway(TempFolder folder, GatewayHost host, GatewayOptions options)
    {
        Options = options;
        _folder = folder;
        _host = host;
        Http = new HttpClient { BaseAddress = new Uri(host.HttpUrl) };
    }

    public HttpClient Http { get; }

    public GatewayOptions Options { get; }

    public IServiceProvider Services => _host.App.Services;

    public EndpointAddress? Dicom => _host.DicomEndpoint;

    public static async Task<ServedGateway> StartAsync(Func<GatewayOptions, GatewayOptions>? change = null)
    {
        TempFolder folder = new();
        GatewayOptions options = new()
        {
            Http = new EndpointAddress(IPAddress.Loopback, 0),
            Dicom = new EndpointAddress(IPAddress.Loopback, 0),
            DataFolder = folder.Path,
            StudyStability = TimeSpan.FromMilliseconds(50),
            Roles = GatewayRoles.Dicom | GatewayRoles.Web,
        };
        options = change?.Invoke(options) ?? options;
        GatewayHost host = GatewayHost.Build(options, LogLevel.Error);
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new ServedGateway(folder, host, options);
    }

    /// <summary>Stores a radiograph and makes a task of it, as a stable study gets it.</summary>
    public async Task<InferenceTask> AddTaskAsync(string number = "1")
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        DicomUid study = new("1.2.3." + number);
        DicomDataSet image = new DicomDataSet()
            .SetUid(DicomTags.SOPClassUID, DicomUids.SecondaryCaptureImageStorage)
            .SetUid(DicomTags.SOPInstanceUID, new DicomUid($"1.2.3.{number}.1.1"))
            .SetString(DicomTags.PatientName, "Secret^Patient")
            .SetUid(DicomTags.StudyInstanceUID, study)
            .SetUid(DicomTags.SeriesInstanceUID, new DicomUid($"1.2.3.{number}.1"));
        IngestResult stored = await Services.GetRequiredService<IngestService>().IngestAsync(image, TransferSyntax.ExplicitVrLittleEndian, new UploadOrigin(UploadOrigin.Import), cancellationToken);
        Assert.True(stored.IsSuccess, stored.Message);
        ITaskIndex tasks = Services.GetRequiredService<ITaskIndex>();
        IStudyIndex studies = Services.GetRequiredService<IStudyIndex>();
        while (true)
        {
            StudySnapshot snapshot = (await studies.ReadSnapshotAsync(study, cancellationToken))!;
            if (await tasks.AddTasksAsync(study, snapshot.Revision, [new NewTask("some_model", "1.0", "digest", [new DicomUid($"1.2.3.{number}.1.1")])], cancellationToken) is not null)
            {
                return (await tasks.ListTasksAsync(new TaskQuery { Study = study }, cancellationToken)).Single();
            }
        }
    }

    /// <summary>Stops it, in good order.</summary>
    public Task StopAsync() => _host.App.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _host.App.StopAsync();
        await _host.DisposeAsync();
        _folder.Dispose();
    }
}
