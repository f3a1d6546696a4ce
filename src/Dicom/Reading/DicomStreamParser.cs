using System.Buffers;

namespace MedicalAi.Dicom;

/// <summary>
/// Reads a data set that comes in blocks of any size. Memory is bounded by the options: a value over
/// <see cref="DicomReadOptions.MaxValueLength"/> is passed over and its place is kept. Of a deflated data set the places count in
/// the inflated bytes. Used by one caller at a time.
/// </summary>
public sealed class DicomStreamParser : IDisposable
{
    // An array cannot be much longer, and what comes in blocks has to be put together in one.
    private const int LongestValue = 1 << 30;

    // A buffer that had to be larger for one value is given back after it.
    private const int KeptCarry = 128 * 1024;

    private readonly DataSetBuilder _builder;
    private readonly DicomReaderState _state;
    private readonly PushInflater? _inflater;
    private readonly long _maxInflated;
    private DicomError? _error;
    private long _inflated;

    // Bytes of a token that is not whole yet: _carried of them, from the start of the buffer.
    private byte[] _carry = [];
    private int _carried;
    private bool _isDisposed;

    /// <summary>Begins a data set.</summary>
    /// <param name="syntax">The transfer syntax.</param>
    /// <param name="options">The limits.</param>
    public DicomStreamParser(TransferSyntax syntax, DicomReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(syntax);
        ArgumentNullException.ThrowIfNull(options);
        _builder = new DataSetBuilder(options);
        _state = new DicomReaderState(syntax, options with { MaxValueLength = Math.Min(options.MaxValueLength, LongestValue) });
        _maxInflated = options.MaxInflatedLength;
        _inflater = syntax.IsDeflated ? new PushInflater() : null;
    }

    /// <summary>The data set as far as it is known; complete after <see cref="Complete"/>.</summary>
    public DicomDataSet DataSet => _builder.Top;

    /// <summary>The last element at the top level that is known; of a long value, its place.</summary>
    public DicomTag LastTag => _builder.LastTag;

    /// <summary>Whether the stop tag was reached; what follows is passed over.</summary>
    public bool Stopped => _state.Stopped;

    /// <summary>Takes the next bytes.</summary>
    /// <returns>What is wrong with them; null when nothing is. After an error, and after the stop tag, bytes are passed over.</returns>
    public DicomError? Append(ReadOnlySpan<byte> block)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_error is not null || _state.Stopped)
        {
            return _error;
        }

        if (_inflater is null)
        {
            return Take(block, isFinal: false);
        }

        _inflater.Feed(block);
        while (_error is null && !_state.Stopped)
        {
            ParseResult<ReadOnlyMemory<byte>> inflated = _inflater.Next();
            if (!inflated.Ok)
            {
                _error = inflated.Error;
            }
            else if (inflated.Value.IsEmpty)
            {
                break;
            }
            else if ((_inflated += inflated.Value.Length) > _maxInflated)
            {
                _error = new DicomError(DicomErrorKind.TooLarge, "The inflated data set is longer than the limit.", _state.Position);
            }
            else
            {
                Take(inflated.Value.Span, isFinal: false);
            }
        }

        return _error;
    }

    /// <summary>Ends the data set.</summary>
    /// <returns>The data set, or what is wrong with it.</returns>
    public ParseResult<DicomDataSet> Complete()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_error is null && !_state.Stopped)
        {
            if (_inflater is { IsFinished: false })
            {
                _error = new DicomError(DicomErrorKind.Truncated, "The deflated data set ends early.", _state.Position);
            }
            else
            {
                Take([], isFinal: true);
            }
        }

        DicomDataSet dataSet = _builder.Finish();
        return _error is { } error ? error : dataSet;
    }

    /// <summary>Gives the buffers back.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _inflater?.Dispose();
        Return(_carry);
        _carry = [];
    }

    private DicomError? Take(ReadOnlySpan<byte> block, bool isFinal)
    {
        if (_carried > 0)
        {
            Reserve(_carried + block.Length);
            block.CopyTo(_carry.AsSpan(_carried));
            block = _carry.AsSpan(0, _carried + block.Length);
        }

        DicomReader reader = new(block, isFinal, _state);
        while (_error is null && reader.Read())
        {
            _error = _builder.Take(ref reader, default);
        }

        _error ??= _state.Error;
        ReadOnlySpan<byte> rest = block[reader.BytesConsumed..];
        if (_error is null && !_state.Stopped && !rest.IsEmpty)
        {
            Keep(rest);
        }
        else
        {
            _carried = 0;
        }

        return _error;
    }

    private void Keep(ReadOnlySpan<byte> rest)
    {
        if (_carried == 0)
        {
            Reserve(rest.Length);
        }

        rest.CopyTo(_carry); // Also where it overlaps: it moves to the front.
        _carried = rest.Length;
        if (_carry.Length > KeptCarry && _carried < KeptCarry / 4)
        {
            byte[] smaller = ArrayPool<byte>.Shared.Rent(KeptCarry);
            _carry.AsSpan(0, _carried).CopyTo(smaller);
            Return(_carry);
            _carry = smaller;
        }
    }

    // Doubled each time, so that a long value is copied twice and not once for every block.
    private void Reserve(int length)
    {
        if (_carry.Length >= length)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(length, _carry.Length * 2L), Array.MaxLength));
        _carry.AsSpan(0, _carried).CopyTo(larger);
        Return(_carry);
        _carry = larger;
    }

    // Cleared, for it held a patient's data.
    private static void Return(byte[] buffer)
    {
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }
}
