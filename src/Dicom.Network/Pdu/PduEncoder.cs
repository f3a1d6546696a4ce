using System.Buffers.Binary;
using System.Text;

namespace MedicalAi.Dicom.Network;

/// <summary>Encodes PDUs (PS3.8 section 9.3).</summary>
internal static class PduEncoder
{
    /// <summary>The bytes of a PDU other than P-DATA-TF.</summary>
    public static byte[] Encode(Pdu pdu) => pdu switch
    {
        AssociateRequest request => Wrap(1, Request(request)),
        AssociateAccept accept => Wrap(2, Accept(accept)),
        AssociateReject reject => Wrap(3, [0, reject.Result, reject.Source, reject.Reason]),
        ReleaseRequest => Wrap(5, [0, 0, 0, 0]),
        ReleaseResponse => Wrap(6, [0, 0, 0, 0]),
        AbortPdu abort => Wrap(7, [0, 0, abort.Source, abort.Reason]),
        _ => throw new ArgumentOutOfRangeException(nameof(pdu)),
    };

    /// <summary>Writes the header of a P-DATA-TF with one presentation data value of so many bytes: 12 bytes.</summary>
    public static void DataHeader(Span<byte> target, byte context, bool command, bool last, int length)
    {
        target[0] = 4;
        target[1] = 0;
        BinaryPrimitives.WriteInt32BigEndian(target[2..], length + 6);
        BinaryPrimitives.WriteInt32BigEndian(target[6..], length + 2);
        target[10] = context;
        target[11] = (byte)((command ? 1 : 0) | (last ? 2 : 0));
    }

    private static byte[] Request(AssociateRequest pdu) =>
    [
        .. Start(pdu.ProtocolVersion, pdu.Called, pdu.Calling),
        .. Item(0x10, Ascii(pdu.ApplicationContext)),
        .. pdu.Contexts.SelectMany(context => Item(0x20,
        [
            context.Id, 0, 0, 0, .. Item(0x30, Ascii(context.AbstractSyntax)),
            .. context.TransferSyntaxes.SelectMany(syntax => Item(0x40, Ascii(syntax))),
        ])),
        .. Item(0x50, User(pdu.User)),
    ];

    private static byte[] Accept(AssociateAccept pdu) =>
    [
        .. Start(1, pdu.Called, pdu.Calling),
        .. Item(0x10, Ascii(pdu.ApplicationContext)),
        .. pdu.Contexts.SelectMany(context => Item(0x21, [context.Id, 0, context.Result, 0, .. Item(0x40, Ascii(context.TransferSyntax))])),
        .. Item(0x50, User(pdu.User)),
    ];

    private static byte[] User(UserInformation user)
    {
        List<byte> bytes = [];
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(four, user.MaxPduLength);
        bytes.AddRange(Item(0x51, four));
        bytes.AddRange(Item(0x52, Ascii(user.ImplementationClassUid)));
        if (user.AsyncOperationsWindow is { } window)
        {
            BinaryPrimitives.WriteUInt16BigEndian(four, window.Invoked);
            BinaryPrimitives.WriteUInt16BigEndian(four[2..], window.Performed);
            bytes.AddRange(Item(0x53, four));
        }

        foreach (RoleSelection role in user.Roles)
        {
            bytes.AddRange(Item(0x54, [.. Counted(Ascii(role.SopClass)), (byte)(role.Scu ? 1 : 0), (byte)(role.Scp ? 1 : 0)]));
        }

        bytes.AddRange(Item(0x55, Ascii(user.ImplementationVersionName)));
        foreach (ExtendedNegotiation extended in user.Extended)
        {
            bytes.AddRange(Item(0x56, [.. Counted(Ascii(extended.SopClass)), .. extended.Information]));
        }

        foreach (CommonExtendedNegotiation common in user.CommonExtended)
        {
            byte[] related = [.. common.Related.SelectMany(uid => Counted(Ascii(uid)))];
            bytes.AddRange(Item(0x57, [.. Counted(Ascii(common.SopClass)), .. Counted(Ascii(common.ServiceClass)), .. Counted(related)]));
        }

        if (user.Identity is { } identity)
        {
            bytes.AddRange(Item(0x58, [(byte)identity.Type, (byte)(identity.IsResponseRequested ? 1 : 0), .. Counted(identity.Primary.Span), .. Counted(identity.Secondary.Span)]));
        }

        if (user.IdentityResponse is { } response)
        {
            bytes.AddRange(Item(0x59, Counted(response)));
        }

        return [.. bytes];
    }

    private static byte[] Counted(ReadOnlySpan<byte> value) => [(byte)(value.Length >> 8), (byte)value.Length, .. value];

    private static byte[] Start(ushort version, string called, string calling) =>
        [(byte)(version >> 8), (byte)version, 0, 0, .. Ascii(called.PadRight(16)[..16]), .. Ascii(calling.PadRight(16)[..16]), .. new byte[32]];

    private static byte[] Item(byte type, ReadOnlySpan<byte> value) => [type, 0, (byte)(value.Length >> 8), (byte)value.Length, .. value];

    private static byte[] Wrap(byte type, ReadOnlySpan<byte> body)
    {
        byte[] bytes = new byte[PduDecoder.HeaderLength + body.Length];
        bytes[0] = type;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(2), body.Length);
        body.CopyTo(bytes.AsSpan(PduDecoder.HeaderLength));
        return bytes;
    }

    private static byte[] Ascii(string text) => Encoding.Latin1.GetBytes(text);
}
