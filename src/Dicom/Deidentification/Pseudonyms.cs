using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MedicalAi.Dicom;

/// <summary>What takes the place of identity: the same for the same value under the same secret (HMAC-SHA256).</summary>
internal sealed class Pseudonyms(ReadOnlyMemory<byte> secret)
{
    // The dates of a patient go back by one to ten years: never into the future, where software refuses them.
    private const int ShortestShift = 365;
    private const int LongestShift = 3650;

    /// <summary>A UID for a UID: a UUID of version 8 (RFC 9562) under 2.25. Those of the standard itself stay.</summary>
    public string Uid(string uid)
    {
        if (uid.Length == 0 || IsOfStandard(uid))
        {
            return uid;
        }

        byte[] digest = Digest("uid", uid);
        digest[6] = (byte)((digest[6] & 0x0F) | 0x80);
        digest[8] = (byte)((digest[8] & 0x3F) | 0x80);
        return DicomUid.FromUuid(digest.AsSpan(0, 16)).Value;
    }

    /// <summary>Whether a UID is one that the standard gives, which tells nothing.</summary>
    public static bool IsOfStandard(string uid) => uid.StartsWith("1.2.840.10008.", StringComparison.Ordinal);

    /// <summary>An AE title for an AE title.</summary>
    public string AeTitle(string title) => title.Length == 0 ? "" : "AE" + Convert.ToHexString(Digest("ae", title), 0, 6);

    /// <summary>A name for a patient, of letters and digits.</summary>
    public string Patient(string patient) => Convert.ToHexString(Digest("patient", patient), 0, 8);

    /// <summary>The days by which the dates of a patient are shifted, less than 0.</summary>
    public int Days(string patient) =>
        -(int)(ShortestShift + (BinaryPrimitives.ReadUInt64BigEndian(Digest("dates", patient)) % (LongestShift - ShortestShift + 1)));

    private byte[] Digest(string scope, string value) => HMACSHA256.HashData(secret.Span, Encoding.UTF8.GetBytes($"{scope}\0{value}"));
}
