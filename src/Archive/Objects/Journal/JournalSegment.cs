using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace MedicalAi.Archive;

/// <summary>
/// A file of the journal. Its blocks are written once with zeros, and then over and over: making bytes durable over blocks that are there takes
/// one write of the disk, where a new file takes several. It is locked while it is open, so that no other process takes it. Not safe for several threads.
/// </summary>
internal sealed class JournalSegment : IDisposable
{
    // The first block holds the epoch up to which all is in its place: 8 bytes of magic and version, 8 of epoch.
    private const int HeaderLength = 4096;
    private const ulong Magic = 0x314C_4E52_4A47_414D;
    private const int Step = 1024 * 1024;
    private static readonly byte[] s_zeros = new byte[Step];
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private long _length;
    private long _position = HeaderLength;
    private ulong _retired;
    private uint _next;

    private JournalSegment(SafeFileHandle file, string path) => (_file, _path, _length) = (file, path, RandomAccess.GetLength(file));

    /// <summary>The epoch of what is appended now.</summary>
    public ulong Epoch { get; private set; }

    /// <summary>The keys of what was appended in this epoch.</summary>
    public List<ObjectKey> Keys { get; } = [];

    /// <summary>The staged files that it names.</summary>
    public List<StagedFile> Files { get; } = [];

    /// <summary>How many objects are not yet in their place.</summary>
    public int Pending { get; set; }

    /// <summary>Whether something was appended since it was retired.</summary>
    public bool IsUsed => Keys.Count > 0;

    /// <summary>Opens a segment, or makes it; null when another has it.</summary>
    /// <exception cref="IOException">It cannot be used.</exception>
    public static JournalSegment? TryOpen(string path)
    {
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }

        JournalSegment segment = new(file, path);
        segment.ReadHeader();
        return segment;
    }

    /// <summary>How many bytes still fit when it may grow up to a length.</summary>
    public long FreeUpTo(long limit) => Math.Max(_length, limit) - _position;

    /// <summary>Appends records, durably when this returns.</summary>
    /// <exception cref="IOException">The disk is full or failed; nothing counts as appended.</exception>
    public void Append(IReadOnlyList<JournalEntry> entries)
    {
        int headers = entries.Sum(entry => JournalRecord.FixedLength + entry.Key.Value.Length);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(headers);
        try
        {
            List<ReadOnlyMemory<byte>> parts = new(entries.Count * 3);
            int used = 0;
            long total = 0;
            for (int i = 0; i < entries.Count; i++)
            {
                JournalEntry entry = entries[i];
                JournalRecord record = new(Epoch, _next + (uint)i, entry.Kind, entry.Key, entry.Payload.Length, entry.ObjectLength);
                Memory<byte> header = buffer.AsMemory(used, record.PayloadOffset);
                record.Write(header.Span, entry.Payload.Span);
                used += record.PayloadOffset;
                parts.Add(header);
                parts.Add(entry.Payload);
                int padding = record.Length - record.PayloadOffset - entry.Payload.Length;
                if (padding > 0)
                {
                    parts.Add(s_zeros.AsMemory(0, padding));
                }

                total += record.Length;
            }

            Grow(_position + total);
            RandomAccess.Write(_file, parts, _position);
            PosixFiles.SyncData(_file);
            _position += total;
            _next += (uint)entries.Count;
            foreach (JournalEntry entry in entries)
            {
                Keys.Add(entry.Key);
                if (entry.File is { } file)
                {
                    file.Hold();
                    Files.Add(file);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    /// <summary>Notes that all that was appended is durable in its place: the segment begins anew.</summary>
    public void Retire()
    {
        Span<byte> header = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], Epoch);
        Grow(HeaderLength);
        RandomAccess.Write(_file, header, 0);
        PosixFiles.SyncData(_file);
        _retired = Epoch;
        Files.ForEach(file => file.Release());
        Begin();
    }

    /// <summary>Reads what was appended and not retired.</summary>
    /// <param name="read">Gets each record, and its payload, which holds during the call.</param>
    public void Read(Action<JournalRecord, ReadOnlyMemory<byte>> read)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(_length, 64 * 1024));
        try
        {
            long at = HeaderLength;
            uint expected = 0;
            ulong? epoch = null;
            while (at + JournalRecord.FixedLength <= _length)
            {
                int length = Fill(ref buffer, at);
                if (JournalRecord.TryRead(buffer.AsSpan(0, length)) is not { } record || record.Epoch <= _retired || record.Number != expected || (epoch ??= record.Epoch) != record.Epoch)
                {
                    break;
                }

                read(record, buffer.AsMemory(record.PayloadOffset, record.PayloadLength));
                at += record.Length;
                expected++;
            }

            Epoch = Math.Max(Epoch, epoch ?? 0);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    /// <summary>Removes it from the disk.</summary>
    public void Delete() => File.Delete(_path);

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    private void ReadHeader()
    {
        Span<byte> header = stackalloc byte[16];
        if (RandomAccess.Read(_file, header, 0) == header.Length && BinaryPrimitives.ReadUInt64LittleEndian(header) == Magic)
        {
            _retired = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        }

        Begin();
    }

    private void Begin()
    {
        Epoch = _retired + 1;
        _position = HeaderLength;
        _next = 0;
        Keys.Clear();
        Files.Clear();
    }

    // As much as the record at a place needs, or as there is.
    private int Fill(ref byte[] buffer, long at)
    {
        int length = RandomAccess.Read(_file, buffer, at);
        if (length >= JournalRecord.FixedLength)
        {
            long wanted = (long)JournalRecord.FixedLength + BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(20)) + Math.Max(0, BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(24)));
            if (wanted > length && at + wanted <= _length)
            {
                if (wanted > buffer.Length)
                {
                    ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
                    buffer = ArrayPool<byte>.Shared.Rent((int)wanted);
                }

                for (length = 0; length < wanted;)
                {
                    int more = RandomAccess.Read(_file, buffer.AsSpan(length), at + length);
                    if (more == 0)
                    {
                        break;
                    }

                    length += more;
                }
            }
        }

        return length;
    }

    private void Grow(long length)
    {
        if (length <= _length)
        {
            return;
        }

        long wanted = (length + Step - 1) / Step * Step;
        for (long at = _length; at < wanted;)
        {
            int part = (int)Math.Min(Step, wanted - at);
            RandomAccess.Write(_file, s_zeros.AsSpan(0, part), at);
            at += part;
        }

        RandomAccess.FlushToDisk(_file);
        _length = wanted;
    }
}
