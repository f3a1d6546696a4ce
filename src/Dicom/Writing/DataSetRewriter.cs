using System.Buffers;

namespace MedicalAi.Dicom;

/// <summary>
/// Writes a data set in another encoding while it is read, its elements in their order; long values are passed on in parts. As in
/// <see cref="DicomDataSetWriter"/> sequences and items get undefined lengths, group lengths are left out, odd values get their padding.
/// </summary>
/// <param name="from">The transfer syntax that is read; of a deflated one, what is inflated.</param>
/// <param name="to">The transfer syntax that is written; of a deflated one, what is to be deflated.</param>
internal sealed class DataSetRewriter(TransferSyntax from, TransferSyntax to) : IDisposable
{
    private const int MaxWholeValue = 16 * 1024;

    private readonly DicomReaderState _state = new(from, MaxWholeValue);
    private readonly ElementEncoding _encoding = ElementEncoding.Of(to);
    private readonly PooledOutput _output = new();
    private readonly PassingVrResolver _resolver = new(isNeeded: to.IsExplicitVr);

    // Of each sequence and item that is open, whether its end is written.
    private readonly Stack<bool> _open = new();

    // The value that is passed on in parts.
    private (long Length, int Unit, byte Padding, bool IsLeftOut) _long;

    /// <summary>Why it ended; null while all is well.</summary>
    public DicomError? Error => _state.Error;

    /// <summary>Takes as many bytes of what was written as there are and fit.</summary>
    public int Take(Span<byte> target) => _output.Count == 0 || _resolver.IsUndecided(_output.Count) ? 0 : _output.Take(target);

    /// <summary>Reads the next bytes.</summary>
    /// <param name="block">Those that were not done with before, and more.</param>
    /// <param name="isFinal">Whether none follow.</param>
    /// <returns>How many of them are done with.</returns>
    public int Append(ReadOnlySpan<byte> block, bool isFinal)
    {
        DicomReader reader = new(block, isFinal, _state);
        while (true)
        {
            if (_state.Skip > 0 && !PassOn(ref reader))
            {
                break;
            }

            if (!reader.Read())
            {
                break;
            }

            Write(ref reader);
        }

        if (isFinal)
        {
            _resolver.Finish();
        }

        return reader.BytesConsumed;
    }

    /// <inheritdoc />
    public void Dispose() => _output.Dispose();

    private void Write(ref DicomReader reader)
    {
        switch (reader.Token)
        {
            case DicomTokenType.Element or DicomTokenType.BulkValue:
                WriteElement(ref reader);
                break;
            case DicomTokenType.SequenceStart:
                _encoding.WriteHeader(reader.Tag, Vr.SQ, Open(reader.Length), _output);
                break;
            case DicomTokenType.ItemStart:
                _encoding.WriteItem(Open(reader.Length), _output);
                _resolver.Enter();
                break;
            case DicomTokenType.ItemEnd:
                _resolver.Leave();
                if (_open.Pop())
                {
                    _encoding.WriteItemEnd(_output);
                }

                break;
            case DicomTokenType.SequenceEnd:
                if (_open.Pop())
                {
                    _encoding.WriteSequenceEnd(_output);
                }

                break;
            case DicomTokenType.FragmentsStart:
                _encoding.WriteHeader(reader.Tag, reader.Vr, ElementEncoding.Undefined, _output);
                break;
            case DicomTokenType.Fragment:
                _encoding.WriteItem(ElementEncoding.Even(reader.Length), _output);
                WriteValue(ref reader, 1, 0);
                break;
            case DicomTokenType.FragmentsEnd:
                _encoding.WriteSequenceEnd(_output);
                break;
        }
    }

    // What is empty is written as such.
    private uint Open(uint length)
    {
        _open.Push(length != 0);
        return length == 0 ? 0 : ElementEncoding.Undefined;
    }

    private void WriteElement(ref DicomReader reader)
    {
        if (reader.Tag.IsGroupLength)
        {
            _long.IsLeftOut = true;
            return;
        }

        Vr vr = _resolver.Resolve(in reader, _output.Count + 4);
        uint length = ElementEncoding.Even(reader.Length);
        Vr written = _encoding.WrittenVr(vr, length);
        _encoding.WriteHeader(reader.Tag, written, length, _output);

        // Numbers that are UN are little endian in every syntax.
        bool isTurned = (reader.IsBigEndian && vr.UnitSize() > 1) != (_encoding.TurnedUnit(written) > 1);
        WriteValue(ref reader, isTurned ? vr.UnitSize() : 1, vr.PaddingByte());
        _resolver.Note(in reader, _output.Waiting);
    }

    private void WriteValue(ref DicomReader reader, int unit, byte padding)
    {
        _long = (reader.Length, unit, padding, false);
        if (_state.Skip == 0)
        {
            WritePart(reader.Value);
            ElementEncoding.Pad(reader.Length, padding, _output);
        }
    }

    private void WritePart(ReadOnlySpan<byte> part)
    {
        if (_long.Unit == 1)
        {
            _output.Write(part);
            return;
        }

        Span<byte> target = _output.GetSpan(part.Length)[..part.Length];
        part.CopyTo(target);
        ByteOrder.Reverse(target, _long.Unit);
        _output.Advance(part.Length);
    }

    /// <summary>Passes on what there is of a long value; false when more has to come.</summary>
    private bool PassOn(ref DicomReader reader)
    {
        while (_state.Skip > 0)
        {
            ReadOnlySpan<byte> part = reader.TakeSkipped(_long.Unit);
            if (part.IsEmpty)
            {
                return reader.IsFinalBlock; // Then the reader tells what is wrong.
            }

            if (!_long.IsLeftOut)
            {
                WritePart(part);
            }
        }

        if (!_long.IsLeftOut)
        {
            ElementEncoding.Pad(_long.Length, _long.Padding, _output);
        }

        return true;
    }
}
