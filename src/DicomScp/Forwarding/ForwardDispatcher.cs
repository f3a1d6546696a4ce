using MedicalAi.Archive;
using MedicalAi.Dicom.Network;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomScp;

/// <summary>Keeps the senders of each destination of the registry at work, and who asks it for storage commitment.</summary>
internal sealed class ForwardDispatcher(
    AeRegistryFile registry,
    IForwardQueue queue,
    ArchiveReader archive,
    ForwardStatus status,
    ForwardCommitments commitments,
    DicomServerOptions options,
    TimeProvider time,
    ILogger<ForwardDispatcher> logger) : BackgroundService
{
    // In the place of a sender's number. It is there even where commitment is not wanted: it may have been when something was sent.
    private const int Committer = -1;
    private readonly SenderServices _services = new(registry, queue, archive, status, commitments, options.AeTitle, time, logger);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Dictionary<(string Title, int Number), Running> senders = [];
        List<Task> ending = [];
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                AeRegistry now = registry.Current;
                HashSet<(string, int)> wanted =
                [
                    .. now.Entities.Where(entity => entity.IsDestination).SelectMany(entity => Enumerable.Range(Committer, entity.Sending.Associations - Committer).Select(number => (entity.AeTitle.Value, number))),
                ];
                foreach (((string, int) key, Running sender) in senders.Where(sender => !wanted.Contains(sender.Key)).ToArray())
                {
                    ending.Add(EndAsync(sender));
                    senders.Remove(key);
                }

                foreach ((string title, int number) in wanted.Where(key => !senders.ContainsKey(key)))
                {
                    CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                    Task work = number == Committer ? new DestinationCommitter(title, _services).RunAsync(stop.Token) : new DestinationSender(title, number, _services).RunAsync(stop.Token);
                    senders.Add((title, number), new Running(work, stop));
                }

                ending.RemoveAll(work => work.IsCompleted);
                await registry.WaitForChangeAsync(now, stoppingToken);

                // What was wrong with a destination may be put right now.
                foreach (ApplicationEntity entity in registry.Current.Entities.Where(entity => entity.IsDestination))
                {
                    status.TryNow(entity.AeTitle.Value);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The orderly end: each sender ends what it is at.
        }
        finally
        {
            await Task.WhenAll([.. ending, .. senders.Values.Select(EndAsync)]);
        }
    }

    private static async Task EndAsync(Running sender)
    {
        using (sender.Stop)
        {
            await sender.Stop.CancelAsync();
            await sender.Work;
        }
    }

    private sealed record Running(Task Work, CancellationTokenSource Stop);
}
