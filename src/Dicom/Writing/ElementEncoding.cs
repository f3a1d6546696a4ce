using System.Buffers;
using System.Buffers.Binary;

namespace MedicalAi.Dicom;

/// <summary>How the headers of elements and the delimiters are written (PS3.5 sections 7.1 and 7.5).</summary>
/// <param name="IsExplicit">Whether elements name their VR.</param>
/// <param name="IsBigEndian">Whether numbers have their high byte first.</param>
internal readonly record struct ElementEncoding(bool IsExplicit, bool IsBigEndian)
{
    /// <summary>The length that is not told.</summary>
    public const uint Undefined = 0xFFFFFFFF;

    private static readonly DicomTag s_item = new(0xFFFE, 0xE000);
    private static readonly DicomTag s_itemEnd = new(0xFFFE, 0xE00D);
    private static readonly DicomTag s_sequenceEnd = new(0xFFFE, 0xE0DD);

    /// <summary>That of a transfer syntax; of a deflated one, of what is deflated.</summary>
    public static ElementEncoding Of(TransferSyntax syntax) => new(syntax.IsExplicitVr, syntax.IsBigEndian);

    /// <summary>The VR with which a value is written: one too long for the 16-bit length of its VR is sent as UN (PS3.5 section 6.2.2).</summary>
    public Vr WrittenVr(Vr vr, uint length) => IsExplicit && !vr.HasLongLength() && length > ushort.MaxValue ? Vr.UN : vr;

    /// <summary>The size of the units whose bytes are turned to write little-endian numbers; 1 when none are. UN is always little endian (PS3.5 section 6.2.2).</summary>
    public int TurnedUnit(Vr writtenVr) => IsBigEndian ? writtenVr.UnitSize() : 1;

    /// <summary>Writes the header of an element.</summary>
    public void WriteHeader(DicomTag tag, Vr vr, uint length, IBufferWriter<byte> output)
    {
        Span<byte> header = output.GetSpan(12);
        WriteTag(header, tag);
        if (!IsExplicit)
        {
            WriteUInt32(header[4..], length);
            output.Advance(8);
            return;
        }

        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)vr);
        if (!vr.HasLongLength())
        {
            WriteUInt16(header[6..], (ushort)length);
            output.Advance(8);
            return;
        }

        header[6] = 0;
        header[7] = 0;
        WriteUInt32(header[8..], length);
        output.Advance(12);
    }

    /// <summary>Writes the begin of an item or fragment.</summary>
    public void WriteItem(uint length, IBufferWriter<byte> output) => WriteDelimiter(s_item, length, output);

    /// <summary>Writes the end of an item of undefined length.</summary>
    public void WriteItemEnd(IBufferWriter<byte> output) => WriteDelimiter(s_itemEnd, 0, output);

    /// <summary>Writes the end of a sequence of undefined length, or of fragments.</summary>
    public void WriteSequenceEnd(IBufferWriter<byte> output) => WriteDelimiter(s_sequenceEnd, 0, output);

    /// <summary>The length of a value with its padding.</summary>
    public static uint Even(long length) => (uint)(length + (length & 1));

    /// <summary>Writes the byte that makes an odd value even.</summary>
    public static void Pad(long length, byte padding, IBufferWriter<byte> output)
    {
        if ((length & 1) == 1)
        {
            output.GetSpan(1)[0] = padding;
            output.Advance(1);
        }
    }

    private void WriteDelimiter(DicomTag tag, uint length, IBufferWriter<byte> output)
    {
        Span<byte> header = output.GetSpan(8);
        WriteTag(header, tag);
        WriteUInt32(header[4..], length);
        output.Advance(8);
    }

    private void WriteTag(Span<byte> target, DicomTag tag)
    {
        WriteUInt16(target, tag.Group);
        WriteUInt16(target[2..], tag.Element);
    }

    private void WriteUInt16(Span<byte> target, ushort value)
    {
        if (IsBigEndian)
        {
            BinaryPrimitives.WriteUInt16BigEndian(target, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(target, value);
        }
    }

    private void WriteUInt32(Span<byte> target, uint value)
    {
        if (IsBigEndian)
        {
            BinaryPrimitives.WriteUInt32BigEndian(target, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(target, value);
        }
    }
}
