using System.Buffers.Binary;
using Kind = MedicalAi.Dicom.DicomReaderState.Kind;

namespace MedicalAi.Dicom;

/// <summary>
/// Reads a data set (PS3.5 chapter 7) forward, token by token, without allocation per element. Where a block ends within a
/// token, <see cref="Read"/> is false with no error: make a new reader over the bytes not consumed and those that follow.
/// </summary>
/// <remarks>
/// Tolerated, because devices send it and it has one meaning only: odd lengths; elements in implicit VR among explicit ones
/// (told by a VR that is not two capital letters), and items in explicit VR in a data set in implicit VR (told by the VR that the
/// dictionary has for the first element); other values where the dictionary has a sequence in implicit VR, which become UN; VRs given as <c>??</c> or blank,
/// or with their two letters in the wrong order; delimiters after items and sequences of
/// defined length; zeros after the last element. Lengths are never believed beyond what encloses them.
/// </remarks>
public ref partial struct DicomReader
{
    private const uint Undefined = 0xFFFFFFFF;
    private static readonly DicomTag s_item = new(0xFFFE, 0xE000);
    private static readonly DicomTag s_itemEnd = new(0xFFFE, 0xE00D);
    private static readonly DicomTag s_sequenceEnd = new(0xFFFE, 0xE0DD);

    private readonly ReadOnlySpan<byte> _data;
    private readonly bool _isFinal;
    private readonly DicomReaderState _state;

    /// <summary>Reads on in a data set.</summary>
    /// <param name="data">The next bytes, beginning with those that the reader before did not consume.</param>
    /// <param name="isFinalBlock">Whether none come after them.</param>
    /// <param name="state">What is remembered between blocks.</param>
    public DicomReader(ReadOnlySpan<byte> data, bool isFinalBlock, DicomReaderState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _data = data;
        _isFinal = isFinalBlock;
        _state = state;
    }

    /// <summary>What was read.</summary>
    public DicomTokenType Token { get; private set; }

    /// <summary>The tag of the element, or of the item or delimiter.</summary>
    public DicomTag Tag { get; private set; }

    /// <summary>The VR: as it stands, or in implicit VR from the dictionary.</summary>
    public Vr Vr { get; private set; }

    /// <summary>Whether the VR is of the dictionary, for none stands with the element.</summary>
    public bool IsImplicitVr { get; private set; }

    /// <summary>Whether the numbers of the value have their high byte first.</summary>
    public bool IsBigEndian { get; private set; }

    /// <summary>The length as it stands; 0xFFFFFFFF is undefined.</summary>
    public uint Length { get; private set; }

    /// <summary>The bytes of the value in the order of the transfer syntax; empty when skipped.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Where the value begins, from the start of the data set.</summary>
    public long ValuePosition { get; private set; }

    /// <summary>The bytes of this block that are done with.</summary>
    public int BytesConsumed { get; private set; }

    /// <summary>How many sequences and items enclose the position.</summary>
    public readonly int Depth => _state.Depth;

    /// <summary>Why reading ended; null while all is well.</summary>
    public readonly DicomError? Error => _state.Error;

    internal readonly bool IsFinalBlock => _isFinal;

    /// <summary>Goes to the next token; false at the end of the block or data set, at the stop tag and on an error.</summary>
    public bool Read()
    {
        Value = default;
        if (_state.Error is not null || _state.Stopped || !SkipBulk())
        {
            return false;
        }

        while (true)
        {
            ref readonly DicomReaderState.Frame frame = ref _state.Current;
            if (_state.Position == frame.End)
            {
                return Pop(frame);
            }

            ReadOnlySpan<byte> rest = _data[BytesConsumed..];
            if (rest.Length < 8)
            {
                return EndOfBlock(rest);
            }

            DicomTag tag = frame.IsBigEndian
                ? DicomTag.FromValue(BinaryPrimitives.ReadUInt32BigEndian(rest))
                : new DicomTag(BinaryPrimitives.ReadUInt16LittleEndian(rest), BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]));
            if (tag.Group != 0xFFFE && frame.Kind is Kind.DataSet or Kind.Item)
            {
                if (tag.Value != 0 || !IsPadding(rest))
                {
                    return ReadElement(frame, tag, rest);
                }
            }
            else if (!IsStrayDelimiter(frame, tag, rest))
            {
                return ReadDelimiter(frame, tag, U32(rest[4..], frame.IsBigEndian));
            }

            _state.Departures |= tag.Value == 0 ? DicomDepartures.TrailingZeros : DicomDepartures.StrayDelimiter;
            Advance(8);
        }
    }

    private bool ReadElement(in DicomReaderState.Frame frame, DicomTag tag, ReadOnlySpan<byte> rest)
    {
        if (_state.Depth == 0 && tag >= _state.StopTag)
        {
            _state.Stopped = true;
            return false;
        }

        int header = 8;
        uint length;
        bool isExplicit = frame.IsExplicit;
        Vr vr = isExplicit ? (Vr)BinaryPrimitives.ReadUInt16BigEndian(rest[4..]) : Vr.None;
        if (isExplicit && vr.HasLongLength())
        {
            header = 12;
            if (rest.Length < header)
            {
                return NeedMore();
            }

            length = U32(rest[8..], frame.IsBigEndian);
        }
        else if (isExplicit && vr.IsKnown())
        {
            length = U16(rest[6..], frame.IsBigEndian);
        }
        else if (isExplicit && IsUnknownVr(vr, out bool hasLongLength))
        {
            vr = Swapped(vr, tag);
            hasLongLength = vr == Vr.None ? hasLongLength : vr.HasLongLength();
            header = hasLongLength ? 12 : 8;
            if (rest.Length < header)
            {
                return NeedMore();
            }

            length = hasLongLength ? U32(rest[8..], frame.IsBigEndian) : U16(rest[6..], frame.IsBigEndian);
            _state.Departures |= vr == Vr.None ? DicomDepartures.UnknownVr : DicomDepartures.SwappedVr;
            vr = vr == Vr.None ? Vr.UN : vr;
        }
        else
        {
            vr = DicomDictionary.FindVr(tag);
            if (!isExplicit && _state.Position == _state.ItemBegin && frame.Kind == Kind.Item && (Vr)BinaryPrimitives.ReadUInt16BigEndian(rest[4..]) == vr)
            {
                _state.SwitchToExplicit();
                _state.Departures |= DicomDepartures.ExplicitItem;
                return ReadElement(_state.Current, tag, rest);
            }

            if (isExplicit && vr == Vr.UN && !tag.IsPrivate)
            {
                return Fail(DicomErrorKind.InvalidVr, "An element without a value representation, and not of the dictionary.", tag);
            }

            _state.Departures |= isExplicit ? DicomDepartures.MissingVr : DicomDepartures.None;
            isExplicit = false;
            vr = vr == Vr.None ? Vr.UN : vr;
            length = U32(rest[4..], frame.IsBigEndian);
        }

        if (!isExplicit && vr == Vr.SQ && length != Undefined && length > 0)
        {
            if (length >= 8 && rest.Length < 12)
            {
                return NeedMore();
            }

            if (length < 8 || !BeginsWithItem(rest[8..], frame.IsBigEndian))
            {
                vr = Vr.UN;
                _state.Departures |= DicomDepartures.ValueForSequence;
            }
        }

        IsImplicitVr = !isExplicit;
        return length == Undefined ? EnterUndefined(frame, tag, vr, header, isExplicit)
            : vr == Vr.SQ ? Push(DicomTokenType.SequenceStart, Kind.Sequence, frame with { IsExplicit = isExplicit }, tag, vr, header, length)
            : TakeValue(DicomTokenType.Element, frame, tag, vr, header, length);
    }

    private bool EnterUndefined(in DicomReaderState.Frame frame, DicomTag tag, Vr vr, int header, bool isExplicit)
    {
        if (vr is Vr.OB or Vr.OW or Vr.OD or Vr.OF or Vr.OL or Vr.OV || (vr == Vr.UN && tag == DicomTags.PixelData))
        {
            _state.IsOffsetTable = true;
            return Push(DicomTokenType.FragmentsStart, Kind.Fragments, frame, tag, isExplicit && vr != Vr.UN ? vr : Vr.OB, header, Undefined); // PS3.5 A.4
        }

        // Only sequences can have an undefined length otherwise, so that in implicit VR the dictionary is overruled.
        return vr switch
        {
            Vr.SQ => Push(DicomTokenType.SequenceStart, Kind.Sequence, frame with { IsExplicit = isExplicit }, tag, Vr.SQ, header, Undefined),

            // UN of undefined length holds a sequence in implicit VR little endian (PS3.5 section 6.2.2, note 2; CP-246).
            Vr.UN => Push(DicomTokenType.SequenceStart, Kind.Sequence, frame with { IsExplicit = false, IsBigEndian = false }, tag, Vr.SQ, header, Undefined),
            _ when !isExplicit => Push(DicomTokenType.SequenceStart, Kind.Sequence, frame with { IsExplicit = false }, tag, Vr.SQ, header, Undefined),
            _ => Fail(DicomErrorKind.InvalidLength, "An undefined length where none is allowed.", tag),
        };
    }

    private bool ReadDelimiter(in DicomReaderState.Frame frame, DicomTag tag, uint length)
    {
        if (tag == s_item && frame.Kind == Kind.Sequence)
        {
            return Push(DicomTokenType.ItemStart, Kind.Item, frame, tag, Vr.None, 8, length);
        }

        if (tag == s_item && frame.Kind == Kind.Fragments)
        {
            return length == Undefined
                ? Fail(DicomErrorKind.InvalidLength, "A fragment of undefined length.", tag)
                : TakeValue(DicomTokenType.Fragment, frame, tag, Vr.OB, 8, length);
        }

        if (frame.End < 0 && ((tag == s_itemEnd && frame.Kind == Kind.Item)
            || (tag == s_sequenceEnd && frame.Kind is Kind.Sequence or Kind.Fragments)))
        {
            Advance(8);
            return Pop(frame);
        }

        return Fail(DicomErrorKind.UnexpectedTag, "An item, delimiter or element where it cannot stand.", tag);
    }

    private bool TakeValue(DicomTokenType token, in DicomReaderState.Frame frame, DicomTag tag, Vr vr, int header, uint length)
    {
        if (_state.Position + header + length > frame.Limit)
        {
            return Fail(DicomErrorKind.InvalidLength, "A value longer than what encloses it.", tag);
        }

        bool skip = length > (uint)Longest(token, tag, vr);
        if (!skip && _data.Length - BytesConsumed - header < length)
        {
            return NeedMore();
        }

        (Token, Tag, Vr, Length, IsBigEndian) = (skip && token == DicomTokenType.Element ? DicomTokenType.BulkValue : token, tag, vr, length, frame.IsBigEndian);
        Advance(header);
        ValuePosition = _state.Position;
        _state.IsOffsetTable = false;
        if (skip)
        {
            _state.Skip = length;
        }
        else
        {
            Value = _data.Slice(BytesConsumed, (int)length);
            Advance((int)length);
        }

        return true;
    }

    /// <summary>The longest value of this kind that is handed out.</summary>
    private readonly int Longest(DicomTokenType token, DicomTag tag, Vr vr)
    {
        int limit = _state.MaxValueLength;
        bool isFragment = token == DicomTokenType.Fragment;
        if (isFragment ? _state.IsOffsetTable : IsExtendedOffsetTable(tag))
        {
            return Math.Max(limit, DicomReaderState.MaxOffsetTableLength);
        }

        if (_state.MaxBulkLength == int.MaxValue || !vr.IsBulk())
        {
            return limit;
        }

        return isFragment || IsPixelData(tag) ? 0 : Math.Min(_state.MaxBulkLength, limit);
    }

    private readonly bool IsExtendedOffsetTable(DicomTag tag) =>
        _state.Depth == 0 && (tag == DicomTags.ExtendedOffsetTable || tag == DicomTags.ExtendedOffsetTableLengths);

    private readonly bool IsPixelData(DicomTag tag) =>
        _state.Depth == 0 && (tag == DicomTags.PixelData || tag == DicomTags.FloatPixelData || tag == DicomTags.DoubleFloatPixelData);

    private bool Push(DicomTokenType token, Kind kind, DicomReaderState.Frame frame, DicomTag tag, Vr vr, int header, uint length)
    {
        long begin = _state.Position + header;
        long end = length == Undefined ? -1 : begin + length;
        if (Math.Max(begin, end) > frame.Limit)
        {
            return Fail(DicomErrorKind.InvalidLength, "A sequence or item longer than what encloses it.", tag);
        }

        // The frame may come with another encoding, but its limit is that of what encloses it.
        if (!_state.Push(frame with { Kind = kind, Tag = tag, End = end, Limit = end < 0 ? frame.Limit : end }))
        {
            return Fail(DicomErrorKind.TooDeep, "Sequences nested too deep.", tag);
        }

        Advance(header);
        (Token, Tag, Vr, Length) = (token, tag, vr, length);
        ValuePosition = begin;
        _state.ItemBegin = kind == Kind.Item ? begin : _state.ItemBegin;
        return true;
    }

    private bool Pop(in DicomReaderState.Frame frame)
    {
        (Tag, Vr, Length) = (frame.Tag, Vr.None, 0);
        Token = frame.Kind switch { Kind.Item => DicomTokenType.ItemEnd, Kind.Fragments => DicomTokenType.FragmentsEnd, _ => DicomTokenType.SequenceEnd };
        ValuePosition = _state.Position;
        _state.Pop();
        return true;
    }

    private bool SkipBulk()
    {
        if (_state.Skip == 0)
        {
            return true;
        }

        int count = (int)Math.Min(_state.Skip, _data.Length - BytesConsumed);
        Advance(count);
        _state.Skip -= count;
        return _state.Skip == 0 || NeedMore();
    }

    /// <summary>
    /// Takes the next part of a value that is skipped; of the units that it consists of, whole ones as long as more follow. Empty when
    /// there is none in this block.
    /// </summary>
    internal ReadOnlySpan<byte> TakeSkipped(int unit)
    {
        int count = (int)Math.Min(_state.Skip, _data.Length - BytesConsumed);
        count -= count == _state.Skip ? 0 : count % unit;
        ReadOnlySpan<byte> part = _data.Slice(BytesConsumed, count);
        Advance(count);
        _state.Skip -= count;
        return part;
    }

    /// <summary>Fewer bytes are left than an element has at least.</summary>
    private bool EndOfBlock(ReadOnlySpan<byte> rest)
    {
        if (_state.Depth > 0 || rest.ContainsAnyExcept((byte)0))
        {
            return NeedMore();
        }

        if (_isFinal)
        {
            _state.Departures |= rest.IsEmpty ? DicomDepartures.None : DicomDepartures.TrailingZeros;
            Advance(rest.Length);
        }

        return false;
    }

    private readonly bool NeedMore() => _isFinal && Fail(DicomErrorKind.Truncated, "The data set ends within an element, item or sequence.", null);

    private readonly bool Fail(DicomErrorKind kind, string message, DicomTag? tag)
    {
        _state.Error = new DicomError(kind, message, _state.Position, tag);
        return false;
    }

    private void Advance(int count)
    {
        BytesConsumed += count;
        _state.Position += count;
    }
}
