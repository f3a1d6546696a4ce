using System.IO.Pipelines;

namespace MedicalAi.Dicom.Network.Tests;

/// <summary>Both sides of an association over pipes in memory.</summary>
public sealed class AssociationTests : IDisposable
{
    private readonly PduChannel _requestorChannel;
    private readonly PduChannel _acceptorChannel;
    private readonly Association _requestor;
    private readonly Association _acceptor;
    private readonly Pipe _toAcceptor = new();
    private readonly Pipe _toRequestor = new();

    public AssociationTests()
    {
        _requestorChannel = new PduChannel(_toRequestor.Reader, _toAcceptor.Writer, 65536);
        _acceptorChannel = new PduChannel(_toAcceptor.Reader, _toRequestor.Writer, 65536);
        _requestor = new Association(_requestorChannel, isRequestor: true, TimeSpan.FromSeconds(20));
        _acceptor = new Association(_acceptorChannel, isRequestor: false, TimeSpan.FromSeconds(20));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task States_follow_the_way_of_an_association()
    {
        await AssociateAsync();
        Assert.Equal((AssociationState.Sta6, AssociationState.Sta6), (_requestor.State, _acceptor.State));
        Task release = ReleaseAsync(_requestor);
        Assert.Equal(AssociationState.Sta7, _requestor.State);
        Assert.IsType<ReleaseRequest>(await _acceptor.ReceiveAsync(stoppable: false, Token));
        Assert.Equal(AssociationState.Sta8, _acceptor.State);
        await _acceptor.AnswerReleaseAsync(Token);
        await release;
        Assert.Equal((AssociationState.Sta1, AssociationState.Sta13), (_requestor.State, _acceptor.State));
        await _toAcceptor.Writer.CompleteAsync();
        await _acceptor.CloseAsync();
        Assert.Equal(AssociationState.Sta1, _acceptor.State);
    }

    [Fact]
    public async Task Both_sides_may_ask_for_release_at_once()
    {
        await AssociateAsync();
        Task requestor = ReleaseAsync(_requestor), acceptor = ReleaseAsync(_acceptor);
        await requestor;
        await acceptor;
        Assert.Equal((AssociationState.Sta1, AssociationState.Sta13), (_requestor.State, _acceptor.State));
    }

    [Fact]
    public async Task An_abort_reaches_the_other_side_with_source_and_reason()
    {
        await AssociateAsync();
        DicomNetworkException ours = await _requestor.BreakAsync(6, "wrong", Token);
        Assert.Equal(NetworkFailure.ProtocolError, ours.Failure);
        AssociationAbortedException theirs = await Assert.ThrowsAsync<AssociationAbortedException>(async () => await _acceptor.ReceiveAsync(stoppable: false, Token));
        Assert.Equal((2, 6), (theirs.AbortSource, theirs.Reason));
        Assert.Equal((AssociationState.Sta13, AssociationState.Sta1), (_requestor.State, _acceptor.State));
    }

    [Fact]
    public async Task What_may_not_be_sent_now_is_a_mistake_of_the_program()
    {
        await AssociateAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _acceptor.AnswerReleaseAsync(Token));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _requestor.RequestAsync(RawPeer.Request, Token));
    }

    [Fact]
    public async Task A_stop_ends_the_wait_for_a_next_PDU_but_not_within_one()
    {
        await AssociateAsync();
        byte[] release = PduEncoder.Encode(new ReleaseRequest());
        await _toAcceptor.Writer.WriteAsync(release.AsMemory(0, 3), Token);
        ValueTask<Pdu?> within = _acceptor.ReceiveAsync(stoppable: true, Token);
        _acceptorChannel.RequestStop();
        await _toAcceptor.Writer.WriteAsync(release.AsMemory(3), Token);
        Assert.IsType<ReleaseRequest>(await within);
        Assert.Null(await _acceptor.ReceiveAsync(stoppable: true, Token));
    }

    public void Dispose()
    {
        _requestorChannel.Dispose();
        _acceptorChannel.Dispose();
    }

    private static async Task ReleaseAsync(Association association)
    {
        await association.RequestReleaseAsync(Token);
        await association.FinishReleaseAsync(Token);
    }

    private async Task AssociateAsync()
    {
        _requestor.Opened();
        _acceptor.Opened();
        await _requestor.RequestAsync(RawPeer.Request, Token);
        Assert.Equal((AssociationState.Sta5, AssociationState.Sta2), (_requestor.State, _acceptor.State));
        AssociateRequest request = Assert.IsType<AssociateRequest>(await _acceptor.ReceiveAsync(stoppable: false, Token));
        Assert.Equal(AssociationState.Sta3, _acceptor.State);
        await _acceptor.AcceptAsync(new AssociateAccept(request.Called, request.Calling, request.ApplicationContext, [], request.User), Token);
        Assert.IsType<AssociateAccept>(await _requestor.ReceiveAsync(stoppable: false, Token));
    }
}
