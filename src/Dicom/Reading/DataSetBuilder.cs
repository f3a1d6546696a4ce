namespace MedicalAi.Dicom;

/// <summary>Makes a data set of the tokens of a <see cref="DicomReader"/>, within the limits of the options.</summary>
internal sealed class DataSetBuilder(TransferSyntax syntax, DicomReadOptions options)
{
    // Elements out of order are put in place one by one, which costs time by the square of their number.
    private const int MaxOutOfOrder = 4096;

    private readonly Stack<Level> _levels = new();
    private DicomDataSet _current = new();
    private List<DicomFragment>? _fragments;
    private ReadOnlyMemory<byte> _offsetTable;
    private bool _hasOffsetTable;
    private Vr _fragmentsVr;
    private int _elements;
    private int _outOfOrder;
    private long _bytes;
    private DicomDataSet? _top;

    /// <summary>The data set at the top as far as it is known.</summary>
    public DicomDataSet Top => _top ?? _current;

    /// <summary>The last tag at the top level that was read with its value.</summary>
    public DicomTag LastTag { get; private set; }

    /// <summary>Takes the token that the reader stands on.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="source">The whole data set, which values may point into; empty when they must be copied.</param>
    public DicomError? Take(ref DicomReader reader, ReadOnlyMemory<byte> source)
    {
        if (++_elements > options.MaxElements)
        {
            return new DicomError(DicomErrorKind.TooLarge, "More elements than the limit.", reader.ValuePosition, reader.Tag);
        }

        switch (reader.Token)
        {
            case DicomTokenType.Element:
                return TakeElement(ref reader, source);
            case DicomTokenType.BulkValue:
                return Add(new DicomElement(reader.Tag, reader.Vr, new BulkLocation(reader.ValuePosition, reader.Length)), reader.ValuePosition);
            case DicomTokenType.SequenceStart:
                _levels.Push(new Level(_current, reader.Tag, []));
                return null;
            case DicomTokenType.ItemStart:
                Level sequence = _levels.Peek();
                _top ??= sequence.Owner;
                _current = new DicomDataSet(sequence.Owner);
                sequence.Items.Add(_current);
                return null;
            case DicomTokenType.ItemEnd:
                _current = _levels.Peek().Owner;
                return null;
            case DicomTokenType.SequenceEnd:
                Level ended = _levels.Pop();
                return Add(new DicomElement(ended.Tag, ended.Items), reader.ValuePosition);
            case DicomTokenType.FragmentsStart:
                (_fragments, _offsetTable, _hasOffsetTable, _fragmentsVr) = ([], default, false, reader.Vr);
                return null;
            case DicomTokenType.Fragment:
                return TakeFragment(ref reader, source);
            case DicomTokenType.FragmentsEnd:
                List<DicomFragment> fragments = _fragments ?? [];
                _fragments = null;
                return Add(new DicomElement(reader.Tag, _fragmentsVr, new DicomFragments(_offsetTable, fragments)), reader.ValuePosition);
            default:
                return null;
        }
    }

    private DicomError? TakeElement(ref DicomReader reader, ReadOnlyMemory<byte> source)
    {
        if (Count(reader.Value.Length, ref reader) is { } error)
        {
            return error;
        }

        int unit = reader.IsBigEndian ? reader.Vr.UnitSize() : 1;
        ReadOnlyMemory<byte> value = unit > 1 ? Swap(reader.Value, unit) : Keep(ref reader, source);
        return Add(new DicomElement(reader.Tag, VrResolver.Resolve(_current, reader.Tag, reader.Vr, syntax.IsExplicitVr), value), reader.ValuePosition);
    }

    private DicomError? TakeFragment(ref DicomReader reader, ReadOnlyMemory<byte> source)
    {
        if (Count(reader.Value.Length, ref reader) is { } error)
        {
            return error;
        }

        if (!_hasOffsetTable)
        {
            (_hasOffsetTable, _offsetTable) = (true, Keep(ref reader, source));
        }
        else
        {
            _fragments!.Add(new DicomFragment(new BulkLocation(reader.ValuePosition, reader.Length), Keep(ref reader, source)));
        }

        return null;
    }

    private DicomError? Count(int length, ref DicomReader reader)
    {
        _bytes += length;
        return _bytes > options.MaxTotalLength
            ? new DicomError(DicomErrorKind.TooLarge, "More bytes of values than the limit.", reader.ValuePosition, reader.Tag)
            : null;
    }

    private DicomError? Add(DicomElement element, long position)
    {
        if (!_current.Append(element))
        {
            if (++_outOfOrder > MaxOutOfOrder)
            {
                return new DicomError(DicomErrorKind.TooLarge, "Too many elements out of order.", position, element.Tag);
            }

            _current.Set(element);
        }

        if (_levels.Count == 0)
        {
            LastTag = element.Tag;
        }

        return null;
    }

    private static ReadOnlyMemory<byte> Keep(ref DicomReader reader, ReadOnlyMemory<byte> source) =>
        reader.Value.IsEmpty ? ReadOnlyMemory<byte>.Empty
        : source.IsEmpty ? reader.Value.ToArray()
        : source.Slice((int)reader.ValuePosition, reader.Value.Length);

    private static byte[] Swap(ReadOnlySpan<byte> value, int unit)
    {
        byte[] swapped = value.ToArray();
        ByteOrder.Reverse(swapped, unit);
        return swapped;
    }

    private readonly record struct Level(DicomDataSet Owner, DicomTag Tag, List<DicomDataSet> Items);
}
