namespace MedicalAi.Dicom;

/// <summary>Makes a data set of the tokens of a <see cref="DicomReader"/>, within the limits of the options.</summary>
/// <param name="options">The limits.</param>
/// <param name="parent">The data set that encloses what is read; null at the top.</param>
internal sealed class DataSetBuilder(DicomReadOptions options, DicomDataSet? parent = null)
{
    private readonly DicomDataSet _top = new(parent);
    private readonly Stack<Level> _levels = new();
    private readonly VrResolver _resolver = new();
    private readonly PrivateVrResolver _privateResolver = new();
    private readonly ValueSlabs _slabs = new();
    private DicomDataSet? _item;
    private List<DicomFragment>? _fragments;
    private ReadOnlyMemory<byte> _offsetTable;
    private bool _hasOffsetTable;
    private Vr _fragmentsVr;
    private int _elements;
    private OutOfOrderBudget _outOfOrder;
    private long _bytes;

    /// <summary>The data set at the top as far as it is known.</summary>
    public DicomDataSet Top => _top;

    /// <summary>The item that is being read; null at the top.</summary>
    public DicomDataSet? Item => _item;

    /// <summary>The last tag at the top level that was read with its value.</summary>
    public DicomTag LastTag { get; private set; }

    private int DepthLimit { get; init; } = DicomReaderState.MaxDepth;

    // Where what is read begins in the data set at the top.
    private long Origin { get; init; }

    private DicomDataSet Current => _item ?? _top;

    /// <summary>Takes the token that the reader stands on.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="source">The whole data set, which values may point into; empty when they must be copied.</param>
    public DicomError? Take(ref DicomReader reader, ReadOnlyMemory<byte> source)
    {
        switch (reader.Token)
        {
            case DicomTokenType.Element:
                return Count(ref reader) ?? TakeElement(ref reader, source);
            case DicomTokenType.BulkValue:
                return Count(ref reader) ?? Add(new DicomElement(reader.Tag, ResolveVr(ref reader) is var bulkVr and not Vr.SQ ? bulkVr : Vr.UN, new BulkLocation(Origin + reader.ValuePosition, reader.Length)), reader.ValuePosition);
            case DicomTokenType.SequenceStart:
                _levels.Push(new Level(_item, reader.Tag, []));
                return Count(ref reader);
            case DicomTokenType.ItemStart:
                _item = new DicomDataSet(Current);
                _levels.Peek().Items.Add(_item);
                return Count(ref reader);
            case DicomTokenType.ItemEnd:
                _item = _levels.Peek().Owner;
                return null;
            case DicomTokenType.SequenceEnd:
                Level ended = _levels.Pop();
                return Add(new DicomElement(ended.Tag, ended.Items), reader.ValuePosition);
            case DicomTokenType.FragmentsStart:
                (_fragments, _offsetTable, _hasOffsetTable, _fragmentsVr) = ([], default, false, reader.Vr);
                return Count(ref reader);
            case DicomTokenType.Fragment:
                return Count(ref reader) ?? TakeFragment(ref reader, source);
            case DicomTokenType.FragmentsEnd:
                List<DicomFragment> fragments = _fragments ?? [];
                _fragments = null;
                return Add(new DicomElement(reader.Tag, _fragmentsVr, new DicomFragments(_offsetTable, fragments)), reader.ValuePosition);
            default:
                return null;
        }
    }

    /// <summary>Ends the data set: what later elements decide about earlier ones is put in place.</summary>
    public DicomDataSet Finish()
    {
        _resolver.Finish();
        return _top;
    }

    /// <summary>The items in a value in implicit VR little endian; null when it is anything else.</summary>
    public IReadOnlyList<DicomDataSet>? ReadItems(DicomTag tag, ReadOnlyMemory<byte> value)
    {
        DicomReaderState state = new(TransferSyntax.ImplicitVrLittleEndian, options) { DepthLimit = DepthLimit };
        if (!value.IsEmpty && !state.EnterSequence(tag, value.Length))
        {
            return null;
        }

        _levels.Push(new Level(null, tag, []));
        DicomReader reader = new(value.Span, isFinalBlock: true, state);
        DicomError? error = null;
        while (error is null && reader.Read())
        {
            error = Take(ref reader, value);
        }

        if ((error ?? state.Error) is not null)
        {
            return null;
        }

        IReadOnlyList<DicomDataSet> items = Finish().Find(tag)?.Items ?? [];
        foreach (DicomDataSet item in items)
        {
            item.Parent = parent;
        }

        return items;
    }

    private DicomError? TakeElement(ref DicomReader reader, ReadOnlyMemory<byte> source)
    {
        Vr vr = ResolveVr(ref reader);
        ReadOnlyMemory<byte> value = Keep(ref reader, source, reader.IsBigEndian ? vr.UnitSize() : 1);
        if (vr == Vr.SQ)
        {
            return TakeItems(ref reader, value);
        }

        return Add(new DicomElement(reader.Tag, vr, value), reader.ValuePosition);
    }

    private Vr ResolveVr(ref DicomReader reader) => !reader.IsImplicitVr ? reader.Vr
        : reader.Tag.IsPrivate && reader.Vr == Vr.UN ? _privateResolver.Resolve(Current, reader.Tag, reader.Length)
        : _resolver.Resolve(Current, reader.Tag, reader.Vr);

    /// <summary>A private sequence of defined length, which only the table of its creator knows to be one: bytes, where it is none after all.</summary>
    private DicomError? TakeItems(ref DicomReader reader, ReadOnlyMemory<byte> value)
    {
        DataSetBuilder inner = new(options with { MaxValueLength = int.MaxValue, MaxBulkLength = int.MaxValue }, Current)
        {
            DepthLimit = DepthLimit - reader.Depth,
            Origin = Origin + reader.ValuePosition,
        };
        IReadOnlyList<DicomDataSet>? items = inner.ReadItems(reader.Tag, value);
        _elements += inner._elements;
        return _elements > options.MaxElements
            ? new DicomError(DicomErrorKind.TooLarge, "More elements than the limit.", reader.ValuePosition, reader.Tag)
            : Add(items is null ? new DicomElement(reader.Tag, Vr.UN, value) : new DicomElement(reader.Tag, items), reader.ValuePosition);
    }

    private DicomError? TakeFragment(ref DicomReader reader, ReadOnlyMemory<byte> source)
    {
        ReadOnlyMemory<byte> value = Keep(ref reader, source, 1);
        if (_hasOffsetTable)
        {
            _fragments!.Add(new DicomFragment(new BulkLocation(Origin + reader.ValuePosition, reader.Length), value));
        }
        else
        {
            (_hasOffsetTable, _offsetTable) = (true, value);
        }

        return null;
    }

    private DicomError? Count(ref DicomReader reader)
    {
        _bytes += reader.Value.Length;
        return ++_elements > options.MaxElements ? new DicomError(DicomErrorKind.TooLarge, "More elements than the limit.", reader.ValuePosition, reader.Tag)
            : _bytes > options.MaxTotalLength ? new DicomError(DicomErrorKind.TooLarge, "More bytes of values than the limit.", reader.ValuePosition, reader.Tag)
            : null;
    }

    private DicomError? Add(DicomElement element, long position)
    {
        DicomDataSet dataSet = Current;
        if (!dataSet.Append(element))
        {
            if (dataSet.Contains(element.Tag))
            {
                // The first one counts: what a caller has seen of a data set that is still coming never changes.
                return null;
            }

            if (!_outOfOrder.TrySet(dataSet, element))
            {
                return new DicomError(DicomErrorKind.TooLarge, "Too many elements out of order.", position, element.Tag);
            }
        }

        if (_levels.Count == 0)
        {
            LastTag = element.Tag;
        }

        return null;
    }

    private ReadOnlyMemory<byte> Keep(ref DicomReader reader, ReadOnlyMemory<byte> source, int unit)
    {
        if (reader.Value.IsEmpty)
        {
            return default;
        }

        if (unit == 1 && !source.IsEmpty)
        {
            return source.Slice((int)reader.ValuePosition, reader.Value.Length);
        }

        Memory<byte> copy = _slabs.Copy(reader.Value);
        if (unit > 1)
        {
            ByteOrder.Reverse(copy.Span, unit);
        }

        return copy;
    }

    /// <summary>A sequence that is being read.</summary>
    /// <param name="Owner">The item that holds it; null at the top.</param>
    /// <param name="Tag">Its tag.</param>
    /// <param name="Items">Its items so far.</param>
    private readonly record struct Level(DicomDataSet? Owner, DicomTag Tag, List<DicomDataSet> Items);
}
