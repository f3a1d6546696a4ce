using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MedicalAi.Dicom;
using Microsoft.Extensions.Logging.Abstractions;

namespace MedicalAi.Archive.Tests;

public sealed class MetricsTests
{
    [Fact]
    public async Task What_comes_in_and_what_waits_is_measured_under_the_names_that_dashboards_know()
    {
        ConcurrentBag<string> measured = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "MedicalAi.Archive")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured.Add($"{instrument.Name}{Text(tags)} {value}"));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => measured.Add($"{instrument.Name}{Text(tags)}"));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => measured.Add($"{instrument.Name}{Text(tags)}{(instrument.Name == "gateway_backlog_age_seconds" ? $" {value}" : "")}"));
        listener.Start();
        await using TestArchive archive = await TestArchive.StartAsync();
        await archive.AddTaskAsync();
        await archive.Queue.PublishAsync([new WorkMessage(WorkKind.Infer, Guid.NewGuid(), TaskPriority.Routine)], TestContext.Current.CancellationToken);
        archive.Clock.Advance(TimeSpan.FromSeconds(90));
        using BacklogMonitor monitor = new(archive.Tasks, archive.Queue, archive.Clock, NullLogger<BacklogMonitor>.Instance);

        await archive.Ingest.IngestAsync(Samples.Image(TestArchive.Identity(study: "1.2.7", instance: "1.2.7.1")), TransferSyntax.ExplicitVrLittleEndian, new UploadOrigin(UploadOrigin.Dimse), TestContext.Current.CancellationToken);
        await monitor.RunOnceAsync(TestContext.Current.CancellationToken);

        string[] expected =
        [
            "gateway_instances_ingested outcome=Stored 1", "gateway_ingest_latency_seconds outcome=Stored", "gateway_commit_batch_size",
            "gateway_queue_length kind=Infer state=waiting 1", "gateway_tasks status=Queued 1", "gateway_backlog_age_seconds 90",
        ];
        Assert.Empty(expected.Except(measured));

        static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string text = "";
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                text += $" {tag.Key}={tag.Value}";
            }

            return text;
        }
    }
}
