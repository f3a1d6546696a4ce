using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MedicalAi.Dicom;

/// <summary>Turns the order of bytes in numbers.</summary>
public static class ByteOrder
{
    /// <summary>Reverses the bytes of every unit in place; a rest shorter than a unit stays as it is.</summary>
    /// <param name="bytes">The numbers.</param>
    /// <param name="unit">The size of a number: 1, 2, 4 or 8 bytes.</param>
    public static void Reverse(Span<byte> bytes, int unit)
    {
        Span<byte> whole = bytes[..(bytes.Length - (bytes.Length % unit))];
        switch (unit)
        {
            case 2:
                Span<ushort> shorts = MemoryMarshal.Cast<byte, ushort>(whole);
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 4:
                Span<uint> ints = MemoryMarshal.Cast<byte, uint>(whole);
                BinaryPrimitives.ReverseEndianness(ints, ints);
                break;
            case 8:
                Span<ulong> longs = MemoryMarshal.Cast<byte, ulong>(whole);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
        }
    }
}
