using System.Buffers.Binary;
using Kind = MedicalAi.Dicom.DicomReaderState.Kind;

namespace MedicalAi.Dicom;

/// <summary>
/// Reads a data set (PS3.5 chapter 7) forward, token by token, without allocation per element. Where a block ends within a
/// token, <see cref="Read"/> is false with no error: make a new reader over the bytes not consumed and those that follow.
/// </summary>
public ref struct DicomReader
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

    /// <summary>The length as it stands; 0xFFFFFFFF is undefined.</summary>
    public uint Length { get; private set; }

    /// <summary>The bytes of the value in the order of the transfer syntax; empty when skipped.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Whether the numbers of the value have their high byte first.</summary>
    public bool IsBigEndian { get; private set; }

    /// <summary>Where the value begins, from the start of the data set.</summary>
    public long ValuePosition { get; private set; }

    /// <summary>The bytes of this block that are done with.</summary>
    public int BytesConsumed { get; private set; }

    /// <summary>How many sequences and items enclose the position.</summary>
    public readonly int Depth => _state.Depth;

    /// <summary>Why reading ended; null while all is well.</summary>
    public readonly DicomError? Error => _state.Error;

    /// <summary>Goes to the next token; false at the end of the block or data set, at the stop tag and on an error.</summary>
    public bool Read()
    {
        Value = default;
        if (_state.Error is not null || _state.Stopped || !SkipBulk())
        {
            return false;
        }

        DicomReaderState.Frame frame = _state.Frames[_state.Depth];
        if (frame.End >= 0 && _state.Position == frame.End)
        {
            return Pop(frame);
        }

        ReadOnlySpan<byte> rest = _data[BytesConsumed..];
        if (rest.IsEmpty && _state.Depth == 0)
        {
            return false;
        }

        if (rest.Length < 8)
        {
            return NeedMore();
        }

        DicomTag tag = new(U16(rest, frame.IsBigEndian), U16(rest[2..], frame.IsBigEndian));
        return tag.Group == 0xFFFE || frame.Kind is Kind.Sequence or Kind.Fragments
            ? ReadDelimiter(frame, tag, U32(rest[4..], frame.IsBigEndian))
            : ReadElement(frame, tag, rest);
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
        Vr vr;
        if (frame.IsExplicit)
        {
            vr = (Vr)BinaryPrimitives.ReadUInt16BigEndian(rest[4..]);
            // A VR that came after this code has the long form (PS3.5 section 7.1.2).
            if (vr.HasLongLength() || !vr.IsKnown())
            {
                header = 12;
                if (rest.Length < header)
                {
                    return NeedMore();
                }

                vr = vr.IsKnown() ? vr : Vr.UN;
                length = U32(rest[8..], frame.IsBigEndian);
            }
            else
            {
                length = U16(rest[6..], frame.IsBigEndian);
            }
        }
        else
        {
            vr = DicomDictionary.FindVr(tag);
            length = U32(rest[4..], frame.IsBigEndian);
        }

        if (length == Undefined)
        {
            if (vr is Vr.OB or Vr.OW)
            {
                return Push(DicomTokenType.FragmentsStart, Kind.Fragments, frame, tag, vr, header, length);
            }

            if (vr is not (Vr.SQ or Vr.UN))
            {
                return Fail(DicomErrorKind.InvalidLength, "An undefined length where none is allowed.", tag);
            }

            // UN of undefined length holds a sequence in implicit VR little endian (PS3.5 section 6.2.2, note 2; CP-246).
            DicomReaderState.Frame inner = vr == Vr.UN ? frame with { IsExplicit = false, IsBigEndian = false } : frame;
            return Push(DicomTokenType.SequenceStart, Kind.Sequence, inner, tag, Vr.SQ, header, length);
        }

        return vr == Vr.SQ
            ? Push(DicomTokenType.SequenceStart, Kind.Sequence, frame, tag, vr, header, length)
            : TakeValue(DicomTokenType.Element, frame, tag, vr, header, length);
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
        if (!Fits(frame, header, length))
        {
            return Fail(DicomErrorKind.InvalidLength, "A value longer than what encloses it.", tag);
        }

        bool bulk = length > (uint)(token == DicomTokenType.Element && vr.IsBulk() ? LongestBulk(tag) : _state.MaxValueLength);
        if (!bulk && _data.Length - BytesConsumed - header < length)
        {
            return NeedMore();
        }

        IsBigEndian = frame.IsBigEndian;
        Set(bulk && token == DicomTokenType.Element ? DicomTokenType.BulkValue : token, tag, vr, length);
        Advance(header);
        ValuePosition = _state.Position;
        if (bulk)
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

    private readonly int LongestBulk(DicomTag tag) =>
        _state.MaxBulkLength == int.MaxValue ? _state.MaxValueLength
        : _state.Depth == 0 && (tag == DicomTags.PixelData || tag == DicomTags.FloatPixelData || tag == DicomTags.DoubleFloatPixelData) ? 0
        : Math.Min(_state.MaxBulkLength, _state.MaxValueLength);

    private bool Push(DicomTokenType token, Kind kind, DicomReaderState.Frame frame, DicomTag tag, Vr vr, int header, uint length)
    {
        // The frame may come with another encoding, but its end is that of what encloses it.
        if (!Fits(frame, header, length == Undefined ? 0 : length))
        {
            return Fail(DicomErrorKind.InvalidLength, "A sequence or item longer than what encloses it.", tag);
        }

        if (_state.Depth == DicomReaderState.MaxDepth)
        {
            return Fail(DicomErrorKind.TooDeep, "Sequences nested too deep.", tag);
        }

        Advance(header);
        Set(token, tag, vr, length);
        ValuePosition = _state.Position;
        long end = length == Undefined ? -1 : _state.Position + length;
        _state.Frames[++_state.Depth] = frame with { Kind = kind, End = end, Tag = tag };
        return true;
    }

    private bool Pop(in DicomReaderState.Frame frame)
    {
        _state.Depth--;
        ValuePosition = _state.Position;
        Set(frame.Kind switch { Kind.Item => DicomTokenType.ItemEnd, Kind.Fragments => DicomTokenType.FragmentsEnd, _ => DicomTokenType.SequenceEnd }, frame.Tag, Vr.None, 0);
        return true;
    }

    // Checked against every enclosing length, for one of undefined length may stand within one of defined length.
    private readonly bool Fits(in DicomReaderState.Frame frame, int header, uint length)
    {
        long end = _state.Position + header + length;
        if (frame.End >= 0)
        {
            return end <= frame.End;
        }

        for (int i = _state.Depth; i > 0; i--)
        {
            if (_state.Frames[i].End >= 0)
            {
                return end <= _state.Frames[i].End;
            }
        }

        return true;
    }

    private bool SkipBulk()
    {
        int count = (int)Math.Min(_state.Skip, _data.Length - BytesConsumed);
        Advance(count);
        _state.Skip -= count;
        return _state.Skip == 0 || NeedMore();
    }

    private readonly bool NeedMore() => _isFinal && Fail(DicomErrorKind.Truncated, "The data set ends within an element, item or sequence.", null);

    private readonly bool Fail(DicomErrorKind kind, string message, DicomTag? tag)
    {
        _state.Error = new DicomError(kind, message, _state.Position, tag);
        return false;
    }

    private void Set(DicomTokenType token, DicomTag tag, Vr vr, uint length) => (Token, Tag, Vr, Length) = (token, tag, vr, length);

    private void Advance(int count)
    {
        BytesConsumed += count;
        _state.Position += count;
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, bool big) => big ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes, bool big) => big ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
