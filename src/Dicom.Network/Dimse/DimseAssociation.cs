using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace MedicalAi.Dicom.Network;

/// <summary>
/// The messages of one association, of either side: performs the operations that the peer asks for, and invokes ours on it. One loop
/// reads all that comes; operations of the peer run beside it, as many as the asynchronous operations window allows (PS3.7 D.3.3.3),
/// and what answers ours is handed to who waits for it.
/// </summary>
#pragma warning disable CA1001 // Semaphores without a wait handle hold nothing that has to be given back.
public abstract partial class DimseAssociation
#pragma warning restore CA1001
{
    private readonly bool _isRequestor;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Both under the gate: operations of the peer that run beside the reading, by message ID, and how many run in all.
    private readonly Dictionary<ushort, (DimseRequest Request, Task Performing)> _beside = [];

    // Those of them whose last response is being sent: to the peer, who may have it already, they are over.
    private readonly Dictionary<DimseRequest, Task> _ending = [];
    private int _performing;
    private long _asked;
    private long _answered;
    private SemaphoreSlim _performWindow = new(1);
    private int _performLimit = 1;

    private protected DimseAssociation(Association upper, bool isRequestor, ILogger logger)
    {
        Upper = upper;
        Messages = new DimseChannel(upper);
        _isRequestor = isRequestor;
        _logger = logger;
    }

    /// <summary>Who is at the other end.</summary>
    public AssociationPeer Peer { get; private protected set; } = AssociationPeer.Unknown;

    /// <summary>The presentation contexts, in the order of the proposal.</summary>
    public IReadOnlyList<NegotiatedContext> Contexts { get; private protected set; } = [];

    /// <summary>Whether operations can still be asked for.</summary>
    public bool IsEstablished => Upper.State == AssociationState.Sta6 && Upper.Failure is null;

    /// <summary>The most operations that may be invoked at once (PS3.7 D.3.3.3); who asks for more waits. 0 for any number.</summary>
    public int OperationsInvoked { get; private set; } = 1;

    /// <summary>Ends when the association has ended, however it did. Never fails.</summary>
    public Task Ended => _ended.Task;

    /// <summary>How many operations the peer has asked for so far: while it does not grow, the peer waits.</summary>
    public long Asked => Interlocked.Read(ref _asked);

    internal Association Upper { get; }

    internal DimseChannel Messages { get; }

    /// <summary>How many requests of the peer were answered.</summary>
    private protected long Answered => Interlocked.Read(ref _answered);

    /// <summary>Who performs what the peer asks for in a presentation context; null when nothing may be asked for in it.</summary>
    private protected abstract ServedContext? FindServed(byte context);

    /// <summary>Sets how many operations may be under way at once; 0 stands for any number (PS3.7 D.3.3.3).</summary>
    /// <param name="invoked">Those that we invoke.</param>
    /// <param name="performed">Those that we perform.</param>
    private protected void SetWindow(ushort invoked, ushort performed)
    {
        OperationsInvoked = invoked;
        _invokeWindow = new SemaphoreSlim(invoked == 0 ? ushort.MaxValue : invoked);
        _performLimit = performed == 0 ? ushort.MaxValue : performed;
        _performWindow = new SemaphoreSlim(_performLimit);
    }

    /// <summary>
    /// Reads and handles what comes until the peer asks for release (<see cref="AssociationState.Sta8"/>) or answers ours, or a stop is requested
    /// while nothing is under way; then everything that ran has ended.
    /// </summary>
    /// <exception cref="DicomNetworkException">The association failed.</exception>
    /// <exception cref="OperationCanceledException">It was abandoned.</exception>
    private protected async Task RunAsync(CancellationToken abandoned)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(abandoned);
        try
        {
            while (await Messages.ReadCommandAsync(abandoned) is { } message)
            {
                await TakeAsync(message.Context, message.Command, ended.Token);
            }

            if (HasInvoked && Upper.State == AssociationState.Sta8)
            {
                await Upper.AbortAsync(abandoned);
                throw new DicomNetworkException(NetworkFailure.ProtocolError, "The peer asked for release instead of answering.");
            }

            // Who asks for release no longer wants what still runs.
            foreach ((DimseRequest request, Task performing) in Beside())
            {
                request.Cancel();
                await performing;
            }

            if (Upper.Failure is { } failure)
            {
                throw failure;
            }
        }
        catch (Exception exception)
        {
            // What runs beside is told by its token; who waits for the peer, by the failure.
            DicomNetworkException first = Upper.Fail(exception as DicomNetworkException ?? new DicomNetworkException(NetworkFailure.ConnectionLost, "We gave the association up.", exception));
            await ended.CancelAsync();
            foreach ((_, Task performing) in Beside())
            {
                await performing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (exception is DicomNetworkException && first != exception)
            {
                throw first;
            }

            throw;
        }
        finally
        {
            EndInvoked();
        }
    }

    private async ValueTask TakeAsync(byte contextId, DimseCommand command, CancellationToken cancellationToken)
    {
        if (command.IsResponse)
        {
            await TakeResponseAsync(contextId, command, cancellationToken);
            return;
        }

        if (command.CommandField == DimseCommand.CCancelRequest)
        {
            lock (_gate)
            {
                if (_beside.TryGetValue(command.MessageId, out (DimseRequest Request, Task Performing) running))
                {
                    running.Request.Cancel();
                }
            }

            // One for an operation that has ended has no answer (PS3.7 9.3.2.3).
            return;
        }

        if (FindServed(contextId) is not { } context)
        {
            throw await Upper.BreakAsync(6, "A message came in a presentation context that was not accepted.", CancellationToken.None);
        }

        if (Upper.Channel.StopRequested)
        {
            await Upper.AbortAsync(CancellationToken.None);
            throw new DicomNetworkException(NetworkFailure.Stopped, "We are stopping, and the peer asked for more.");
        }

        Interlocked.Increment(ref _asked);
        await BeginAsync(context, command, cancellationToken);
    }

    private async ValueTask BeginAsync(ServedContext context, DimseCommand command, CancellationToken cancellationToken)
    {
        // Where the peer has to wait for our answer anyway, there is nothing to read meanwhile.
        bool isAlone = _performLimit == 1 && !command.IsCancellable && !HasBeside;
        DimseRequest request = new(this, context, command, isAwaitedByReader: !isAlone);
        if (isAlone)
        {
            Count(+1);
            try
            {
                await PerformAsync(request, cancellationToken);
            }
            finally
            {
                Count(-1);
            }

            return;
        }

        if (!await TryEnterWindowAsync(cancellationToken))
        {
            await RefuseAsync(request, new DimseResponse(DimseStatus.ResourceLimitation, "More operations at once than were negotiated"), cancellationToken);
            return;
        }

        Count(+1);
        TaskCompletionSource<Task> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isNew;
        lock (_gate)
        {
            isNew = _beside.TryAdd(command.MessageId, (request, started.Task.Unwrap()));
        }

        if (!isNew)
        {
            await RefuseAsync(request, new DimseResponse(DimseStatus.DuplicateInvocation, "The message ID is that of an operation that runs"), cancellationToken);
            Count(-1);
            _performWindow.Release();
            return;
        }

        // An operation that the peer may cancel must not keep us from reading, even if it never waits.
        Task performing = command.IsCancellable ? Task.Run(() => PerformBesideAsync(request, cancellationToken), CancellationToken.None) : PerformBesideAsync(request, cancellationToken);
        started.SetResult(performing);
        await request.DataSetEnded;
    }

    // A peer that asks for more than was agreed waits, and we read on when there is room; not where what runs needs us to read.
    private async ValueTask<bool> TryEnterWindowAsync(CancellationToken cancellationToken)
    {
        if (_performWindow.Wait(0, CancellationToken.None))
        {
            return true;
        }

        if (MustReadOn)
        {
            return false;
        }

        await _performWindow.WaitAsync(cancellationToken);
        return true;
    }

    private static async ValueTask RefuseAsync(DimseRequest request, DimseResponse response, CancellationToken cancellationToken)
    {
        await request.DrainAsync(cancellationToken);
        await request.SendAsync(response, CancellationToken.None);
    }

    private bool HasBeside
    {
        get
        {
            lock (_gate)
            {
                return _beside.Count + _ending.Count > 0;
            }
        }
    }

    private bool HasInvoked
    {
        get
        {
            lock (_gate)
            {
                return _invoked.Count > 0;
            }
        }
    }

    // Answers to what we have invoked are waited for, or will be: a C-GET invokes as it goes.
    private bool MustReadOn
    {
        get
        {
            lock (_gate)
            {
                return _invoked.Count > 0 || _beside.Values.Any(running => running.Request.Command.CommandField == DimseCommand.CGetRequest);
            }
        }
    }

    private (DimseRequest Request, Task Performing)[] Beside()
    {
        lock (_gate)
        {
            return [.. _beside.Values, .. _ending.Select(entry => (entry.Key, entry.Value))];
        }
    }

    // The peer may ask for more, and use the message ID again, as soon as it has the response: before we are back from sending it.
    private void LeaveWindow(DimseRequest request)
    {
        lock (_gate)
        {
            if (_beside.TryGetValue(request.Command.MessageId, out (DimseRequest Request, Task Performing) entry) && entry.Request == request)
            {
                _beside.Remove(request.Command.MessageId);
                _ending.Add(request, entry.Performing);
                _performWindow.Release();
            }
        }
    }

    private async Task PerformBesideAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await PerformAsync(request, cancellationToken);
        }
        catch (DicomNetworkException exception)
        {
            // The loop that reads ends with it.
            Upper.Fail(exception);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The loop that reads knows why.
        }
        finally
        {
            LeaveWindow(request);
            lock (_gate)
            {
                _ending.Remove(request);
            }

            Count(-1);
        }
    }

    private async ValueTask PerformAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        DimseResponse response;
        try
        {
            response = await HandleAsync(request, cancellationToken);
            await request.DrainAsync(cancellationToken);
            LeaveWindow(request);
            await request.SendAsync(response, CancellationToken.None);
        }
        finally
        {
            request.End();
        }

        Interlocked.Increment(ref _answered);
        NetworkMetrics.Answered(request.Command.CommandField, response.Status, start);
        if (response.Status is not (DimseStatus.Success or DimseStatus.Cancel))
        {
            Log.Refused(_logger, request.Command.CommandField, Peer.CallingAe, request.Command.SopInstance?.Value, response.Status, response.ErrorComment);
        }
    }

    private async ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await request.Context.Service.HandleAsync(request, cancellationToken);
        }
#pragma warning disable CA1031 // Whatever a service throws must become an answer on the wire, never the end of the server.
        catch (Exception exception) when (exception is not DicomNetworkException && !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.ServiceFailed(_logger, exception, request.Command.CommandField, Peer.CallingAe);
            return new DimseResponse(DimseStatus.ProcessingFailure, "Processing failure");
        }
    }

    private void Count(int change)
    {
        lock (_gate)
        {
            _performing += change;
            Await();
        }
    }

    // Whose turn it is, under the gate. An acceptor waits for requests, a requestor only for answers.
    private void Await() => Upper.Channel.SetAwaited(
        isAwaited: _invoked.Count > 0 || (!_isRequestor && _performing == 0),
        mayStop: _invoked.Count == 0 && _performing == 0);
}
