using System.Buffers.Binary;
using System.Text;

namespace MedicalAi.Dicom.Network;

/// <content>Command sets as bytes: Implicit VR Little Endian (PS3.7 section 6.3.1).</content>
public sealed partial record DimseCommand
{
    internal const int MaxEncodedLength = 2048;
    private const int MaxTags = 64;
    private const int MaxCommentLength = 64;

    internal static DimseCommand? Decode(ReadOnlySpan<byte> bytes)
    {
        ushort commandField = 0, messageId = 0, priority = 0, dataSetType = NoDataSet, status = 0, moveOriginatorMessageId = 0;
        ushort? eventType = null, actionType = null, errorId = null, remaining = null, completed = null, failed = null, warning = null;
        DicomUid? sopClass = null, sopInstance = null;
        string? moveDestination = null, moveOriginator = null, errorComment = null;
        IReadOnlyList<DicomTag> offendingElements = [], attributeIdentifiers = [];
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
                    sopClass = Uid(value);
                    break;
                case 0x0003:
                    sopClass ??= Uid(value);
                    break;
                case 0x0100:
                    commandField = number;
                    hasField = length == 2;
                    break;
                case 0x0110 or 0x0120:
                    messageId = number;
                    hasId = length == 2;
                    break;
                case 0x0600:
                    moveDestination = Characters(value);
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
                    offendingElements = Tags(value);
                    break;
                case 0x0902:
                    errorComment = Characters(value);
                    break;
                case 0x0903:
                    errorId = number;
                    break;
                case 0x1000:
                    sopInstance = Uid(value);
                    break;
                case 0x1001:
                    sopInstance ??= Uid(value);
                    break;
                case 0x1002:
                    eventType = number;
                    break;
                case 0x1005:
                    attributeIdentifiers = Tags(value);
                    break;
                case 0x1008:
                    actionType = number;
                    break;
                case 0x1020:
                    remaining = number;
                    break;
                case 0x1021:
                    completed = number;
                    break;
                case 0x1022:
                    failed = number;
                    break;
                case 0x1023:
                    warning = number;
                    break;
                case 0x1030:
                    moveOriginator = Characters(value);
                    break;
                case 0x1031:
                    moveOriginatorMessageId = number;
                    break;
                default:
                    break;
            }
        }

        return !hasField || !hasId ? null : new DimseCommand
        {
            CommandField = commandField,
            MessageId = messageId,
            SopClass = sopClass,
            SopInstance = sopInstance,
            Priority = priority,
            HasDataSet = dataSetType != NoDataSet,
            Status = status,
            OffendingElements = offendingElements,
            ErrorComment = errorComment,
            ErrorId = errorId,
            MoveDestination = moveDestination,
            MoveOriginator = moveOriginator,
            MoveOriginatorMessageId = moveOriginatorMessageId,
            EventType = eventType,
            ActionType = actionType,
            AttributeIdentifiers = attributeIdentifiers,
            SubOperations = remaining is null && completed is null && failed is null && warning is null ? null
                : new SubOperations(remaining, completed ?? 0, failed ?? 0, warning ?? 0),
        };
    }

    /// <summary>Writes the command set and gives its length, at most <see cref="MaxEncodedLength"/>.</summary>
    internal int Encode(Span<byte> target)
    {
        // Group length (0000,0000) first; its value comes last.
        int position = 12;
        bool namesRequested = NamesRequested(CommandField);
        Characters(target, namesRequested ? (ushort)0x0003 : (ushort)0x0002, SopClass?.Value);
        Number(target, 0x0100, CommandField);
        Number(target, IsResponse || CommandField == CCancelRequest ? (ushort)0x0120 : (ushort)0x0110, MessageId);
        Characters(target, 0x0600, MoveDestination, ' ');
        if (CommandField is CStoreRequest or CFindRequest or CMoveRequest or CGetRequest)
        {
            Number(target, 0x0700, Priority);
        }

        Number(target, 0x0800, HasDataSet ? (ushort)1 : NoDataSet);
        if (IsResponse)
        {
            Number(target, 0x0900, Status);
            Tags(target, 0x0901, OffendingElements);

            // LO: 64 characters of the default repertoire, without backslash (PS3.5 table 6.2-1).
            Characters(target, 0x0902, ErrorComment is { } comment ? string.Concat(comment.Take(MaxCommentLength).Select(c => c is >= ' ' and <= '~' and not '\\' ? c : '?')) : null, ' ');
            OptionalNumber(target, 0x0903, ErrorId);
        }

        Characters(target, namesRequested ? (ushort)0x1001 : (ushort)0x1000, SopInstance?.Value);
        OptionalNumber(target, 0x1002, EventType);
        Tags(target, 0x1005, AttributeIdentifiers);
        OptionalNumber(target, 0x1008, ActionType);
        if (SubOperations is { } counts)
        {
            OptionalNumber(target, 0x1020, counts.Remaining);
            Number(target, 0x1021, counts.Completed);
            Number(target, 0x1022, counts.Failed);
            Number(target, 0x1023, counts.Warning);
        }

        Characters(target, 0x1030, MoveOriginator, ' ');
        if (MoveOriginator is not null)
        {
            Number(target, 0x1031, MoveOriginatorMessageId);
        }

        target[..12].Clear();
        target[4] = 4;
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], position - 12);
        return position;

        void Characters(Span<byte> target, ushort element, string? value, char padding = '\0')
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

        void Tags(Span<byte> target, ushort element, IReadOnlyList<DicomTag> tags)
        {
            int count = Math.Min(tags.Count, MaxTags);
            Span<byte> value = count > 0 ? Element(target, element, count * 4) : [];
            for (int i = 0; i < count; i++)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(value[(i * 4)..], tags[i].Group);
                BinaryPrimitives.WriteUInt16LittleEndian(value[((i * 4) + 2)..], tags[i].Element);
            }
        }

        void OptionalNumber(Span<byte> target, ushort element, ushort? value)
        {
            if (value is { } number)
            {
                Number(target, element, number);
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

    private static DicomUid? Uid(ReadOnlySpan<byte> value) => DicomUid.TryParse(value, out DicomUid uid) ? uid : null;

    private static string Characters(ReadOnlySpan<byte> value) => Encoding.Latin1.GetString(value.Trim(" \0"u8));

    private static List<DicomTag> Tags(ReadOnlySpan<byte> value)
    {
        List<DicomTag> tags = [];
        for (; value.Length >= 4; value = value[4..])
        {
            tags.Add(new DicomTag(BinaryPrimitives.ReadUInt16LittleEndian(value), BinaryPrimitives.ReadUInt16LittleEndian(value[2..])));
        }

        return tags;
    }
}
