using System.Threading.Channels;

namespace MedicalAi.Dicom.Network;

/// <summary>A response as it came.</summary>
/// <param name="Command">Its command set.</param>
/// <param name="DataSet">Its data set as bytes, in the transfer syntax of the request's context; empty when it has none.</param>
internal readonly record struct ReceivedResponse(DimseCommand Command, ReadOnlyMemory<byte> DataSet);

/// <summary>An operation of ours that waits for its responses.</summary>
internal sealed class InvokedOperation(NegotiatedContext context, ushort commandField)
{
    // So many matches wait for who asked for them; then the peer waits.
    private const int MaxWaiting = 64;

    private readonly Channel<ReceivedResponse> _responses = Channel.CreateBounded<ReceivedResponse>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, SingleWriter = false, AllowSynchronousContinuations = true });

    private volatile bool _isAbandoned;

    public NegotiatedContext Context => context;

    public ushort CommandField => commandField;

    public ushort MessageId { get; set; }

    /// <summary>Nobody waits for the responses any more: they are dropped.</summary>
    public void Abandon()
    {
        _isAbandoned = true;
        while (_responses.Reader.TryRead(out _))
        {
        }
    }

    /// <summary>Hands a response over; waits while too many wait.</summary>
    public ValueTask AddAsync(ReceivedResponse response, CancellationToken cancellationToken) =>
        _isAbandoned ? ValueTask.CompletedTask : _responses.Writer.WriteAsync(response, cancellationToken);

    /// <summary>Says that no response follows: the last one has come, or the association has failed.</summary>
    public void End(DicomNetworkException? failure = null) => _responses.Writer.TryComplete(failure);

    /// <summary>The next response.</summary>
    /// <exception cref="DicomNetworkException">The association failed.</exception>
    public async ValueTask<ReceivedResponse> NextAsync(CancellationToken cancellationToken)
    {
        while (await _responses.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_responses.Reader.TryRead(out ReceivedResponse response))
            {
                return response;
            }
        }

        throw new DicomNetworkException(NetworkFailure.ConnectionLost, "The association has ended.");
    }
}
