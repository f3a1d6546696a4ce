using MedicalAi.Dicom;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MedicalAi.Archive.Tests;

public sealed class HostingTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("archive-host-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task An_archive_that_was_stopped_and_started_again_finds_its_instances_and_makes_each_task_once()
    {
        Guid task;
        using (IHost host = Build())
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            IngestResult stored = await host.Services.GetRequiredService<IngestService>().IngestAsync(Samples.Image(), TransferSyntax.ExplicitVrLittleEndian, new UploadOrigin(UploadOrigin.Import), TestContext.Current.CancellationToken);
            Assert.Equal(IngestOutcome.Stored, stored.Outcome);
            task = (await ReceiveAsync(host)).Message.TaskId;
            await host.StopAsync(TestContext.Current.CancellationToken);
        }

        using (IHost host = Build())
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            InstanceRow row = (await host.Services.GetRequiredService<ArchiveReader>().FindInstanceAsync(null, null, TestArchive.Identity().SopInstance, TestContext.Current.CancellationToken))!;
            Assert.Equal(16, (await host.Services.GetRequiredService<ArchiveReader>().ReadHeaderAsync(row, TestContext.Current.CancellationToken)).Value.GetInt64(DicomTags.Rows));
            IngestResult again = await host.Services.GetRequiredService<IngestService>().IngestAsync(Samples.Image(), TransferSyntax.ExplicitVrLittleEndian, new UploadOrigin(UploadOrigin.Import), TestContext.Current.CancellationToken);
            Assert.Equal(IngestOutcome.AlreadyStored, again.Outcome);
            Assert.Equal(task, Assert.Single(await host.Services.GetRequiredService<ITaskIndex>().ListTasksAsync(new TaskQuery(), TestContext.Current.CancellationToken)).Id);
            await host.StopAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task<WorkDelivery> ReceiveAsync(IHost host)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        IWorkQueue queue = host.Services.GetRequiredService<IWorkQueue>();
        WorkDelivery delivery = await queue.ReceiveAsync(WorkKind.Infer, TimeSpan.FromMinutes(1), deadline.Token);
        Assert.True(await queue.AcknowledgeAsync(delivery, deadline.Token));
        return delivery;
    }

    private IHost Build()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddSingleton<TaskSelector>(study => [new NewTask("model", "1", "digest", [study.Series[0].Instances[0].SopInstance])]);
        builder.Services.AddArchive(new ArchiveOptions { DataFolder = _folder.FullName, StudyStability = TimeSpan.FromMilliseconds(50) });
        return builder.Build();
    }
}
