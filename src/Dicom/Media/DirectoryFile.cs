using System.Buffers;

namespace MedicalAi.Dicom.Media;

/// <summary>A record and the byte of the file at which its item begins; -1 where there is no such byte, in a deflated file.</summary>
internal readonly record struct PlacedRecord(long Offset, DicomDataSet Keys);

/// <summary>The records of a DICOMDIR in the order of the file, before they are linked.</summary>
internal sealed record DirectoryFile(DicomDataSet DataSet, IReadOnlyList<PlacedRecord> Records, IReadOnlyList<string> Warnings)
{
    public static ParseResult<DirectoryFile> Read(ReadOnlyMemory<byte> file, DicomReadOptions options)
    {
        ParseResult<Part10Header?> start = FileMetaInformation.TryRead(new ReadOnlySequence<byte>(file), isFinal: true);
        if (!start.Ok)
        {
            return start.Error;
        }

        Part10Header header = start.Value!;
        return header.TransferSyntax.IsDeflated ? ReadDeflated(file, options) : ReadPlain(file[(int)header.DataSetOffset..], header, options);
    }

    private static ParseResult<DirectoryFile> ReadDeflated(ReadOnlyMemory<byte> file, DicomReadOptions options)
    {
        ParseResult<DicomFile> parsed = DicomFile.Parse(file, options);
        if (!parsed.Ok)
        {
            return parsed.Error;
        }

        return parsed.Value.DataSet.Find(DicomTags.DirectoryRecordSequence)?.Items is { } items
            ? new DirectoryFile(parsed.Value.DataSet, [.. items.Select(item => new PlacedRecord(-1, item))], [])
            : NoRecords();
    }

    private static ParseResult<DirectoryFile> ReadPlain(ReadOnlyMemory<byte> bytes, Part10Header header, DicomReadOptions options)
    {
        DataSetBuilder builder = new(options);
        DicomReaderState state = new(header.TransferSyntax, options);
        DicomReader reader = new(bytes.Span, isFinalBlock: true, state);
        List<PlacedRecord> records = [];
        PlacedRecord open = default;
        bool isFound = false;
        bool isWithin = false;
        while (reader.Read())
        {
            if (builder.Take(ref reader, bytes) is { } error)
            {
                return error;
            }

            switch (reader.Token, reader.Depth)
            {
                case (DicomTokenType.SequenceStart, 1):
                    isWithin = reader.Tag == DicomTags.DirectoryRecordSequence;
                    isFound |= isWithin;
                    break;
                case (DicomTokenType.ItemStart, 2) when isWithin:
                    // The value begins after the tag and the length of the item, which links point to.
                    open = new PlacedRecord(header.DataSetOffset + reader.ValuePosition - 8, builder.Item!);
                    break;
                case (DicomTokenType.ItemEnd, 1) when isWithin:
                    records.Add(open);
                    break;
                default:
                    break;
            }
        }

        DicomDataSet dataSet = builder.Finish();
        if (state.Error is { } failed)
        {
            return records.Count > 0 && failed.Kind is DicomErrorKind.Truncated or DicomErrorKind.InvalidLength or DicomErrorKind.InvalidVr or DicomErrorKind.UnexpectedTag
                ? new DirectoryFile(dataSet, records, [$"The directory is cut short or damaged, and only the records before that are known: {failed.Message}"])
                : failed;
        }

        return isFound ? new DirectoryFile(dataSet, records, []) : NoRecords();
    }

    private static DicomError NoRecords() =>
        new(DicomErrorKind.MissingElement, "The file is no DICOMDIR: it has no Directory Record Sequence.", 0, DicomTags.DirectoryRecordSequence);
}
