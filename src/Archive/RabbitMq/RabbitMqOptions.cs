namespace MedicalAi.Archive;

/// <summary>The settings of the work queue on RabbitMQ.</summary>
public sealed record RabbitMqOptions
{
    /// <summary>Where the broker is, with user, password and virtual host: <c>amqp://user:password@host:5672/vhost</c>, or <c>amqps</c> for TLS.</summary>
    public required Uri Url { get; init; }

    /// <summary>What the names of our queues and exchanges begin with.</summary>
    public string Prefix { get; init; } = "medicalai";

    /// <summary>The most deliveries whose receivers ended without a word, before a message is put aside. An argument of the queues: to change it, delete them.</summary>
    public int MaximumDeliveries { get; init; } = 100;

    /// <summary>The most messages of each inference queue that this process holds; not fewer than the tasks that it has under way.</summary>
    public int InferencePrefetch { get; init; } = 64;

    /// <summary>The most messages of each report queue that this process holds; not fewer than the tasks that it has under way.</summary>
    public int ReportPrefetch { get; init; } = 8;

    /// <summary>How long an answer of the broker is waited for, a publisher confirm included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A connection on which nothing is heard for about twice as long counts as lost. The broker looks at it in the same way.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait before a lost broker is tried again.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    internal int Prefetch(WorkKind kind) => kind == WorkKind.Infer ? InferencePrefetch : ReportPrefetch;
}
