using System.Buffers.Binary;
using Kind = MedicalAi.Dicom.DicomReaderState.Kind;

namespace MedicalAi.Dicom;

public ref partial struct DicomReader
{
    /// <summary>
    /// A VR that is not of the standard but stands where one has to. Capital letters are one that came after this code, and
    /// those have the long form (PS3.5 section 7.1.2); blanks, dashes and question marks are written for "unknown" in the short form.
    /// </summary>
    private static bool IsUnknownVr(Vr vr, out bool hasLongLength)
    {
        (uint first, uint second) = ((uint)vr >> 8, (uint)vr & 0xFF);
        hasLongLength = first - 'A' <= 'Z' - 'A' && second - 'A' <= 'Z' - 'A';
        return hasLongLength || (first == second && first is '?' or ' ' or '-');
    }

    /// <summary>The VR of the dictionary, where it is the one that stands there with its two letters in the wrong order; none otherwise.</summary>
    private static Vr Swapped(Vr vr, DicomTag tag)
    {
        Vr swapped = (Vr)BinaryPrimitives.ReverseEndianness((ushort)vr);
        return swapped.IsKnown() && DicomDictionary.FindVr(tag) == swapped ? swapped : Vr.None;
    }

    /// <summary>Zeros after the last element, which fill a block of a medium.</summary>
    private readonly bool IsPadding(ReadOnlySpan<byte> rest) => _state.Depth == 0 && _state.Position > 0 && BinaryPrimitives.ReadUInt64LittleEndian(rest) == 0;

    /// <summary>A delimiter after an item or a sequence of defined length, where none belongs; it says nothing new.</summary>
    private static bool IsStrayDelimiter(in DicomReaderState.Frame frame, DicomTag tag, ReadOnlySpan<byte> rest) =>
        BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]) == 0
        && ((tag == s_itemEnd && (frame.Kind == Kind.Sequence || (frame.Kind == Kind.Item && frame.End >= 0)))
            || (tag == s_sequenceEnd && (frame.Kind is Kind.DataSet or Kind.Item || (frame.Kind == Kind.Sequence && frame.End >= 0))));

    private static bool BeginsWithItem(ReadOnlySpan<byte> value, bool big) =>
        U16(value, big) == 0xFFFE && U16(value[2..], big) is 0xE000 or 0xE0DD;

    private static ushort U16(ReadOnlySpan<byte> bytes, bool big) => big ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes, bool big) => big ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
