using System.Buffers;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Fuzz;

/// <summary>PDUs and commands to break.</summary>
internal static class NetworkInputs
{
    /// <summary>PDUs of every kind that a peer sends.</summary>
    public static IReadOnlyList<byte[]> Pdus { get; } =
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

    /// <summary>Command sets of a request and a response.</summary>
    public static IReadOnlyList<byte[]> Commands { get; } =
    [
        Encode(new DimseCommand { CommandField = DimseCommand.CStoreRequest, MessageId = 7, SopClass = DicomUids.CTImageStorage, SopInstance = new DicomUid("1.2.3"), HasDataSet = true }),
        Encode(new DimseCommand { CommandField = 0x8001, MessageId = 7, SopClass = DicomUids.CTImageStorage, Status = 0xA900, OffendingElements = [DicomTags.SOPClassUID], ErrorComment = "no" }),
    ];

    private static byte[] Encode(DimseCommand command)
    {
        byte[] whole = new byte[DimseCommand.MaxEncodedLength];
        return whole[..command.Encode(whole)];
    }

    /// <summary>Blocks as what a connection buffers.</summary>
    public static ReadOnlySequence<byte> Sequence(IEnumerable<byte[]> blocks)
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
