using System.Buffers.Binary;
using System.Text;

namespace MedicalAi.Dicom.Network;

/// <summary>A DIMSE command set (PS3.7 section 9.3 and annex E), as far as C-STORE, C-ECHO and answers to others need it.</summary>
public sealed record DimseCommand
{
    /// <summary>Command Field of C-STORE-RQ.</summary>
    public const ushort CStoreRequest = 0x0001;

    /// <summary>Command Field of C-ECHO-RQ.</summary>
    public const ushort CEchoRequest = 0x0030;

    /// <summary>Command Field of C-CANCEL-RQ.</summary>
    public const ushort CCancelRequest = 0x0FFF;

    /// <summary>The Command Data Set Type of a message without data set.</summary>
    public const ushort NoDataSet = 0x0101;

    /// <summary>Command Field (0000,0100).</summary>
    public ushort CommandField { get; init; }

    /// <summary>Message ID (0000,0110), or Message ID Being Responded To (0000,0120) of a response.</summary>
    public ushort MessageId { get; init; }

    /// <summary>Affected SOP Class UID (0000,0002).</summary>
    public DicomUid? SopClass { get; init; }

    /// <summary>Affected SOP Instance UID (0000,1000).</summary>
    public DicomUid? SopInstance { get; init; }

    /// <summary>Whether a data set follows (0000,0800).</summary>
    public bool HasDataSet { get; init; }

    /// <summary>Status (0000,0900) of a response.</summary>
    public ushort Status { get; init; }

    /// <summary>Error Comment (0000,0902) of a response.</summary>
    public string? ErrorComment { get; init; }

    /// <summary>Whether it is a response.</summary>
    public bool IsResponse => (CommandField & 0x8000) != 0;

    internal static DimseCommand? Decode(ReadOnlySpan<byte> bytes)
    {
        DimseCommand command = new();
        bool hasField = false, hasId = false;
        while (bytes.Length > 0)
        {
            if (bytes.Length < 8 || BinaryPrimitives.ReadUInt16LittleEndian(bytes) != 0)
            {
                return null;
            }

            ushort element = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            if (length > bytes.Length - 8)
            {
                return null;
            }

            ReadOnlySpan<byte> value = bytes.Slice(8, (int)length);
            bytes = bytes[(8 + (int)length)..];
            ushort number = length >= 2 ? BinaryPrimitives.ReadUInt16LittleEndian(value) : (ushort)0;
            switch (element)
            {
                case 0x0002:
                    command = command with { SopClass = DicomUid.TryParse(value, out DicomUid sopClass) ? sopClass : null };
                    break;
                case 0x0100:
                    command = command with { CommandField = number };
                    hasField = length == 2;
                    break;
                case 0x0110 or 0x0120:
                    command = command with { MessageId = number };
                    hasId = length == 2;
                    break;
                case 0x0800:
                    command = command with { HasDataSet = number != NoDataSet };
                    break;
                case 0x0900:
                    command = command with { Status = number };
                    break;
                case 0x0902:
                    command = command with { ErrorComment = Encoding.Latin1.GetString(value.Trim(" \0"u8)) };
                    break;
                case 0x1000:
                    command = command with { SopInstance = DicomUid.TryParse(value, out DicomUid instance) ? instance : null };
                    break;
                default:
                    break;
            }
        }

        return hasField && hasId ? command : null;
    }

    internal byte[] Encode()
    {
        List<byte> body = [];
        Text(0x0002, SopClass?.Value);
        Number(0x0100, CommandField);
        Number(IsResponse || CommandField == CCancelRequest ? (ushort)0x0120 : (ushort)0x0110, MessageId);
        if (CommandField == CStoreRequest)
        {
            Number(0x0700, 0);
        }

        Number(0x0800, HasDataSet ? (ushort)1 : NoDataSet);
        if (IsResponse)
        {
            Number(0x0900, Status);
            if (ErrorComment is { } comment)
            {
                string safe = new([.. comment.Take(64).Select(c => c is >= ' ' and <= '~' ? c : '?')]);
                Text(0x0902, safe.Length % 2 == 0 ? safe : safe.Length < 64 ? safe + " " : safe);
            }
        }

        Text(0x1000, SopInstance?.Value);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, body.Count);
        return [0, 0, 0, 0, 4, 0, 0, 0, .. length, .. body];

        void Text(ushort element, string? value)
        {
            if (value is null)
            {
                return;
            }

            Element(element, Encoding.Latin1.GetBytes(value.Length % 2 == 0 ? value : value + "\0"));
        }

        void Number(ushort element, ushort value) => Element(element, [(byte)value, (byte)(value >> 8)]);

        void Element(ushort element, byte[] value) =>
            body.AddRange([0, 0, (byte)element, (byte)(element >> 8), (byte)value.Length, (byte)(value.Length >> 8), 0, 0, .. value]);
    }
}
