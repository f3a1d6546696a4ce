using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Archive;

/// <summary>Hosting of the archive.</summary>
public static class ArchiveServices
{
    /// <summary>
    /// Adds the archive, embedded or with the servers that the options name: the seams, <see cref="IngestService"/>, <see cref="ArchiveReader"/>, and the background services of group commit, stability and
    /// outbox. A <see cref="TaskSelector"/> of the container chooses the tasks; without one, studies get none.
    /// A <see cref="StudyOrderSource"/> of the container is asked what was ordered of a study before that.
    /// </summary>
    public static IServiceCollection AddArchive(this IServiceCollection services, ArchiveOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TaskSelector>(_ => []);
        services.TryAddSingleton<StudyOrderSource>((_, _) => ValueTask.FromResult<StudyOrder?>(null));
        services.AddSingleton(options);
        services.AddSingleton<ArchiveSignals>();
        services.AddSingleton(_ => OpenIndex(options));
        services.AddSingleton<IObjectStore>(p => options.S3 is { } s3 ? new S3ObjectStore(s3, options.DataFolder) : new FileObjectStore(options.DataFolder, p.GetRequiredService<ILogger<FileObjectStore>>()));
        services.AddSingleton<IStudyIndex>(p => new SqlStudyIndex(p.GetRequiredService<IndexDatabase>(), options.StudyStability, p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ITaskIndex, SqlTaskIndex>();
        services.AddSingleton<IReportIndex, SqlReportIndex>();
        if (options.RabbitMq is { } rabbitMq)
        {
            services.AddSingleton<IWorkQueue>(p => new RabbitMqWorkQueue(rabbitMq, p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<RabbitMqWorkQueue>>()));
        }
        else
        {
            services.AddSingleton<IWorkQueue, SqlWorkQueue>();
        }

        services.AddSingleton<IForwardQueue, SqlForwardQueue>();
        services.AddSingleton<ICommitmentIndex, SqlCommitmentIndex>();
        services.AddSingleton<IProcedureIndex, SqlProcedureIndex>();
        services.AddSingleton<ArchiveReader>();
        services.AddSingleton<ArchiveVerifier>();
        services.AddSingleton(_ => new PublicationJournal(Path.Combine(options.DataFolder, "index", "publishing")));
        services.AddSingleton<SqlLeases>();
        services.AddSingleton<GroupCommitter>();
        services.AddSingleton(p => new IngestService(p.GetRequiredService<IObjectStore>(), p.GetRequiredService<GroupCommitter>(), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<IngestService>>()));

        // In this order: the schema and the staging folder first.
        services.AddHostedService<ArchiveStartup>();
        services.AddHostedService(p => p.GetRequiredService<GroupCommitter>());
        services.AddHostedService<StudyStabilityMonitor>();
        services.AddHostedService<OutboxDispatcher>();
        services.AddHostedService<DeadLetterMonitor>();
        services.AddHostedService<BacklogMonitor>();
        return services;
    }

    /// <summary>The database of the index; it is not opened yet.</summary>
    public static IndexDatabase OpenIndex(ArchiveOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Postgres is { } postgres
            ? new PostgresDatabase(postgres) { MigratesByItself = options.MigratesByItself }
            : new SqliteDatabase(Path.Combine(options.DataFolder, "index", "gateway.db")) { MigratesByItself = options.MigratesByItself };
    }

    private sealed class ArchiveStartup(IObjectStore store, IStudyIndex index, PublicationJournal journal, SqlLeases leases, TimeProvider time, ILogger<IngestService> logger) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await store.InitializeAsync(cancellationToken);
            await index.InitializeAsync(cancellationToken);
            if (await journal.RecoverAsync(store, index, cancellationToken) is > 0 and int removed)
            {
                Log.OrphansRemoved(logger, removed);
            }

            if (await store.RemoveUnfinishedAsync("", time.GetUtcNow() - ArchiveVerifier.LongestUpload, cancellationToken) is > 0 and int unfinished)
            {
                Log.UnfinishedRemoved(logger, unfinished);
            }

            if (await leases.EndOfDeadProcessesAsync(cancellationToken) is > 0 and int freed)
            {
                Log.LeasesEnded(logger, freed);
            }
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
