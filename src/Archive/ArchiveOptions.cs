namespace MedicalAi.Archive;

/// <summary>The settings of the archive.</summary>
public sealed record ArchiveOptions
{
    /// <summary>The folder of objects, staging and index; made when it is missing. All of it is on one file system.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The S3 server that keeps the objects; null to keep them as files in the data folder.</summary>
    public S3Options? S3 { get; init; }

    /// <summary>The PostgreSQL of the index; null for SQLite in the data folder.</summary>
    public PostgresOptions? Postgres { get; init; }

    /// <summary>Whether the start brings the schema of the index up to date; else it fails when that is older.</summary>
    public bool MigratesByItself { get; init; } = true;

    /// <summary>A study with no new instance for this long is stable.</summary>
    public TimeSpan StudyStability { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A performed procedure step that is in progress holds its studies back from becoming stable, so long after it was last heard of at most.</summary>
    public TimeSpan MaximumHold { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The most instances of one group commit.</summary>
    public int MaximumBatch { get; init; } = 256;

    /// <summary>The most claims of a task's phase before it fails for good.</summary>
    public int MaximumAttempts { get; init; } = 5;

    /// <summary>The wait after the first failure; it doubles with each, up to <see cref="MaximumBackOff"/>, and a part of it is random.</summary>
    public TimeSpan BackOff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait after a failure.</summary>
    public TimeSpan MaximumBackOff { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The most deliveries of a message of the embedded queue whose receivers ended without a word, before it is put aside.</summary>
    public int MaximumDeliveries { get; init; } = 100;

    /// <summary>The message broker of the work queue; null for the embedded queue.</summary>
    public RabbitMqOptions? RabbitMq { get; init; }
}
