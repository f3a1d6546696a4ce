using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace MedicalAi.Dicom;

/// <summary>
/// A unique identifier (PS3.5 chapter 9): up to 64 characters of digits and dots. The type holds what was received;
/// <see cref="IsValid"/> tells whether the standard allows it.
/// </summary>
/// <param name="Value">The characters, without padding.</param>
public readonly record struct DicomUid(string Value) : IComparable<DicomUid>
{
    /// <summary>The most characters that a UID may have.</summary>
    public const int MaximumLength = 64;

    /// <summary>
    /// Whether the characters are digits and dots, no component is empty and the length is at most 64. Leading zeros and a first
    /// component over 2 (roots such as 999), which the standard forbids and devices send, are let pass.
    /// </summary>
    public bool IsValid => Check(Value);

    /// <summary>Reads a UID, trimming the padding of PS3.5 section 9.1; false when <see cref="IsValid"/> would not hold.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DicomUid uid)
    {
        ReadOnlySpan<char> trimmed = text.Trim(" \0");
        uid = Check(trimmed) ? new DicomUid(trimmed.ToString()) : default;
        return uid.Value is not null;
    }

    /// <summary>Reads a UID from its bytes, trimming the padding of PS3.5 section 9.1.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out DicomUid uid)
    {
        ReadOnlySpan<byte> trimmed = text.Trim(" \0"u8);
        if (trimmed.Length is 0 or > MaximumLength)
        {
            uid = default;
            return false;
        }

        Span<char> characters = stackalloc char[MaximumLength];
        int count = Encoding.Latin1.GetChars(trimmed, characters);
        return TryParse(characters[..count], out uid);
    }

    /// <summary>A new UID from a random UUID under 2.25 (PS3.5 B.2).</summary>
    public static DicomUid NewUid() => FromUuid(Guid.NewGuid().ToByteArray(bigEndian: true));

    /// <summary>
    /// A UID that is the same for the same names: a UUID of version 5 (RFC 9562) under 2.25 (PS3.5 B.2). The names are
    /// separated, so that no two different lists of names give the same UID.
    /// </summary>
    /// <param name="scope">What kind of thing is named, for example <c>medicalai/sr</c>.</param>
    /// <param name="parts">What tells it from others of its kind.</param>
    public static DicomUid FromName(string scope, params ReadOnlySpan<string> parts)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        Span<byte> length = stackalloc byte[4];
        Append(scope, length);
        foreach (string part in parts)
        {
            Append(part, length);
        }

        Span<byte> digest = stackalloc byte[20];
        hash.GetHashAndReset(digest);
        digest[6] = (byte)((digest[6] & 0x0F) | 0x50);
        digest[8] = (byte)((digest[8] & 0x3F) | 0x80);
        return FromUuid(digest[..16]);

        void Append(string name, Span<byte> length)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(name);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
    }

    /// <summary>The characters of the UID.</summary>
    public override string ToString() => Value ?? "";

    /// <inheritdoc />
    public int CompareTo(DicomUid other) => string.CompareOrdinal(Value, other.Value);

    /// <summary>Ordinal order of the characters.</summary>
    public static bool operator <(DicomUid left, DicomUid right) => left.CompareTo(right) < 0;

    /// <summary>Ordinal order of the characters.</summary>
    public static bool operator >(DicomUid left, DicomUid right) => left.CompareTo(right) > 0;

    /// <summary>Ordinal order of the characters.</summary>
    public static bool operator <=(DicomUid left, DicomUid right) => left.CompareTo(right) <= 0;

    /// <summary>Ordinal order of the characters.</summary>
    public static bool operator >=(DicomUid left, DicomUid right) => left.CompareTo(right) >= 0;

    internal static DicomUid FromUuid(ReadOnlySpan<byte> uuid) =>
        new("2.25." + new BigInteger(uuid, isUnsigned: true, isBigEndian: true).ToString(CultureInfo.InvariantCulture));

    private static bool Check(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaximumLength)
        {
            return false;
        }

        bool afterDot = true;
        foreach (char c in text)
        {
            if (c == '.')
            {
                if (afterDot)
                {
                    return false;
                }

                afterDot = true;
            }
            else if (char.IsAsciiDigit(c))
            {
                afterDot = false;
            }
            else
            {
                return false;
            }
        }

        return !afterDot;
    }
}
