using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace MedicalAi.DicomWeb;

/// <summary>
/// Reads a multipart body (RFC 2046 5.1) part by part without copying it: the bodies are slices of the input's own buffers.
/// Everything that could grow is bounded: boundary, preamble, headers and number of parts.
/// </summary>
internal sealed class MultipartReader
{
    /// <summary>The longest boundary. RFC 2046 5.1.1 says 70 characters; other servers send 73.</summary>
    public const int MaximumBoundary = 256;

    /// <summary>The most bytes of a part's headers.</summary>
    public const int MaximumHeaders = 16 * 1024;

    private const int MaximumPreamble = 64 * 1024;

    private readonly PipeReader _input;
    private readonly byte[] _delimiter;
    private readonly int _maximumParts;
    private MultipartBody? _body;
    private int _parts;
    private bool _isEnded;

    /// <summary>A reader of a body.</summary>
    /// <param name="input">The body; it is not completed by this class.</param>
    /// <param name="boundary">The parameter of the Content-Type; 1 to <see cref="MaximumBoundary"/> printable ASCII characters.</param>
    /// <param name="maximumParts">The most parts.</param>
    public MultipartReader(PipeReader input, string boundary, int maximumParts)
    {
        _input = input;
        _delimiter = Encoding.ASCII.GetBytes("\r\n--" + boundary);
        _maximumParts = maximumParts;
    }

    /// <summary>Whether a parameter can be a boundary.</summary>
    public static bool IsBoundary(string? boundary) =>
        boundary is { Length: > 0 and <= MaximumBoundary } && boundary[^1] != ' ' && boundary.All(c => c is >= ' ' and <= '~');

    /// <summary>The next part; null after the last one.</summary>
    /// <exception cref="MultipartFormatException">The body is malformed, or ends before its end.</exception>
    public async ValueTask<MultipartPart?> ReadPartAsync(CancellationToken cancellationToken)
    {
        if (_isEnded)
        {
            return null;
        }

        if (_body is null)
        {
            await SkipPreambleAsync(cancellationToken);
        }
        else
        {
            await _body.SkipAsync(long.MaxValue, cancellationToken);
            await AdvanceAsync(_delimiter.Length, cancellationToken);
        }

        if (await ReadBoundaryEndAsync(cancellationToken))
        {
            _isEnded = true;
            return null;
        }

        if (++_parts > _maximumParts)
        {
            throw new MultipartFormatException($"The body has more than {_maximumParts} parts.");
        }

        Dictionary<string, string> headers = await ReadHeadersAsync(cancellationToken);
        _body = new MultipartBody(_input, _delimiter);
        return new MultipartPart(headers, _body);
    }

    /// <summary>What stands before the first boundary has no meaning; the boundary itself may stand without the line break that belongs to it.</summary>
    private async ValueTask SkipPreambleAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await _input.ReadAsync(cancellationToken);
            ReadOnlySequence<byte> buffer = result.Buffer;
            int length = _delimiter.Length - 2;
            if (buffer.Length < length && !result.IsCompleted)
            {
                _input.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }

            if (buffer.Length >= length && buffer.Slice(0, length).ToArray().AsSpan().SequenceEqual(_delimiter.AsSpan(2)))
            {
                _input.AdvanceTo(buffer.GetPosition(length));
                return;
            }

            _input.AdvanceTo(buffer.Start);
            break;
        }

        MultipartBody preamble = new(_input, _delimiter, "The body has no boundary line.");
        if (!await preamble.SkipAsync(MaximumPreamble, cancellationToken))
        {
            throw new MultipartFormatException("The body does not begin with a boundary line.");
        }

        await AdvanceAsync(_delimiter.Length, cancellationToken);
    }

    /// <summary>Reads what follows a boundary on its line; true when it was the last one.</summary>
    private async ValueTask<bool> ReadBoundaryEndAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await _input.ReadAsync(cancellationToken);
            string? problem = null;
            if (TryReadBoundaryEnd(result.Buffer, out SequencePosition consumed, out bool isLast, ref problem))
            {
                _input.AdvanceTo(consumed);
                return isLast;
            }

            if (problem is not null || result.IsCompleted || result.Buffer.Length > MaximumHeaders)
            {
                _input.AdvanceTo(result.Buffer.End); // Else the connection could not go on after the answer.
                throw new MultipartFormatException(problem ?? "The body ends at a boundary that is not its last.");
            }

            _input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static bool TryReadBoundaryEnd(ReadOnlySequence<byte> buffer, out SequencePosition consumed, out bool isLast, ref string? problem)
    {
        SequenceReader<byte> reader = new(buffer);
        isLast = reader.IsNext("--"u8, advancePast: true);
        if (!isLast)
        {
            reader.AdvancePastAny((byte)' ', (byte)'\t');
            if (!reader.IsNext("\r\n"u8, advancePast: true))
            {
                consumed = default;
                problem = reader.Remaining >= 2 ? "A boundary line has text behind the boundary." : null;
                return false;
            }
        }

        consumed = reader.Position;
        return true;
    }

    private async ValueTask<Dictionary<string, string>> ReadHeadersAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await _input.ReadAsync(cancellationToken);
            ReadOnlySequence<byte> buffer = result.Buffer;
            string? problem = null;
            if (TryReadHeaders(buffer, out Dictionary<string, string>? headers, out SequencePosition consumed, ref problem))
            {
                _input.AdvanceTo(consumed);
                return headers;
            }

            if (problem is not null || result.IsCompleted || buffer.Length > MaximumHeaders)
            {
                _input.AdvanceTo(buffer.End);
                throw new MultipartFormatException(problem ?? (buffer.Length <= MaximumHeaders
                    ? "The body ends within the headers of a part."
                    : $"The headers of a part are longer than {MaximumHeaders} bytes."));
            }

            _input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static bool TryReadHeaders(ReadOnlySequence<byte> buffer, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Dictionary<string, string>? headers, out SequencePosition consumed, ref string? problem)
    {
        SequenceReader<byte> reader = new(buffer);
        headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (reader.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8) && reader.Consumed <= MaximumHeaders)
        {
            consumed = reader.Position;
            if (line.IsEmpty)
            {
                return true;
            }

            string text = Encoding.Latin1.GetString(line);
            int colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                problem = "A header of a part is not a name and a value.";
                break;
            }

            headers.TryAdd(text[..colon].Trim(), text[(colon + 1)..].Trim());
        }

        headers = null;
        consumed = default;
        return false;
    }

    private async ValueTask AdvanceAsync(int count, CancellationToken cancellationToken)
    {
        ReadResult result = await _input.ReadAtLeastAsync(count, cancellationToken);
        _input.AdvanceTo(result.Buffer.GetPosition(count));
    }
}
