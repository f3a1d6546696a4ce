using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace MedicalAi.Archive;

/// <summary>What a record of the journal holds.</summary>
internal enum JournalRecordKind : byte
{
    /// <summary>The content of an object.</summary>
    Content = 1,

    /// <summary>The name of a staged file, which is durable itself; only its name in the store is not yet.</summary>
    StagedFile = 2,
}

/// <summary>
/// The header of a record, little endian: magic (4 bytes), CRC-32C of what follows (4), epoch of the segment (8), number within the epoch (4), length of the key (2),
/// kind (1), 0 (1), length of the payload (4), length of the object (8), 0 (4); then the key in ASCII, the payload, and zeros up to a multiple of 8.
/// </summary>
/// <param name="Epoch">Grows each time that a segment is used anew, so that what stood there before is told from what is new.</param>
/// <param name="Number">From 0, without gaps.</param>
/// <param name="Kind">What the payload is.</param>
/// <param name="Key">The key of the object.</param>
/// <param name="PayloadLength">In bytes.</param>
/// <param name="ObjectLength">In bytes; that of the payload where it is the content.</param>
internal readonly record struct JournalRecord(ulong Epoch, uint Number, JournalRecordKind Kind, ObjectKey Key, int PayloadLength, long ObjectLength)
{
    /// <summary>The length of the header without the key.</summary>
    public const int FixedLength = 40;

    private const uint Magic = 0x4A4F474D;

    /// <summary>Where the payload begins, from the beginning of the record.</summary>
    public int PayloadOffset => FixedLength + Key.Value.Length;

    /// <summary>The length of the whole record in bytes.</summary>
    public int Length => LengthOf(Key, PayloadLength);

    /// <summary>The length in bytes of the record of an object.</summary>
    public static int LengthOf(ObjectKey key, int payloadLength) => (FixedLength + key.Value.Length + payloadLength + 7) & ~7;

    /// <summary>Writes the header and the key, with the check value over these and the payload.</summary>
    public void Write(Span<byte> target, ReadOnlySpan<byte> payload)
    {
        target[..FixedLength].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(target, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], Epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(target[16..], Number);
        BinaryPrimitives.WriteUInt16LittleEndian(target[20..], (ushort)Key.Value.Length);
        target[22] = (byte)Kind;
        BinaryPrimitives.WriteInt32LittleEndian(target[24..], PayloadLength);
        BinaryPrimitives.WriteInt64LittleEndian(target[28..], ObjectLength);
        Encoding.ASCII.GetBytes(Key.Value, target[FixedLength..]);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], Crc(Crc(uint.MaxValue, target[8..PayloadOffset]), payload));
    }

    /// <summary>Reads the record at the beginning of some bytes; null when there is none that is whole.</summary>
    public static JournalRecord? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FixedLength || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
        {
            return null;
        }

        int keyLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes[20..]);
        int payloadLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]);
        if (payloadLength < 0 || (long)FixedLength + keyLength + payloadLength > bytes.Length
            || Crc(Crc(uint.MaxValue, bytes[8..(FixedLength + keyLength)]), bytes.Slice(FixedLength + keyLength, payloadLength)) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]))
        {
            return null;
        }

        ObjectKey key = new(Encoding.ASCII.GetString(bytes.Slice(FixedLength, keyLength)));
        return key.IsValid
            ? new JournalRecord(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]),
                (JournalRecordKind)bytes[22],
                key,
                payloadLength,
                BinaryPrimitives.ReadInt64LittleEndian(bytes[28..]))
            : null;
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (byte one in bytes)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return crc;
    }
}
