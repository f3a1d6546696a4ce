using System.Diagnostics;
using System.Security.Cryptography;
using MedicalAi.Dicom;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MedicalAi.Archive.Tests;

public sealed class CrashTests : IDisposable
{
    private const int Rounds = 5;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("archive-crash-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_was_acknowledged_before_a_kill_is_there_whole_and_nothing_else_is_half_there()
    {
        Dictionary<string, string> acknowledged = [];
        for (int round = 1; round <= Rounds; round++)
        {
            // In some rounds two processes share the folder, as an import beside the server.
            IEnumerable<Task<List<string>>> processes = Enumerable.Range(0, 1 + (round % 2)).Select(n => RunAndKillAsync($"{round}{n}"));
            foreach (string line in (await Task.WhenAll(processes)).SelectMany(lines => lines))
            {
                string[] parts = line.Split(' ');
                acknowledged.Add(parts[0], parts[1]);
            }

            using IHost host = CrashingProcess.Build(_folder.FullName);
            await host.StartAsync(TestContext.Current.CancellationToken);
            await AssertWholeAsync(host.Services, acknowledged);
            await host.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.True(acknowledged.Count >= Rounds * 10, $"Only {acknowledged.Count} instances were acknowledged.");
        using IHost last = CrashingProcess.Build(_folder.FullName);
        await last.StartAsync(TestContext.Current.CancellationToken);
        await AssertEachTaskOnceAsync(last.Services);
        await last.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The lines of a process that is killed at some moment of its work.</summary>
    private async Task<List<string>> RunAndKillAsync(string name)
    {
        List<string> lines = [];
        using Process process = CrashingProcess.Start(_folder.FullName, name);
        int moment = RandomNumberGenerator.GetInt32(10, 150);
        while (lines.Count < moment && await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            lines.Add(line);
        }

        process.Kill(); // SIGKILL
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            lines.Add(line);
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(128 + 9, process.ExitCode);
        return lines;
    }

    private async Task AssertWholeAsync(IServiceProvider services, Dictionary<string, string> acknowledged)
    {
        IStudyIndex studies = services.GetRequiredService<IStudyIndex>();
        foreach ((string uid, string digest) in acknowledged)
        {
            InstanceRow? row = await studies.FindInstanceAsync(new DicomUid(uid), TestContext.Current.CancellationToken);
            Assert.NotNull(row);
            Assert.Equal(digest, Convert.ToHexString(row.Digest.Span));
        }

        // Every row, acknowledged or not, has its object with the right content; every object has its row.
        ArchiveVerifier verifier = services.GetRequiredService<ArchiveVerifier>();
        Assert.Empty(await verifier.CheckIndexAsync(checkDigests: true, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
        Assert.Empty(await verifier.CheckStoreAsync(remove: false, includeYoung: true, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_folder.FullName, "staging")));

        // The counts that are kept by differences are those of the rows.
        IndexCounts counts = await studies.CountAllAsync(TestContext.Current.CancellationToken);
        List<IndexMatch> found = await studies.FindAsync(new IndexQuery(IndexLevel.Study), TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal((counts.Instances, counts.Series, 0L), (found.Sum(match => (long)match.Study.NumberOfInstances), found.Sum(match => (long)match.Study.NumberOfSeries), counts.Quarantined));
    }

    private static async Task AssertEachTaskOnceAsync(IServiceProvider services)
    {
        IStudyIndex studies = services.GetRequiredService<IStudyIndex>();
        ITaskIndex tasks = services.GetRequiredService<ITaskIndex>();
        IWorkQueue queue = services.GetRequiredService<IWorkQueue>();
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromMinutes(3));
        while (await studies.FindNextStableTimeAsync(deadline.Token) is not null || await tasks.ReadOutboxAsync(1, deadline.Token) is not [])
        {
            await Task.Delay(20, deadline.Token);
        }

        List<InferenceTask> made = [];
        while (await tasks.ListTasksAsync(new TaskQuery { Limit = 1000, Offset = made.Count }, deadline.Token) is { Count: > 0 } page)
        {
            made.AddRange(page);
        }

        Assert.Equal(made.Count, made.DistinctBy(task => (task.Study, task.Model, task.ModelVersion, task.InputsDigest)).Count());
        await foreach (IndexMatch match in studies.FindAsync(new IndexQuery(IndexLevel.Study), deadline.Token))
        {
            StudySnapshot study = (await studies.ReadSnapshotAsync(match.Study.Study, deadline.Token))!;
            Assert.Single(made, task => task.Study == study.Study && task.InputsDigest == CrashingProcess.Digest(study));
        }

        // Each of them waits in the queue once.
        HashSet<Guid> delivered = [];
        while (await queue.TryReceiveAsync(WorkKind.Infer, TimeSpan.FromMinutes(5), deadline.Token) is { } delivery)
        {
            Assert.True(delivered.Add(delivery.Message.TaskId));
        }

        Assert.Equal(made.Select(task => task.Id).Order(), delivered.Order());
    }
}
