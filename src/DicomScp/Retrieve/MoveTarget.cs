using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>The destination of a C-MOVE: an application entity of the registry, on associations of our own.</summary>
/// <param name="request">The C-MOVE.</param>
/// <param name="destination">The destination.</param>
/// <param name="calling">Our AE title.</param>
internal sealed class MoveTarget(DimseRequest request, ApplicationEntity destination, AeTitle calling) : RetrieveTarget
{
    // Where the destination takes several operations at once.
    private const ushort OperationsAtOnce = 8;

    // So many associations in a row without one answer mean that the destination is not there.
    private const int MaxInVain = 2;

    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);
    private readonly DicomClientOptions _options = destination.ToClientOptions(calling) with { MaxOperationsInvoked = OperationsAtOnce };

    /// <inheritdoc />
    public override string Name => $"C-MOVE to {destination.AeTitle}";

    /// <inheritdoc />
    public override StoreOptions Options => new(request.Command.Priority, request.Peer.CallingAe, request.Command.MessageId);

    /// <inheritdoc />
    public override async Task SendAsync(RetrievePlan plan, Func<IReadOnlySet<InstanceKind>?, InstanceSupply> open, SubOperationSender sender, CancellationToken cancellationToken)
    {
        string? unreachable = null;
        foreach ((StorageContexts contexts, HashSet<InstanceKind> kinds) in Group(plan.Kinds))
        {
            await using InstanceSupply instances = open(kinds);
            unreachable ??= await SendAsync(contexts, instances, sender, cancellationToken);
            while (unreachable is not null && !request.IsCancelled && await instances.SkipAsync() is { } row)
            {
                sender.Fail(row, unreachable);
            }
        }
    }

    /// <summary>The kinds in groups whose presentation contexts fit in one association.</summary>
    private static IEnumerable<(StorageContexts Contexts, HashSet<InstanceKind> Kinds)> Group(IEnumerable<InstanceKind> kinds)
    {
        StorageContexts contexts = new();
        HashSet<InstanceKind> group = [];
        foreach (InstanceKind kind in kinds)
        {
            if (!contexts.TryAdd(kind.SopClass, kind.TransferSyntax))
            {
                yield return (contexts, group);
                (contexts, group) = (new StorageContexts(), []);
                contexts.TryAdd(kind.SopClass, kind.TransferSyntax);
            }

            group.Add(kind);
        }

        yield return (contexts, group);
    }

    /// <summary>Sends a group; over a new association after one that was lost.</summary>
    /// <returns>Why the destination cannot be reached, or ends every association; null when neither is so.</returns>
    private async ValueTask<string?> SendAsync(StorageContexts contexts, InstanceSupply instances, SubOperationSender sender, CancellationToken cancellationToken)
    {
        int inVain = 0;
        while (!request.IsCancelled)
        {
            long answered = sender.Answered;
            DicomNetworkException? lost;
            bool isWhole;
            try
            {
                await using DicomClient client = await DicomClient.ConnectAsync(_options, contexts.All, cancellationToken);
                lost = await sender.SendAsync(client, instances, cancellationToken);
                isWhole = client.IsEstablished;
                await ReleaseAsync(client, cancellationToken);
            }
            catch (DicomNetworkException e)
            {
                return e.Message;
            }

            if (isWhole)
            {
                return null;
            }

            inVain = sender.Answered > answered ? 0 : inVain + 1;
            if (inVain >= MaxInVain)
            {
                return lost?.Message ?? "The destination ends every association without an answer";
            }
        }

        return null;
    }

    private static async ValueTask ReleaseAsync(DicomClient client, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_farewell);
        try
        {
            if (client.IsEstablished)
            {
                await client.ReleaseAsync(limit.Token);
            }
        }
        catch (Exception e) when (e is DicomNetworkException or OperationCanceledException)
        {
            // Every instance has its answer: how the association ends changes nothing.
        }
    }
}
