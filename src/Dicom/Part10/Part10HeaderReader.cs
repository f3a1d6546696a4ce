using System.Buffers;
using System.Buffers.Binary;

namespace MedicalAi.Dicom;

/// <summary>Finds out how a file begins: preamble and group 0002, group 0002 alone, or a data set at once.</summary>
internal static class Part10HeaderReader
{
    /// <summary>Where the group 0002 begins, after the preamble and "DICM".</summary>
    public const int PrefixEnd = 132;

    // More than any group 0002 of a real device; private information (0002,0102) included.
    private const int MaxMetaLength = 256 * 1024;

    private static readonly DicomTag s_afterMeta = new(0x0003, 0x0000);

    public static ParseResult<Part10Header?> TryRead(ReadOnlySequence<byte> start, bool isFinal)
    {
        int available = (int)Math.Min(start.Length, MaxMetaLength);
        bool more = !isFinal && available < MaxMetaLength;
        ReadOnlySequence<byte> cut = start.Slice(0, available);
        ReadOnlySpan<byte> bytes = cut.IsSingleSegment ? cut.FirstSpan : cut.ToArray();
        if (bytes.Length >= PrefixEnd && bytes[(PrefixEnd - 4)..PrefixEnd].SequenceEqual("DICM"u8))
        {
            // The four letters may stand in a value of a file that has no preamble.
            return bytes.Length < PrefixEnd + 2 && more ? Need()
                : bytes[PrefixEnd..].StartsWith<byte>([2, 0]) || Guess(bytes) is null ? ReadMeta(bytes, PrefixEnd, more)
                : new Part10Header(null, Guess(bytes)!, 0);
        }

        if (bytes.Length < PrefixEnd + 8 && more)
        {
            return Need();
        }

        if (bytes.Length >= 8 && bytes[0] == 2 && bytes[1] == 0
            && (((Vr)BinaryPrimitives.ReadUInt16BigEndian(bytes[4..])).IsKnown() || bytes[2..8].SequenceEqual<byte>([0, 0, 4, 0, 0, 0])))
        {
            return ReadMeta(bytes, 0, more);
        }

        return Guess(bytes) is { } syntax
            ? new Part10Header(null, syntax, 0)
            : new DicomError(DicomErrorKind.NotDicom, "The bytes are no DICOM file: no prefix, no meta information, no data set.");
    }

    private static ParseResult<Part10Header?> ReadMeta(ReadOnlySpan<byte> bytes, int offset, bool more)
    {
        ReadOnlySpan<byte> body = bytes[offset..];
        if (body.Length < 12)
        {
            return more ? Need() : new DicomError(DicomErrorKind.Truncated, "The file ends within its meta information.", bytes.Length);
        }

        bool isExplicit = ((Vr)BinaryPrimitives.ReadUInt16BigEndian(body[4..])).IsKnown();
        TransferSyntax encoding = isExplicit ? TransferSyntax.ExplicitVrLittleEndian : TransferSyntax.ImplicitVrLittleEndian;
        long groupEnd = body[..4].SequenceEqual<byte>([2, 0, 0, 0]) ? 12L + BinaryPrimitives.ReadUInt32LittleEndian(body[8..]) : -1;
        DicomReaderState state = new(encoding, MaxMetaLength, s_afterMeta);
        DicomReader reader = new(body, isFinalBlock: !more, state);
        DataSetBuilder builder = new(DicomReadOptions.Default);
        int end = 0;
        bool isAfter = false;
        for (int depth = 0; reader.Read(); depth = reader.Depth)
        {
            if (depth == 0 && reader.Tag.Group != 0x0002)
            {
                isAfter = true; // A data set of groups that no standard knows begins before the stop tag.
                break;
            }

            if (builder.Take(ref reader, default) is { } error)
            {
                return error;
            }

            end = reader.BytesConsumed;

            // Deflated bytes may look like one more element: there the group length has to be believed.
            if (end == groupEnd && builder.Top.GetUid(DicomTags.TransferSyntaxUID) is { } found && TransferSyntax.Find(found) is { IsDeflated: true })
            {
                return Finish(builder.Top, bytes, offset + end, more);
            }
        }

        if (state.Error is { } failed)
        {
            return failed with { Offset = failed.Offset + offset };
        }

        // At the end of what there is, the next element may still be of the group.
        return isAfter || state.Stopped || !more ? Finish(builder.Top, bytes, offset + end, more) : Need();
    }

    private static ParseResult<Part10Header?> Finish(DicomDataSet group, ReadOnlySpan<byte> bytes, int end, bool more)
    {
        TransferSyntax? syntax;
        ReadOnlySpan<byte> dataSet = bytes[end..];
        if (group.GetUid(DicomTags.TransferSyntaxUID) is { } uid)
        {
            syntax = TransferSyntax.Find(uid);
            if (syntax is null)
            {
                return new DicomError(DicomErrorKind.UnknownTransferSyntax, $"Transfer syntax {uid} is not of the standard.", end, DicomTags.TransferSyntaxUID);
            }

            if (!syntax.IsExplicitVr && !syntax.IsDeflated)
            {
                if (more && dataSet.Length < 8)
                {
                    return Need();
                }

                // Named implicit though it is explicit: seen often enough, and it has one meaning only.
                syntax = IsExplicitAfterAll(dataSet) ? TransferSyntax.ExplicitVrLittleEndian : syntax;
            }
        }
        else if (more && dataSet.Length < 8)
        {
            return Need();
        }
        else
        {
            // After meta information a data set may begin with any group.
            syntax = Guess(dataSet) ?? (dataSet.Length < 8 ? null
                : ((Vr)BinaryPrimitives.ReadUInt16BigEndian(dataSet[4..])).IsKnown() ? TransferSyntax.ExplicitVrLittleEndian
                : TransferSyntax.ImplicitVrLittleEndian);
            if (syntax is null)
            {
                return new DicomError(DicomErrorKind.UnknownTransferSyntax, "The meta information names no transfer syntax, and the data set does not show it.", end);
            }
        }

        FileMetaInformation meta = new()
        {
            MediaStorageSopClass = group.GetUid(DicomTags.MediaStorageSOPClassUID) ?? default,
            MediaStorageSopInstance = group.GetUid(DicomTags.MediaStorageSOPInstanceUID) ?? default,
            TransferSyntaxUid = syntax.Uid,
            ImplementationClassUid = group.GetUid(DicomTags.ImplementationClassUID),
            ImplementationVersionName = group.GetString(DicomTags.ImplementationVersionName),
            SourceAe = group.GetString(DicomTags.SourceApplicationEntityTitle),
            SendingAe = group.GetString(DicomTags.SendingApplicationEntityTitle),
            ReceivingAe = group.GetString(DicomTags.ReceivingApplicationEntityTitle),
        };
        return new Part10Header(meta, syntax, end) { NamedTransferSyntax = group.GetUid(DicomTags.TransferSyntaxUID) };
    }

    private static bool IsExplicitAfterAll(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8)
        {
            return false;
        }

        DicomTag tag = new(BinaryPrimitives.ReadUInt16LittleEndian(bytes), BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]));
        return (Vr)BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]) == DicomDictionary.FindVr(tag);
    }

    /// <summary>The encoding that the first element shows; null when it is no element that a data set begins with.</summary>
    private static TransferSyntax? Guess(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8)
        {
            return null;
        }

        ushort little = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        ushort big = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        bool isExplicit = ((Vr)BinaryPrimitives.ReadUInt16BigEndian(bytes[4..])).IsKnown();
        if (BeginsDataSet(little))
        {
            return isExplicit ? TransferSyntax.ExplicitVrLittleEndian
                : BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) < 64 * 1024 ? TransferSyntax.ImplicitVrLittleEndian
                : null;
        }

        return BeginsDataSet(big) && isExplicit ? TransferSyntax.ExplicitVrBigEndian : null;
    }

    // A composite instance begins with group 0008; others are let pass as far as they can be told from noise.
    private static bool BeginsDataSet(ushort group) => group is >= 0x0004 and <= 0x0020;

    private static ParseResult<Part10Header?> Need() => new((Part10Header?)null);
}
