using System.Text;

namespace MedicalAi.Dicom.Network.Tests;

/// <summary>Extended negotiation, user identities and who may do what (PS3.7 annex D).</summary>
public sealed class NegotiationTests
{
    private static readonly DicomUid s_private = new("1.2.3.4.5.6");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Service_class_application_information_is_answered_and_reaches_the_service()
    {
        ReadOnlyMemory<byte> seen = default;
        SinkService service = new()
        {
            Extended = proposed => [.. proposed.Select(b => (byte)(b & 1))],
            OnRequest = (request, _) =>
            {
                seen = request.ExtendedNegotiation;
                return new ValueTask<DimseResponse?>(new DimseResponse(DimseStatus.Success));
            },
        };
        await using TestServer server = await TestServer.StartAsync(service);
        DicomClientOptions options = To(server.Port) with { ExtendedNegotiation = new Dictionary<DicomUid, IReadOnlyList<byte>> { [DicomUids.Verification] = [1, 2, 3] } };
        await using DicomClient client = await DicomClient.ConnectAsync(options, [PresentationContext.Verification], Token);
        Assert.Equal([1, 0, 1], client.Contexts[0].ExtendedNegotiation.ToArray());
        await client.EchoAsync(Token);
        Assert.Equal([1, 0, 1], seen.ToArray());
    }

    [Fact]
    public async Task Without_an_agreement_nothing_is_answered()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService());
        DicomClientOptions options = To(server.Port) with { ExtendedNegotiation = new Dictionary<DicomUid, IReadOnlyList<byte>> { [DicomUids.Verification] = [1] } };
        await using DicomClient client = await DicomClient.ConnectAsync(options, [PresentationContext.Verification], Token);
        Assert.True(client.Contexts[0].ExtendedNegotiation.IsEmpty);
    }

    [Fact]
    public async Task A_SOP_class_that_is_not_known_is_taken_for_what_common_extended_negotiation_says_of_it()
    {
        SinkService service = new() { Related = (serviceClass, related) => serviceClass.Value == "1.2.840.10008.4.2" && related.SequenceEqual([DicomUids.CTImageStorage]) };
        await using TestServer server = await TestServer.StartAsync(service);
        AssociateRequest request = RawPeer.Request with { Contexts = [new ProposedContext(1, s_private.Value, [TransferSyntax.ImplicitVrLittleEndian.Uid.Value])] };
        Assert.Equal(3, await ResultAsync(request));
        CommonExtendedNegotiation common = new(s_private.Value, "1.2.840.10008.4.2", [DicomUids.CTImageStorage.Value]);
        Assert.Equal(0, await ResultAsync(request with { User = request.User with { CommonExtended = [common] } }));
        Assert.Equal(3, await ResultAsync(request with { User = request.User with { CommonExtended = [common with { Related = [] }] } }));

        async Task<int> ResultAsync(AssociateRequest asked)
        {
            using RawPeer peer = await RawPeer.ConnectAsync(server.Port);
            await peer.SendAsync(asked);
            return Assert.Single(Assert.IsType<AssociateAccept>(await peer.ReadAsync()).Contexts).Result;
        }
    }

    [Fact]
    public async Task A_user_is_let_in_by_its_identity_and_known_to_the_service()
    {
        string? seen = null;
        SinkService service = new()
        {
            OnRequest = (request, _) =>
            {
                seen = request.Peer.User;
                return new ValueTask<DimseResponse?>(new DimseResponse(DimseStatus.Success));
            },
        };
        TestPolicy policy = new()
        {
            Admit = (_, identity) => identity is { Type: UserIdentityType.UsernameAndPasscode, PrimaryText: "müller", SecondaryText: "geheim" }
                ? new Admission(null, identity.PrimaryText, Encoding.ASCII.GetBytes("welcome"))
                : new Admission(AssociationRefusal.NoReason),
        };
        await using TestServer server = await TestServer.StartAsync(service, policy: policy);
        UserIdentity user = UserIdentity.OfPasscode("müller", "geheim") with { IsResponseRequested = true };
        await using DicomClient client = await DicomClient.ConnectAsync(To(server.Port) with { Identity = user }, [PresentationContext.Verification], Token);
        Assert.Equal("welcome"u8.ToArray(), client.IdentityResponse?.ToArray());
        await client.EchoAsync(Token);
        Assert.Equal("müller", seen);
        await using DicomClient silent = await DicomClient.ConnectAsync(To(server.Port) with { Identity = user with { IsResponseRequested = false } }, [PresentationContext.Verification], Token);
        Assert.Null(silent.IdentityResponse);
        foreach (UserIdentity? other in new[] { UserIdentity.OfPasscode("müller", "falsch"), UserIdentity.OfName("müller"), UserIdentity.OfToken("e30.e30."), null })
        {
            AssociationRejectedException refused = await Assert.ThrowsAsync<AssociationRejectedException>(
                () => DicomClient.ConnectAsync(To(server.Port) with { Identity = other }, [PresentationContext.Verification], Token));
            Assert.Equal((1, 1, 1), (refused.Result, refused.RejectSource, refused.Reason));
        }
    }

    [Fact]
    public async Task What_a_peer_may_not_do_is_refused_by_context()
    {
        TestPolicy policy = new() { MayUse = (_, sopClass) => sopClass == DicomUids.Verification };
        await using TestServer server = await TestServer.StartAsync(new SinkService(), policy: policy);
        await using DicomClient client = await DicomClient.ConnectAsync(To(server.Port), [PresentationContext.Verification, new PresentationContext(DicomUids.CTImageStorage, [TransferSyntax.ExplicitVrLittleEndian])], Token);
        Assert.Equal([0, 1], client.Contexts.Select(context => (int)context.Result));
    }

    [Fact]
    public async Task A_peer_has_no_more_associations_than_it_may_and_others_are_not_concerned()
    {
        TestPolicy policy = new() { Most = peer => peer.CallingAe == "GREEDY" ? 2 : null };
        await using TestServer server = await TestServer.StartAsync(new SinkService(), policy: policy);
        DicomClientOptions greedy = To(server.Port) with { CallingAe = AeTitle.Parse("GREEDY") };
        await using DicomClient first = await DicomClient.ConnectAsync(greedy, [PresentationContext.Verification], Token);
        DicomClient second = await DicomClient.ConnectAsync(greedy, [PresentationContext.Verification], Token);
        AssociationRejectedException refused = await Assert.ThrowsAsync<AssociationRejectedException>(() => DicomClient.ConnectAsync(greedy, [PresentationContext.Verification], Token));
        Assert.Equal((2, 3, 2), (refused.Result, refused.RejectSource, refused.Reason));
        Assert.True(refused.IsTransient);
        await using DicomClient other = await DicomClient.ConnectAsync(To(server.Port), [PresentationContext.Verification], Token);
        await second.ReleaseAsync(Token);
        await second.DisposeAsync();
        await using DicomClient third = await ConnectWhenThereIsRoomAsync(greedy);
        Assert.Equal(DimseStatus.Success, (await third.EchoAsync(Token)).Status);
    }

    [Fact]
    public async Task A_data_set_that_drips_is_given_up()
    {
        await using TestServer server = await TestServer.StartAsync(new SinkService(), new DicomServerOptions { IdleTimeout = TimeSpan.FromMilliseconds(400), MinDataRate = 1000 });
        using RawPeer peer = await RawPeer.AssociateAsync(server.Port);
        await peer.SendCommandAsync(3, new DimseCommand { CommandField = DimseCommand.CStoreRequest, MessageId = 1, SopClass = DicomUids.CTImageStorage, SopInstance = new("1.2.3"), HasDataSet = true });
        Task<Pdu?> answer = peer.ReadAsync();
        while (!answer.IsCompleted)
        {
            // Each part comes well within the time of idle associations.
            await peer.SendAsync(4, 0, 0, 0, 0, 8, 0, 0, 0, 4, 3, 0, 9, 9);
            await Task.WhenAny(answer, Task.Delay(50, Token));
        }

        Assert.Equal(new AbortPdu(0, 0), await answer);
    }

    // The server learns of the end of an association a moment after the peer.
    private static async Task<DicomClient> ConnectWhenThereIsRoomAsync(DicomClientOptions options)
    {
        while (true)
        {
            try
            {
                return await DicomClient.ConnectAsync(options, [PresentationContext.Verification], Token);
            }
            catch (AssociationRejectedException)
            {
                await Task.Delay(10, Token);
            }
        }
    }

    private static DicomClientOptions To(int port) => new() { Host = "127.0.0.1", Port = port, CalledAe = AeTitle.Parse("MEDICALAI") };

    private sealed class TestPolicy : AssociationPolicy
    {
        public Func<AssociationPeer, UserIdentity?, Admission> Admit { get; init; } = (_, _) => default;

        public Func<AssociationPeer, DicomUid, bool> MayUse { get; init; } = (_, _) => true;

        public Func<AssociationPeer, int?> Most { get; init; } = _ => null;

        public override ValueTask<Admission> AdmitAsync(AssociationPeer peer, UserIdentity? identity, CancellationToken cancellationToken) => ValueTask.FromResult(Admit(peer, identity));

        public override bool Permits(AssociationPeer peer, DicomUid sopClass) => MayUse(peer, sopClass);

        public override int? MaxAssociations(AssociationPeer peer) => Most(peer);
    }
}
