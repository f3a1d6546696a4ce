using System.Text;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

public sealed partial record BulkMap
{
    /// <summary>The form that is kept in the index: numbers of variable length, fragments as differences.</summary>
    public byte[] Write()
    {
        MemoryStream target = new();
        using BinaryWriter writer = new(target, Encoding.UTF8);
        writer.Write((byte)(IsDeflated ? 1 : 0));
        writer.Write7BitEncodedInt(Entries.Count);
        foreach (BulkEntry entry in Entries)
        {
            writer.Write(entry.Path);
            writer.Write((ushort)entry.Vr);
            WriteLocation(writer, entry.Location, 0);
            writer.Write7BitEncodedInt(entry.Fragments is { } list ? list.Count + 1 : 0);
            long end = entry.Location.Offset;
            foreach (BulkLocation fragment in entry.Fragments ?? [])
            {
                WriteLocation(writer, fragment, end);
                end = fragment.Offset + fragment.Length;
            }

            writer.Write7BitEncodedInt(entry.OffsetTable.Count);
            foreach (long offset in entry.OffsetTable)
            {
                writer.Write7BitEncodedInt64(offset);
            }
        }

        return target.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> gave; it comes from the index only.</summary>
    public static BulkMap Read(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        using BinaryReader reader = new(new MemoryStream(bytes), Encoding.UTF8);
        bool deflated = reader.ReadByte() != 0;
        BulkEntry[] entries = new BulkEntry[reader.Read7BitEncodedInt()];
        for (int i = 0; i < entries.Length; i++)
        {
            string path = reader.ReadString();
            Vr vr = (Vr)reader.ReadUInt16();
            BulkLocation location = ReadLocation(reader, 0);
            int count = reader.Read7BitEncodedInt();
            BulkLocation[]? fragments = count == 0 ? null : new BulkLocation[count - 1];
            long end = location.Offset;
            for (int j = 0; j < count - 1; j++)
            {
                fragments![j] = ReadLocation(reader, end);
                end = fragments[j].Offset + fragments[j].Length;
            }

            long[] table = new long[reader.Read7BitEncodedInt()];
            for (int j = 0; j < table.Length; j++)
            {
                table[j] = reader.Read7BitEncodedInt64();
            }

            entries[i] = new BulkEntry(path, vr, location, fragments, table);
        }

        return new BulkMap(entries, deflated);
    }

    private static void WriteLocation(BinaryWriter writer, BulkLocation location, long origin)
    {
        writer.Write7BitEncodedInt64(location.Offset - origin);
        writer.Write7BitEncodedInt64(location.Length);
    }

    private static BulkLocation ReadLocation(BinaryReader reader, long origin) => new(origin + reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
}
