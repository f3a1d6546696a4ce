using System.Diagnostics;
using MedicalAi.Archive;
using MedicalAi.Bench.Data;
using MedicalAi.Bench.Measuring;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MedicalAi.Bench.S3;

/// <summary>Objects to and from a real S3 server: the archive against clients that do nothing else.</summary>
internal static class S3Case
{
    private const string Bare = "presigned";

    public static async Task RunAsync(Report report, string data, CancellationToken cancellationToken)
    {
        Report.Title(
            "Objects in S3",
            "Ceph's RADOS Gateway on loopback, on the same machine and disk. CPU is that of the client's process. Ours in PUT is the whole way in: parsing, digests, group commit, the index in SQLite on disk; in GET the object store.");
        await using CephServer server = await CephServer.StartAsync(cancellationToken);
        foreach ((string name, string folder, int count) in new[] { ("A (525 KB)", BenchData.A(data), 100), ("B (9.4 KB)", BenchData.B(data), 300) })
        {
            byte[][] files = [.. BenchData.Files(folder).Take(count).Select(File.ReadAllBytes)];
            foreach (int parallel in new[] { 1, 8 })
            {
                byte[][] sent = parallel == 1 ? files[..(count / 3)] : files;
                foreach (Side side in Puts(sent, parallel).Concat(Gets(sent, parallel)))
                {
                    await side.MeasureAsync(cancellationToken); // Code is compiled, connections are made.
                }

                await report.CompareAsync($"PUT {name}, {parallel} at once", Puts(sent, parallel), [new Target(Bare, Ratio.Rate, 0.9)], cancellationToken);
                await report.CompareAsync($"GET {name}, {parallel} at once", Gets(sent, parallel), [new Target(Bare, Ratio.Rate, 0.9)], cancellationToken);
            }
        }

        IReadOnlyList<Side> Puts(byte[][] files, int parallel) =>
            [.. Clients().Select(client => Put(client, files, parallel)), new Side("ours", "ingest: durable and indexed before the answer", token => IngestAsync(server, files, parallel, token))];

        IReadOnlyList<Side> Gets(byte[][] files, int parallel) =>
            [.. Clients().Select(client => Get(client, files, parallel)), new Side("ours", "the archive's object store", token => ReadAsync(server, files, parallel, token))];

        IEnumerable<(string Name, string Does, Func<S3Client> Make)> Clients() =>
        [
            ("Minio", "Minio's own PutObject and GetObject", () => new MinioOwnClient(server)),
            ("AWSSDK", "AWSSDK.S3's PutObject and GetObject", () => new AwsClient(server)),
            (Bare, "Minio's presigned URLs over HttpClient, from and to memory", () => new PresignedClient(server)),
        ];

        Side Put((string Name, string Does, Func<S3Client> Make) client, byte[][] files, int parallel) => new(client.Name, client.Does, async token =>
        {
            using S3Client made = client.Make();
            await made.MakeBucketAsync(token);
            return await MeasureAsync(files.Length, parallel, i => made.PutAsync(Name(i), files[i], token));
        });

        Side Get((string Name, string Does, Func<S3Client> Make) client, byte[][] files, int parallel) => new(client.Name, client.Does, async token =>
        {
            using S3Client made = client.Make();
            await made.MakeBucketAsync(token);
            await MeasureAsync(files.Length, 8, i => made.PutAsync(Name(i), files[i], token));
            return await MeasureAsync(files.Length, parallel, i => made.GetAsync(Name(i), token));
        });
    }

    private static string Name(int number) => $"studies/1.2/series/1.3/{number}.dcm";

    private static S3Options Options(CephServer server) => new() { Endpoint = server.Endpoint, AccessKey = CephServer.AccessKey, SecretKey = CephServer.SecretKey, Bucket = $"bench-{Guid.NewGuid():N}" };

    private static async Task<Sample> IngestAsync(CephServer server, byte[][] files, int parallel, CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddArchive(new ArchiveOptions { DataFolder = folder.Path, S3 = Options(server), StudyStability = TimeSpan.FromHours(1) });
        using IHost host = builder.Build();
        await host.StartAsync(cancellationToken);
        IngestService ingest = host.Services.GetRequiredService<IngestService>();
        Sample sample = await MeasureAsync(files.Length, parallel, async i =>
        {
            IngestResult result = await ingest.IngestPart10Async(new MemoryStream(files[i]), new UploadOrigin(UploadOrigin.Import), InstanceExpectation.None, cancellationToken);
            if (result.Outcome != IngestOutcome.Stored)
            {
                throw new InvalidOperationException($"Not stored: {result.Outcome}.");
            }
        });
        await host.StopAsync(cancellationToken);
        return sample;
    }

    private static async Task<Sample> ReadAsync(CephServer server, byte[][] files, int parallel, CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        using S3ObjectStore store = new(Options(server), folder.Path);
        await store.InitializeAsync(cancellationToken);
        await MeasureAsync(files.Length, 8, async i =>
        {
            await using StagedObject staged = await store.StageAsync(cancellationToken);
            await staged.WriteAsync(new System.Buffers.ReadOnlySequence<byte>(files[i]), cancellationToken);
            await store.PublishAsync([new Publication(staged, new ObjectKey(Name(i)))], cancellationToken);
        });
        return await MeasureAsync(files.Length, parallel, async i =>
        {
            await using Stream stream = await store.OpenReadAsync(new ObjectLocation(new ObjectKey(Name(i)), 0, files[i].Length), cancellationToken);
            await S3Client.DropAsync(stream, cancellationToken);
        });
    }

    private static async Task<Sample> MeasureAsync(int count, int parallel, Func<int, Task> work)
    {
        int next = -1;
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long begin = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, parallel).Select(_ => Task.Run(async () =>
        {
            for (int i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                await work(i);
            }
        })));
        return new Sample(count / Stopwatch.GetElapsedTime(begin).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / count);
    }
}
