using System.Buffers.Binary;
using System.Text;

namespace MedicalAi.Dicom.Network;

/// <summary>A DIMSE command set (PS3.7 section 9.3 and annex E), as far as C-STORE, C-FIND, C-ECHO and answers to others need it.</summary>
public sealed record DimseCommand
{
    /// <summary>Command Field of C-STORE-RQ.</summary>
    public const ushort CStoreRequest = 0x0001;

    /// <summary>Command Field of C-FIND-RQ.</summary>
    public const ushort CFindRequest = 0x0020;

    /// <summary>Command Field of C-ECHO-RQ.</summary>
    public const ushort CEchoRequest = 0x0030;

    /// <summary>Command Field of C-CANCEL-RQ.</summary>
    public const ushort CCancelRequest = 0x0FFF;

    /// <summary>The Command Data Set Type of a message without data set.</summary>
    public const ushort NoDataSet = 0x0101;

    internal const int MaxEncodedLength = 1024;
    private const int MaxOffendingElements = 16;
    private const int MaxCommentLength = 64;

    /// <summary>Command Field (0000,0100).</summary>
    public ushort CommandField { get; init; }

    /// <summary>Message ID (0000,0110), or Message ID Being Responded To (0000,0120) of a response.</summary>
    public ushort MessageId { get; init; }

    /// <summary>Affected SOP Class UID (0000,0002).</summary>
    public DicomUid? SopClass { get; init; }

    /// <summary>Affected SOP Instance UID (0000,1000); null when it is absent or no UID.</summary>
    public DicomUid? SopInstance { get; init; }

    /// <summary>Priority (0000,0700) of a request: 0 medium, 1 high, 2 low.</summary>
    public ushort Priority { get; init; }

    /// <summary>Whether a data set follows (0000,0800).</summary>
    public bool HasDataSet { get; init; }

    /// <summary>Status (0000,0900) of a response.</summary>
    public ushort Status { get; init; }

    /// <summary>Offending Element (0000,0901) of a response.</summary>
    public IReadOnlyList<DicomTag> OffendingElements { get; init; } = [];

    /// <summary>Error Comment (0000,0902) of a response.</summary>
    public string? ErrorComment { get; init; }

    /// <summary>Whether it is a response.</summary>
    public bool IsResponse => (CommandField & 0x8000) != 0;

    internal static DimseCommand? Decode(ReadOnlySpan<byte> bytes)
    {
        ushort field = 0, id = 0, priority = 0, dataSetType = NoDataSet, status = 0;
        DicomUid? sopClass = null, sopInstance = null;
        string? comment = null;
        List<DicomTag>? offending = null;
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
                    sopClass = DicomUid.TryParse(value, out DicomUid readClass) ? readClass : null;
                    break;
                case 0x0100:
                    field = number;
                    hasField = length == 2;
                    break;
                case 0x0110 or 0x0120:
                    id = number;
                    hasId = length == 2;
                    break;
                case 0x0700:
                    priority = number;
                    break;
                case 0x0800:
                    dataSetType = number;
                    break;
                case 0x0900:
                    status = number;
                    break;
                case 0x0901:
                    for (offending = []; value.Length >= 4; value = value[4..])
                    {
                        offending.Add(new DicomTag(BinaryPrimitives.ReadUInt16LittleEndian(value), BinaryPrimitives.ReadUInt16LittleEndian(value[2..])));
                    }

                    break;
                case 0x0902:
                    comment = Encoding.Latin1.GetString(value.Trim(" \0"u8));
                    break;
                case 0x1000:
                    sopInstance = DicomUid.TryParse(value, out DicomUid readInstance) ? readInstance : null;
                    break;
                default:
                    break;
            }
        }

        return !hasField || !hasId ? null : new DimseCommand
        {
            CommandField = field,
            MessageId = id,
            SopClass = sopClass,
            SopInstance = sopInstance,
            Priority = priority,
            HasDataSet = dataSetType != NoDataSet,
            Status = status,
            OffendingElements = offending ?? (IReadOnlyList<DicomTag>)[],
            ErrorComment = comment,
        };
    }

    /// <summary>Writes the command set and gives its length, at most <see cref="MaxEncodedLength"/>.</summary>
    internal int Encode(Span<byte> target)
    {
        // Group length (0000,0000) first; its value comes last.
        int position = 12;
        Text(target, 0x0002, SopClass?.Value);
        Number(target, 0x0100, CommandField);
        Number(target, IsResponse || CommandField == CCancelRequest ? (ushort)0x0120 : (ushort)0x0110, MessageId);
        if (CommandField == CStoreRequest)
        {
            Number(target, 0x0700, Priority);
        }

        Number(target, 0x0800, HasDataSet ? (ushort)1 : NoDataSet);
        if (IsResponse)
        {
            Number(target, 0x0900, Status);
            if (OffendingElements.Count > 0)
            {
                int count = Math.Min(OffendingElements.Count, MaxOffendingElements);
                Span<byte> value = Element(target, 0x0901, count * 4);
                for (int i = 0; i < count; i++)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(value[(i * 4)..], OffendingElements[i].Group);
                    BinaryPrimitives.WriteUInt16LittleEndian(value[((i * 4) + 2)..], OffendingElements[i].Element);
                }
            }

            if (ErrorComment is { } comment)
            {
                // LO: 64 characters of the default repertoire, without backslash (PS3.5 table 6.2-1).
                Text(target, 0x0902, string.Concat(comment.Take(MaxCommentLength).Select(c => c is >= ' ' and <= '~' and not '\\' ? c : '?')), ' ');
            }
        }

        Text(target, 0x1000, SopInstance?.Value);
        target[..12].Clear();
        target[4] = 4;
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], position - 12);
        return position;

        void Text(Span<byte> target, ushort element, string? value, char padding = '\0')
        {
            if (value is not null)
            {
                Span<byte> bytes = Element(target, element, value.Length + (value.Length & 1));
                Encoding.Latin1.GetBytes(value, bytes);
                if ((value.Length & 1) != 0)
                {
                    bytes[^1] = (byte)padding;
                }
            }
        }

        void Number(Span<byte> target, ushort element, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Element(target, element, 2), value);

        Span<byte> Element(Span<byte> target, ushort element, int length)
        {
            Span<byte> header = target.Slice(position, 8);
            BinaryPrimitives.WriteUInt16LittleEndian(header, 0);
            BinaryPrimitives.WriteUInt16LittleEndian(header[2..], element);
            BinaryPrimitives.WriteInt32LittleEndian(header[4..], length);
            position += 8 + length;
            return target.Slice(position - length, length);
        }
    }
}
