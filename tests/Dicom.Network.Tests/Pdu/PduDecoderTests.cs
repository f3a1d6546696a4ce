using System.Buffers;
using CsCheck;

namespace MedicalAi.Dicom.Network.Tests;

public sealed class PduDecoderTests
{
    private static readonly byte[] s_releaseRequest = [5, 0, 0, 0, 0, 4, 0, 0, 0, 0];

    private static readonly AssociateRequest s_request = new(
        1,
        "MEDICALAI",
        "MODALITY",
        "1.2.840.10008.3.1.1.1",
        [new ProposedContext(1, "1.2.840.10008.1.1", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])],
        new UserInformation
        {
            MaxPduLength = 16384,
            ImplementationClassUid = "1.2.3",
            ImplementationVersionName = "TEST",
            AsyncOperationsWindow = (4, 4),
            Roles = [new RoleSelection("1.2.840.10008.1.1", true, false)],
        });

    [Fact]
    public void A_release_request_is_read()
    {
        Assert.Equal(PduStatus.Ok, Decode(s_releaseRequest, out Pdu? pdu));
        Assert.IsType<ReleaseRequest>(pdu);
    }

    [Fact]
    public void An_association_request_survives_the_way_there_and_back()
    {
        Assert.Equal(PduStatus.Ok, Decode(PduEncoder.Encode(s_request), out Pdu? pdu));
        AssociateRequest read = Assert.IsType<AssociateRequest>(pdu);
        Assert.Equal("MODALITY", read.Calling);
        Assert.Equal(s_request.Contexts[0].TransferSyntaxes, read.Contexts[0].TransferSyntaxes);
        Assert.Equal(s_request.User.Roles, read.User.Roles);
        Assert.Equal(((ushort)4, (ushort)4), read.User.AsyncOperationsWindow);
    }

    [Fact]
    public void Every_prefix_of_a_request_asks_for_more()
    {
        byte[] bytes = PduEncoder.Encode(s_request);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(PduStatus.NeedMore, Decode(bytes[..length], out _));
        }
    }

    [Fact]
    public void An_oversize_length_is_refused_before_its_bytes_arrive() =>
        Assert.Equal(PduStatus.InvalidParameter, Decode([4, 0, 0xFF, 0xFF, 0xFF, 0xFF], out _));

    [Fact]
    public void An_unknown_type_is_an_unrecognized_pdu() => Assert.Equal(PduStatus.UnrecognizedPdu, Decode([0x47, 0x45, 0x54, 0x20, 0x2F, 0x20], out _));

    [Fact]
    public void An_item_longer_than_its_request_is_an_error()
    {
        byte[] bytes = PduEncoder.Encode(s_request);
        bytes[6 + 68 + 2] = 0xFF;
        Assert.Equal(PduStatus.InvalidParameter, Decode(bytes, out _));
    }

    [Fact]
    public void Changed_bytes_of_a_request_never_throw() =>
        Gen.Select(Gen.Int[0, 200], Gen.Byte).Array[1, 8].Sample(changes =>
        {
            byte[] bytes = PduEncoder.Encode(s_request);
            foreach ((int index, byte value) in changes)
            {
                bytes[index % bytes.Length] = value;
            }

            Decode(bytes, out _);
        });

    [Fact]
    public void Random_command_sets_never_throw() => Gen.Byte.Array[0, 200].Sample(bytes => { DimseCommand.Decode(bytes); });

    [Fact]
    public void A_command_survives_the_way_there_and_back()
    {
        DimseCommand command = new() { CommandField = 0x8001, MessageId = 7, SopClass = new("1.2.3"), SopInstance = new("1.2.3.4"), Status = 0xA700, ErrorComment = "disk full", OffendingElements = [new DicomTag(0x0008, 0x0018)] };
        byte[] bytes = new byte[DimseCommand.MaxEncodedLength];
        DimseCommand? read = DimseCommand.Decode(bytes.AsSpan(0, command.Encode(bytes)));
        Assert.Equivalent(command, read, strict: true);
    }

    private static PduStatus Decode(byte[] bytes, out Pdu? pdu)
    {
        ReadOnlySequence<byte> buffer = new(bytes);
        return PduDecoder.TryDecode(ref buffer, 65536, out pdu);
    }
}
