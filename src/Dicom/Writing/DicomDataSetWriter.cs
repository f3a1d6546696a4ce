using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace MedicalAi.Dicom;

/// <summary>
/// Writes data sets (PS3.5 chapter 7) in every encoding. Sequences and items have undefined lengths, so that nothing has to be
/// measured first; group lengths, which are retired and would be wrong, are left out; odd values get their padding.
/// </summary>
public static class DicomDataSetWriter
{
    private const uint Undefined = 0xFFFFFFFF;
    private static readonly DicomTag s_item = new(0xFFFE, 0xE000);
    private static readonly DicomTag s_itemEnd = new(0xFFFE, 0xE00D);
    private static readonly DicomTag s_sequenceEnd = new(0xFFFE, 0xE0DD);

    /// <summary>Writes a data set; compressed by deflate where the transfer syntax says so. Pixel data is written as it is held.</summary>
    /// <exception cref="NotSupportedException">A value was left where it came from or is named by a URI (<see cref="DicomElement.IsElsewhere"/>).</exception>
    public static void Write(DicomDataSet dataSet, TransferSyntax syntax, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentNullException.ThrowIfNull(syntax);
        ArgumentNullException.ThrowIfNull(output);
        if (!syntax.IsDeflated)
        {
            WriteElements(dataSet, new Encoding(syntax.IsExplicitVr, syntax.IsBigEndian), output);
            return;
        }

        ArrayBufferWriter<byte> plain = new();
        WriteElements(dataSet, new Encoding(IsExplicit: true, IsBigEndian: false), plain);
        if (plain.WrittenCount == 0)
        {
            // The framework's deflater writes nothing at all for nothing: this is its empty block.
            output.Write<byte>([0x03, 0x00]);
            return;
        }

        using MemoryStream deflated = new();
        using (DeflateStream deflate = new(deflated, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(plain.WrittenSpan);
        }

        if (deflated.Length % 2 == 1)
        {
            deflated.WriteByte(0);
        }

        output.Write(deflated.GetBuffer().AsSpan(0, (int)deflated.Length));
    }

    /// <summary>Writes a data set to a new array.</summary>
    /// <exception cref="NotSupportedException">A value was left where it came from or is named by a URI (<see cref="DicomElement.IsElsewhere"/>).</exception>
    public static byte[] ToBytes(DicomDataSet dataSet, TransferSyntax syntax)
    {
        ArrayBufferWriter<byte> output = new();
        Write(dataSet, syntax, output);
        return output.WrittenSpan.ToArray();
    }

    private static void WriteElements(DicomDataSet dataSet, Encoding encoding, IBufferWriter<byte> output)
    {
        foreach (DicomElement element in dataSet)
        {
            if (element.Tag.IsGroupLength)
            {
                continue;
            }

            if (element.IsElsewhere)
            {
                throw new NotSupportedException($"The value of {element.Tag} is not in memory: {(element.Bulk is null ? "it was named by a URI" : "it was left where it came from")}.");
            }

            if (element.Items is { } items)
            {
                WriteSequence(element.Tag, items, encoding, output);
            }
            else if (element.Fragments is { } fragments)
            {
                WriteFragments(element, fragments, encoding, output);
            }
            else
            {
                WriteValue(element, encoding, output);
            }
        }
    }

    private static void WriteSequence(DicomTag tag, IReadOnlyList<DicomDataSet> items, Encoding encoding, IBufferWriter<byte> output)
    {
        WriteHeader(tag, Vr.SQ, items.Count == 0 ? 0 : Undefined, encoding, output);
        foreach (DicomDataSet item in items)
        {
            bool hasElements = HasElements(item);
            WriteDelimiter(s_item, hasElements ? Undefined : 0, encoding, output);
            if (hasElements)
            {
                WriteElements(item, encoding, output);
                WriteDelimiter(s_itemEnd, 0, encoding, output);
            }
        }

        if (items.Count > 0)
        {
            WriteDelimiter(s_sequenceEnd, 0, encoding, output);
        }
    }

    // Group lengths are not written.
    private static bool HasElements(DicomDataSet item)
    {
        foreach (DicomElement element in item)
        {
            if (!element.Tag.IsGroupLength)
            {
                return true;
            }
        }

        return false;
    }

    private static void WriteFragments(DicomElement element, DicomFragments fragments, Encoding encoding, IBufferWriter<byte> output)
    {
        WriteHeader(element.Tag, element.Vr, Undefined, encoding, output);
        WriteFragment(fragments.OffsetTable, encoding, output);
        foreach (DicomFragment fragment in fragments.Items)
        {
            if (fragment.Value.IsEmpty && fragment.Location.Length > 0)
            {
                throw new NotSupportedException($"A fragment of {element.Tag} was left where it came from.");
            }

            WriteFragment(fragment.Value, encoding, output);
        }

        WriteDelimiter(s_sequenceEnd, 0, encoding, output);
    }

    private static void WriteFragment(ReadOnlyMemory<byte> value, Encoding encoding, IBufferWriter<byte> output)
    {
        WriteDelimiter(s_item, (uint)(value.Length + (value.Length & 1)), encoding, output);
        output.Write(value.Span);
        Pad(value.Length, 0, output);
    }

    private static void WriteValue(DicomElement element, Encoding encoding, IBufferWriter<byte> output)
    {
        ReadOnlySpan<byte> value = element.Value.Span;
        Vr vr = element.Vr == Vr.None ? Vr.UN : element.Vr;
        uint length = (uint)value.Length + ((uint)value.Length & 1);

        // A value too long for the 16-bit length of its VR is sent as UN (PS3.5 section 6.2.2).
        Vr written = encoding.IsExplicit && !vr.HasLongLength() && length > ushort.MaxValue ? Vr.UN : vr;
        WriteHeader(element.Tag, written, length, encoding, output);

        // UN is always little endian (PS3.5 section 6.2.2), also where it stands for another VR.
        int unit = encoding.IsBigEndian ? written.UnitSize() : 1;
        if (unit > 1 && !value.IsEmpty)
        {
            Span<byte> target = output.GetSpan(value.Length)[..value.Length];
            value.CopyTo(target);
            ByteOrder.Reverse(target, unit);
            output.Advance(value.Length);
        }
        else
        {
            output.Write(value);
        }

        Pad(value.Length, vr.PaddingByte(), output);
    }

    private static void Pad(int length, byte padding, IBufferWriter<byte> output)
    {
        if ((length & 1) == 1)
        {
            output.GetSpan(1)[0] = padding;
            output.Advance(1);
        }
    }

    private static void WriteHeader(DicomTag tag, Vr vr, uint length, Encoding encoding, IBufferWriter<byte> output)
    {
        Span<byte> header = output.GetSpan(12);
        WriteTag(header, tag, encoding);
        if (!encoding.IsExplicit)
        {
            WriteUInt32(header[4..], length, encoding);
            output.Advance(8);
            return;
        }

        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)vr);
        if (!vr.HasLongLength())
        {
            WriteUInt16(header[6..], (ushort)length, encoding);
            output.Advance(8);
            return;
        }

        header[6] = 0;
        header[7] = 0;
        WriteUInt32(header[8..], length, encoding);
        output.Advance(12);
    }

    private static void WriteDelimiter(DicomTag tag, uint length, Encoding encoding, IBufferWriter<byte> output)
    {
        Span<byte> header = output.GetSpan(8);
        WriteTag(header, tag, encoding);
        WriteUInt32(header[4..], length, encoding);
        output.Advance(8);
    }

    private static void WriteTag(Span<byte> target, DicomTag tag, Encoding encoding)
    {
        WriteUInt16(target, tag.Group, encoding);
        WriteUInt16(target[2..], tag.Element, encoding);
    }

    private static void WriteUInt16(Span<byte> target, ushort value, Encoding encoding)
    {
        if (encoding.IsBigEndian)
        {
            BinaryPrimitives.WriteUInt16BigEndian(target, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(target, value);
        }
    }

    private static void WriteUInt32(Span<byte> target, uint value, Encoding encoding)
    {
        if (encoding.IsBigEndian)
        {
            BinaryPrimitives.WriteUInt32BigEndian(target, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(target, value);
        }
    }

    private readonly record struct Encoding(bool IsExplicit, bool IsBigEndian);
}
