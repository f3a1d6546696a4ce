using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace MedicalAi.Dicom;

/// <summary>
/// Reads a JSON array of data sets from a stream one data set at a time: of the array no more is in memory than the data set at hand and a
/// block of what follows it.
/// </summary>
internal static class DicomJsonArrayReader
{
    // One data set with all its inline values. What is larger belongs to a BulkDataURI.
    private const int MaxLength = 1 << 30;
    private const int FirstLength = 16 * 1024;

    public static async IAsyncEnumerable<ParseResult<DicomDataSet>> ReadAsync(Stream input, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstLength);
        try
        {
            Scan scan = new();
            int length = 0;
            while (true)
            {
                Found found = scan.Next(buffer.AsSpan(0, length));
                if (found.Error is { } error)
                {
                    yield return error;
                    yield break;
                }

                if (found.Object is { } range)
                {
                    yield return scan.Parse(buffer.AsSpan(range));
                    continue;
                }

                if (scan.IsFinal)
                {
                    yield break;
                }

                // What was read of the data set at hand, or of a token, stays; a token is looked at again only when there is twice as much of it.
                int kept = scan.Discard(buffer, ref length);
                if (kept > buffer.Length / 2)
                {
                    if (kept > MaxLength / 2)
                    {
                        yield return new DicomError(DicomErrorKind.TooLarge, "A data set is longer than the limit.", scan.Offset);
                        yield break;
                    }

                    byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.AsSpan(0, kept).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
                    buffer = larger;
                }

                int wanted = Math.Clamp(kept, 1, buffer.Length - kept);
                int read = await input.ReadAtLeastAsync(buffer.AsMemory(kept), wanted, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                length = kept + read;
                scan.IsFinal = read < wanted;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true); // Patient data.
        }
    }

    /// <summary>A data set that stands whole in the buffer, or why none is to come; neither when more bytes are needed.</summary>
    private readonly record struct Found(Range? Object, DicomError? Error);

    /// <summary>Finds where data sets begin and end. Positions are those in the buffer.</summary>
    private sealed class Scan
    {
        private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = DicomJsonReader.MaxDepth + 1 });
        private int _position;
        private int _begin = -1;
        private int _depth;
        private bool _isBegun;
        private bool _isArray;

        public bool IsFinal { get; set; }

        /// <summary>How many bytes came before those in the buffer.</summary>
        public long Offset { get; private set; }

        public Found Next(ReadOnlySpan<byte> bytes)
        {
            ReadOnlySpan<byte> mark = "\uFEFF"u8;
            if (!_isBegun && _position == 0 && Offset == 0)
            {
                if (!IsFinal && bytes.Length < mark.Length && mark.StartsWith(bytes))
                {
                    return default;
                }

                _position = bytes.StartsWith(mark) ? mark.Length : 0;
            }

            Utf8JsonReader reader = new(bytes[_position..], IsFinal, _state);
            int origin = _position;
            try
            {
                while (reader.Read())
                {
                    if (!_isBegun)
                    {
                        _isBegun = true;
                        _isArray = reader.TokenType == JsonTokenType.StartArray;
                        _depth = _isArray ? 1 : 0;
                        if (_isArray)
                        {
                            continue;
                        }
                    }

                    if (reader.CurrentDepth == _depth && _begin < 0 && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.EndArray))
                    {
                        return Fail("A data set is an object.", origin + (int)reader.TokenStartIndex);
                    }

                    if (reader.CurrentDepth == _depth && reader.TokenType == JsonTokenType.StartObject)
                    {
                        _begin = origin + (int)reader.TokenStartIndex;
                    }
                    else if (reader.CurrentDepth == _depth && reader.TokenType == JsonTokenType.EndObject)
                    {
                        Range range = _begin..(origin + (int)reader.BytesConsumed);
                        _begin = -1;
                        Keep(reader, origin);
                        return new Found(range, null);
                    }
                }
            }
            catch (JsonException e)
            {
                return Fail("The text is not well-formed JSON." + (e.LineNumber is { } line ? $" (line {line + 1})" : ""), origin + (int)reader.BytesConsumed);
            }

            Keep(reader, origin);
            return IsFinal && !_isBegun ? Fail("The text ends early.", _position) : default;
        }

        public ParseResult<DicomDataSet> Parse(ReadOnlySpan<byte> bytes)
        {
            ParseResult<DicomDataSet> read = DicomJsonReader.ReadObject(bytes);
            return read.Ok ? read : read.Error with { Offset = read.Error.Offset + Offset + _position - bytes.Length };
        }

        /// <summary>Moves what is still needed to the front of the buffer and tells how much that is.</summary>
        public int Discard(byte[] buffer, ref int length)
        {
            int first = _begin >= 0 ? _begin : _position;
            buffer.AsSpan(first, length - first).CopyTo(buffer);
            length -= first;
            _position -= first;
            _begin = _begin >= 0 ? 0 : -1;
            Offset += first;
            return length;
        }

        private void Keep(in Utf8JsonReader reader, int origin)
        {
            _state = reader.CurrentState;
            _position = origin + (int)reader.BytesConsumed;
        }

        private Found Fail(string message, int position) => new(null, new DicomError(DicomErrorKind.InvalidText, message, Offset + position));
    }
}
