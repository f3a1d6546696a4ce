using System.Buffers;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Fuzz;

public sealed class NetworkFuzz
{
    private static readonly byte[][] s_pdus =
    [
        PduEncoder.Encode(new AssociateRequest(
            1,
            "MEDICALAI",
            "MODALITY",
            "1.2.840.10008.3.1.1.1",
            [new ProposedContext(1, "1.2.840.10008.1.1", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"]), new ProposedContext(3, "1.2.840.10008.5.1.4.1.1.2", ["1.2.840.10008.1.2"])],
            new UserInformation
            {
                MaxPduLength = 16384,
                ImplementationClassUid = "1.2.3",
                ImplementationVersionName = "TEST",
                AsyncOperationsWindow = (4, 4),
                Roles = [new RoleSelection("1.2.840.10008.1.1", true, false)],
            })),
        [4, 0, 0, 0, 0, 8, 0, 0, 0, 4, 1, 3, 0xAA, 0xBB],
        [5, 0, 0, 0, 0, 4, 0, 0, 0, 0],
        [7, 0, 0, 0, 0, 4, 0, 0, 2, 1],
    ];

    [Fact]
    public async Task Broken_PDUs_are_refused_or_read_within_their_bounds() => await FuzzRun.RunAsync(
        random => Mutator.Mutate(random, s_pdus[random.Next(s_pdus.Length)], s_pdus),
        (random, bytes) =>
        {
            ReadOnlySequence<byte> buffer = Sequence(Mutator.Blocks(random, bytes));
            while (true)
            {
                long before = buffer.Length;
                ReadOnlySequence<byte> rest = buffer;
                PduStatus status = FuzzRun.Bounded((64L * bytes.Length) + (256 * 1024), () => PduDecoder.TryDecode(ref rest, 16384, out _));
                if (status != PduStatus.Ok)
                {
                    Assert.Equal(before, rest.Length);
                    break;
                }

                Assert.True(rest.Length <= before - PduDecoder.HeaderLength);
                buffer = rest;
            }
        });

    [Fact]
    public async Task Broken_commands_are_refused_or_read()
    {
        byte[] whole = new byte[DimseCommand.MaxEncodedLength];
        DimseCommand store = new() { CommandField = DimseCommand.CStoreRequest, MessageId = 7, SopClass = DicomUids.CTImageStorage, SopInstance = new DicomUid("1.2.3"), HasDataSet = true };
        DimseCommand response = new() { CommandField = 0x8001, MessageId = 7, SopClass = DicomUids.CTImageStorage, Status = 0xA900, OffendingElements = [DicomTags.SOPClassUID], ErrorComment = "no" };
        byte[][] commands = [whole[..store.Encode(whole)], [.. whole[..response.Encode(whole)]]];
        await FuzzRun.RunAsync(
            random => Mutator.Mutate(random, commands[random.Next(2)], commands),
            (_, bytes) =>
            {
                if (FuzzRun.Bounded((16L * bytes.Length) + 4096, () => DimseCommand.Decode(bytes)) is { } command)
                {
                    byte[] target = new byte[DimseCommand.MaxEncodedLength];
                    Assert.NotNull(DimseCommand.Decode(target.AsSpan(0, command.Encode(target))));
                }
            });
    }

    private static ReadOnlySequence<byte> Sequence(IEnumerable<byte[]> blocks)
    {
        Segment? first = null, last = null;
        foreach (byte[] block in blocks)
        {
            last = last is null ? first = new Segment(block, 0) : last.Append(block);
        }

        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Segment Append(byte[] memory)
        {
            Segment next = new(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
