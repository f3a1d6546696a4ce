using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace MedicalAi.Dicom.Network;

/// <summary>Decodes PDUs: one function over a byte buffer. Every length is checked before it is believed.</summary>
internal static class PduDecoder
{
    /// <summary>Type, reserved byte and length (PS3.8 9.3.1).</summary>
    public const int HeaderLength = 6;

    /// <summary>Room for 128 presentation contexts with all transfer syntaxes each; more is refused before it is buffered.</summary>
    public const int MaxAssociateLength = 512 * 1024;

    private const int MaxItems = 4096;

    /// <summary>Decodes the PDU at the start of the buffer, and moves the buffer behind it; any other result leaves it as it is.</summary>
    public static PduStatus TryDecode(ref ReadOnlySequence<byte> buffer, uint maxDataLength, out Pdu? pdu)
    {
        pdu = null;
        if (buffer.Length < HeaderLength)
        {
            return PduStatus.NeedMore;
        }

        Span<byte> header = stackalloc byte[HeaderLength];
        buffer.Slice(0, HeaderLength).CopyTo(header);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(header[2..]);
        uint limit = header[0] switch
        {
            1 or 2 => MaxAssociateLength,
            4 => maxDataLength,
            3 or 5 or 6 or 7 => 4,
            _ => 0,
        };
        if (limit == 0)
        {
            return PduStatus.UnrecognizedPdu;
        }

        if (length > limit || length < 4)
        {
            return PduStatus.InvalidParameter;
        }

        if (buffer.Length < HeaderLength + length)
        {
            return PduStatus.NeedMore;
        }

        ReadOnlySequence<byte> body = buffer.Slice(HeaderLength, length);
        pdu = header[0] switch
        {
            4 => new DataTransfer(body),
            1 or 2 => Associate(body.ToArray(), header[0] == 1),
            3 => Four(body) is var r ? new AssociateReject(r.B, r.C, r.D) : null,
            5 => new ReleaseRequest(),
            6 => new ReleaseResponse(),
            _ => Four(body) is var a ? new AbortPdu(a.C, a.D) : null,
        };
        if (pdu is null)
        {
            return PduStatus.InvalidParameter;
        }

        buffer = buffer.Slice(HeaderLength + length);
        return PduStatus.Ok;
    }

    /// <summary>Passes over PDUs of whatever kind; true at the end of an A-ABORT.</summary>
    /// <param name="buffer">What has come, moved behind what was passed over.</param>
    /// <param name="left">How much of a PDU is still to be passed over, from call to call; 0 at first.</param>
    public static bool SkipToAbort(ref ReadOnlySequence<byte> buffer, ref long left)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        while (left > 0 || buffer.Length >= HeaderLength)
        {
            if (left == 0)
            {
                buffer.Slice(0, HeaderLength).CopyTo(header);
                uint length = BinaryPrimitives.ReadUInt32BigEndian(header[2..]);
                if (header[0] == 7 && length == 4)
                {
                    bool isWhole = buffer.Length >= HeaderLength + length;
                    buffer = isWhole ? buffer.Slice(HeaderLength + length) : buffer;
                    return isWhole;
                }

                left = HeaderLength + (long)length;
            }

            long count = Math.Min(left, buffer.Length);
            if (count == 0)
            {
                break;
            }

            buffer = buffer.Slice(count);
            left -= count;
        }

        return false;
    }

    private static (byte B, byte C, byte D) Four(ReadOnlySequence<byte> body)
    {
        Span<byte> four = stackalloc byte[4];
        body.CopyTo(four);
        return (four[1], four[2], four[3]);
    }

    private static Pdu? Associate(ReadOnlySpan<byte> body, bool request)
    {
        // 7-8 protocol version, 11-26 called AE title, 27-42 calling AE title, 43-74 reserved (PS3.8 tables 9-11 and 9-17).
        if (body.Length < 68)
        {
            return null;
        }

        ushort version = BinaryPrimitives.ReadUInt16BigEndian(body);
        string called = Text(body.Slice(4, 16)), calling = Text(body.Slice(20, 16)), application = "";
        List<ProposedContext> proposed = [];
        List<ContextAnswer> answers = [];
        UserInformation user = new();
        ReadOnlySpan<byte> rest = body[68..];
        int items = 0;
        while (rest.Length > 0)
        {
            if (++items > MaxItems || !Item(ref rest, out byte type, out ReadOnlySpan<byte> value))
            {
                return null;
            }

            switch (type)
            {
                case 0x10:
                    application = Text(value);
                    break;
                case 0x20 when request:
                case 0x21 when !request:
                    if (value.Length < 4 || !Context(value, request, proposed, answers))
                    {
                        return null;
                    }

                    break;
                case 0x50:
                    if (User(value) is not { } read)
                    {
                        return null;
                    }

                    user = read;
                    break;
                default:
                    break; // Items that are not known are skipped (PS3.8 9.3.1).
            }
        }

        return request ? new AssociateRequest(version, called, calling, application, proposed, user) : new AssociateAccept(called, calling, application, answers, user);
    }

    private static bool Context(ReadOnlySpan<byte> value, bool request, List<ProposedContext> proposed, List<ContextAnswer> answers)
    {
        byte id = value[0];
        byte result = value[2];
        string abstractSyntax = "";
        List<string> syntaxes = [];
        value = value[4..];
        while (value.Length > 0)
        {
            if (syntaxes.Count > 256 || !Item(ref value, out byte type, out ReadOnlySpan<byte> text))
            {
                return false;
            }

            if (type == 0x30)
            {
                abstractSyntax = Text(text);
            }
            else if (type == 0x40)
            {
                syntaxes.Add(Text(text));
            }
        }

        if (request)
        {
            // Presentation context IDs are odd, and there are at most 128 (PS3.8 9.3.2.2).
            if ((id & 1) == 0 || proposed.Count >= 128 || proposed.Exists(context => context.Id == id))
            {
                return false;
            }

            proposed.Add(new ProposedContext(id, abstractSyntax, syntaxes));
        }
        else
        {
            answers.Add(new ContextAnswer(id, result, syntaxes.Count > 0 ? syntaxes[0] : ""));
        }

        return true;
    }

    private static UserInformation? User(ReadOnlySpan<byte> rest)
    {
        UserInformation user = new();
        List<RoleSelection> roles = [];
        List<ExtendedNegotiation> extended = [];
        List<CommonExtendedNegotiation> common = [];
        while (rest.Length > 0)
        {
            if (roles.Count + extended.Count + common.Count > MaxItems || !Item(ref rest, out byte type, out ReadOnlySpan<byte> value))
            {
                return null;
            }

            switch (type)
            {
                case 0x51 when value.Length == 4:
                    user = user with { MaxPduLength = BinaryPrimitives.ReadUInt32BigEndian(value) };
                    break;
                case 0x52:
                    user = user with { ImplementationClassUid = Text(value) };
                    break;
                case 0x53 when value.Length == 4:
                    user = user with { AsyncOperationsWindow = (BinaryPrimitives.ReadUInt16BigEndian(value), BinaryPrimitives.ReadUInt16BigEndian(value[2..])) };
                    break;
                case 0x54 when value.Length >= 4 && BinaryPrimitives.ReadUInt16BigEndian(value) is var n && n + 4 <= value.Length:
                    roles.Add(new RoleSelection(Text(value.Slice(2, n)), value[2 + n] == 1, value[3 + n] == 1));
                    break;
                case 0x55:
                    user = user with { ImplementationVersionName = Text(value) };
                    break;
                case 0x56 when TakeCounted(ref value, out ReadOnlySpan<byte> extendedClass):
                    extended.Add(new ExtendedNegotiation(Text(extendedClass), value.ToArray()));
                    break;
                case 0x57 when CommonExtended(value) is { } read:
                    common.Add(read);
                    break;
                case 0x58 when Identity(value) is { } identity:
                    user = user with { Identity = identity };
                    break;
                case 0x59 when TakeCounted(ref value, out ReadOnlySpan<byte> response):
                    user = user with { IdentityResponse = response.ToArray() };
                    break;
                case 0x51 or 0x53 or 0x54 or (>= 0x56 and <= 0x59):
                    return null;
                default:
                    break;
            }
        }

        return user with { Roles = roles, Extended = extended, CommonExtended = common };
    }

    private static CommonExtendedNegotiation? CommonExtended(ReadOnlySpan<byte> value)
    {
        if (!TakeCounted(ref value, out ReadOnlySpan<byte> sopClass) || !TakeCounted(ref value, out ReadOnlySpan<byte> serviceClass) || !TakeCounted(ref value, out ReadOnlySpan<byte> list))
        {
            return null;
        }

        List<string> related = [];
        while (list.Length > 0)
        {
            if (related.Count > MaxItems || !TakeCounted(ref list, out ReadOnlySpan<byte> uid))
            {
                return null;
            }

            related.Add(Text(uid));
        }

        return new CommonExtendedNegotiation(Text(sopClass), Text(serviceClass), related);
    }

    private static UserIdentity? Identity(ReadOnlySpan<byte> value)
    {
        if (value.Length < 2)
        {
            return null;
        }

        byte type = value[0], wantsResponse = value[1];
        value = value[2..];
        return TakeCounted(ref value, out ReadOnlySpan<byte> primary) && TakeCounted(ref value, out ReadOnlySpan<byte> secondary)
            ? new UserIdentity((UserIdentityType)type, primary.ToArray(), secondary.ToArray(), wantsResponse == 1)
            : null;
    }

    // A length of two bytes, and so many bytes.
    private static bool TakeCounted(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (rest.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(rest) is var length && length > rest.Length - 2)
        {
            return false;
        }

        value = rest.Slice(2, length);
        rest = rest[(2 + length)..];
        return true;
    }

    private static bool Item(ref ReadOnlySpan<byte> rest, out byte type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (rest.Length < 4)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        if (length > rest.Length - 4)
        {
            return false;
        }

        type = rest[0];
        value = rest.Slice(4, length);
        rest = rest[(4 + length)..];
        return true;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes.Trim(" \0"u8));
}
