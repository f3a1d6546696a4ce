using System.Buffers.Binary;

namespace MedicalAi.Fuzz;

/// <summary>Breaks input in the ways in which parsers break.</summary>
internal static class Mutator
{
    private static readonly uint[] s_numbers =
    [
        0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 0x10000, 0x7FFFFFFE, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFE, 0xFFFFFFFF,
        0xE000FFFE, 0xE00DFFFE, 0xE0DDFFFE, 0x00100010, 0x00100008, 0x00050008, 0x00107FE0,
    ];

    private static readonly byte[][] s_pieces =
    [
        "SQ"u8.ToArray(), "UN"u8.ToArray(), "OB"u8.ToArray(), "US"u8.ToArray(), "PN"u8.ToArray(), "UT"u8.ToArray(), "??"u8.ToArray(), "  "u8.ToArray(),
        [0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF], [0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0], [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0], [0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0],
        [0x08, 0x00, 0x10, 0x11, (byte)'S', (byte)'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], [0x1B, (byte)'$', (byte)'B'], [0x1B, (byte)'$', (byte)')', (byte)'C'], [0x1B],
        "DICM"u8.ToArray(), "{"u8.ToArray(), "}"u8.ToArray(), "["u8.ToArray(), "]"u8.ToArray(), "null"u8.ToArray(), "\"vr\":\"SQ\","u8.ToArray(), "\"Value\":["u8.ToArray(),
        "\\ud800"u8.ToArray(), "1e999"u8.ToArray(), "\""u8.ToArray(), "\\"u8.ToArray(), "="u8.ToArray(), "^"u8.ToArray(), [0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80],
        "\"vr\":\"UV\","u8.ToArray(), "\"BulkDataURI\":\"x\""u8.ToArray(), "\"InlineBinary\":\"AAAA\""u8.ToArray(), "},{"u8.ToArray(), "-0.0"u8.ToArray(), "18446744073709551616"u8.ToArray(), "NaN"u8.ToArray(),
        "\"00080005\":{\"vr\":\"CS\"},"u8.ToArray(), "vr=\"SQ\""u8.ToArray(), "number=\"3\""u8.ToArray(), "privateCreator=\"A\""u8.ToArray(), "<Item number=\"1\">"u8.ToArray(), "</Item>"u8.ToArray(),
        "<BulkData uuid=\"x\"/>"u8.ToArray(), "<Value number=\"9\"/>"u8.ToArray(), "&#xD800;"u8.ToArray(), "&#13;"u8.ToArray(), "<![CDATA["u8.ToArray(), "]]>"u8.ToArray(), "<!DOCTYPE a ["u8.ToArray(),
        [0x04, 0x00, 0x00, 0x14, (byte)'U', (byte)'L', 4, 0], [0x09, 0x00, 0x10, 0x00, (byte)'L', (byte)'O', 2, 0, (byte)'A', (byte)'B'], [0x1B, 0x2D, 0x41], [0x1B, 0x28, 0x4A], [0x8E, 0xA1],
    ];

    /// <summary>A copy with some places broken.</summary>
    public static byte[] Mutate(Random random, byte[] original, IReadOnlyList<byte[]> others)
    {
        List<byte> bytes = [.. original];
        for (int i = random.Next(1, 8); i > 0; i--)
        {
            int at = random.Next(bytes.Count + 1);
            int length = Math.Min(random.Next(1, 1 << random.Next(1, 10)), bytes.Count - at);
            switch (random.Next(9))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    Overwrite(bytes, at, Number(random));
                    break;
                case 3:
                    Overwrite(bytes, at, s_pieces[random.Next(s_pieces.Length)]);
                    break;
                case 4:
                    bytes.InsertRange(at, s_pieces[random.Next(s_pieces.Length)]);
                    break;
                case 5:
                    bytes.RemoveRange(at, length);
                    break;
                case 6:
                    bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                    break;
                case 7:
                    byte[] other = others[random.Next(others.Count)];
                    int from = random.Next(other.Length + 1);
                    bytes.InsertRange(at, other[from..Math.Min(other.Length, from + random.Next(512))]);
                    break;
                default:
                    bytes.RemoveRange(at, random.Next(4) == 0 ? bytes.Count - at : 0);
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>The input in blocks of any size, empty ones too.</summary>
    public static IEnumerable<byte[]> Blocks(Random random, byte[] bytes)
    {
        int largest = 1 << random.Next(0, 14);
        for (int at = 0; at < bytes.Length;)
        {
            int length = Math.Min(random.Next(largest + 1), bytes.Length - at);
            yield return bytes[at..(at + length)];
            at += length;
        }
    }

    private static byte[] Number(Random random)
    {
        byte[] number = new byte[random.Next(2) == 0 ? 2 : 4];
        uint value = s_numbers[random.Next(s_numbers.Length)];
        Span<byte> whole = stackalloc byte[4];
        if (random.Next(4) == 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(whole, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(whole, value);
        }

        whole[..number.Length].CopyTo(number);
        return number;
    }

    private static void Overwrite(List<byte> bytes, int at, byte[] piece)
    {
        for (int i = 0; i < piece.Length && at + i < bytes.Count; i++)
        {
            bytes[at + i] = piece[i];
        }
    }
}
