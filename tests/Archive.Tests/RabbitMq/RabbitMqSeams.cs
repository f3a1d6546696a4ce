using MedicalAi.Testing;
using Microsoft.Extensions.Logging.Abstractions;

[assembly: AssemblyFixture(typeof(RabbitMqBroker))]

namespace MedicalAi.Archive.Tests;

/// <summary>The embedded archive with the work queue on RabbitMQ, under names of its own.</summary>
internal sealed class RabbitMqSeams(TestArchive archive, RabbitMqOptions options) : ISeams
{
    private readonly RabbitMqWorkQueue _queue = new(options, archive.Clock, NullLogger<RabbitMqWorkQueue>.Instance);

    public string Prefix => options.Prefix;

    public SettableClock Clock => archive.Clock;

    public ArchiveSignals Signals => archive.Signals;

    public IObjectStore Store => archive.Store;

    public IStudyIndex Studies => archive.Studies;

    public ITaskIndex Tasks => archive.Tasks;

    public IReportIndex Reports => archive.Reports;

    public IWorkQueue Queue => _queue;

    public IForwardQueue Forwarding => archive.Forwarding;

    public ICommitmentIndex Commitments => archive.Commitments;

    public IProcedureIndex Procedures => archive.Procedures;

    public static RabbitMqOptions Options(RabbitMqBroker broker) => new() { Url = broker.Url, Prefix = $"test-{Guid.NewGuid():N}", MaximumDeliveries = 3 };

    public static async Task<RabbitMqSeams> CreateAsync(RabbitMqBroker broker, RabbitMqOptions? options = null)
    {
        await broker.StartAsync(TestContext.Current.CancellationToken);
        return new RabbitMqSeams(await TestArchive.CreateAsync(), options ?? Options(broker));
    }

    public async ValueTask DisposeAsync()
    {
        await _queue.DisposeAsync();
        await archive.DisposeAsync();
    }
}
