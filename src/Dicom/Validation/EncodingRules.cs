using System.Buffers;

namespace MedicalAi.Dicom;

/// <summary>
/// What is seen only while a data set is encoded (PS3.5 section 7.1): elements in ascending order, none twice, values of even
/// length. In memory elements are in order, and values get their padding when they are written.
/// </summary>
internal sealed class EncodingRules(TransferSyntax syntax, FindingList findings)
{
    // Longer values are passed over; offset tables make it longer.
    private const int BlockLength = 128 * 1024;

    private static readonly (DicomDepartures Departure, string Rule, string Message)[] s_departures =
    [
        (DicomDepartures.MissingVr, "PS3.5 7.1.2", "no VR, in a data set in explicit VR"),
        (DicomDepartures.UnknownVr, "PS3.5 6.2", "a VR that is not of the standard; read as UN"),
        (DicomDepartures.SwappedVr, "PS3.5 6.2", "the two letters of the VR are in the wrong order"),
        (DicomDepartures.ExplicitItem, "PS3.5 7.5", "an item in explicit VR in a sequence in implicit VR"),
        (DicomDepartures.ValueForSequence, "PS3.6 6", "a value where the dictionary has a sequence; read as UN"),
        (DicomDepartures.StrayDelimiter, "PS3.5 7.5", "a delimiter after an item or a sequence of defined length"),
        (DicomDepartures.TrailingZeros, "PS3.5 7.1", "zeros after the last element"),
    ];

    private readonly DicomReaderState _state = new(syntax);
    private readonly Stack<Level> _outer = new();
    private Level _level = new("");

    /// <summary>Checks an encoded data set that is not deflated. What cannot be read ends the check; reading it tells why.</summary>
    public static void Check(ReadOnlySpan<byte> dataSet, TransferSyntax syntax, FindingList findings) => new EncodingRules(syntax, findings).Append(dataSet, isFinal: true);

    /// <summary>Checks one that a stream holds from its position to its end. Memory does not grow with its length.</summary>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static async Task CheckAsync(Stream dataSet, TransferSyntax syntax, FindingList findings, CancellationToken cancellationToken)
    {
        EncodingRules rules = new(syntax, findings);
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockLength);
        try
        {
            for (int filled = 0, read = -1; read != 0 && rules._state.Error is null;)
            {
                if (filled == block.Length)
                {
                    byte[] larger = ArrayPool<byte>.Shared.Rent(block.Length * 2);
                    block.CopyTo(larger, 0);
                    ArrayPool<byte>.Shared.Return(block, clearArray: true);
                    block = larger;
                }

                read = await dataSet.ReadAsync(block.AsMemory(filled), cancellationToken);
                filled += read;
                int done = rules.Append(block.AsSpan(0, filled), isFinal: read == 0);
                block.AsSpan(done, filled - done).CopyTo(block);
                filled -= done;
            }
        }
        finally
        {
            // Cleared, for it held a patient's data.
            ArrayPool<byte>.Shared.Return(block, clearArray: true);
        }
    }

    // Gives how many of the bytes are done with.
    private int Append(ReadOnlySpan<byte> block, bool isFinal)
    {
        DicomReader reader = new(block, isFinal, _state);
        while (reader.Read())
        {
            if (_state.Departures != DicomDepartures.None)
            {
                Report(_state.Departures & ~DicomDepartures.TrailingZeros, _level, reader.Tag, findings);
                _state.Departures &= DicomDepartures.TrailingZeros;
            }

            CheckPixelData(reader);
            switch (reader.Token)
            {
                case DicomTokenType.Element or DicomTokenType.BulkValue or DicomTokenType.SequenceStart or DicomTokenType.FragmentsStart:
                    if (_level.Last is { } last && reader.Tag <= last)
                    {
                        findings.Error(
                            ElementPath.Of(_level.Path, reader.Tag),
                            "PS3.5 7.1",
                            _level.Seen.Contains(reader.Tag) ? "the element is there twice" : $"the element comes after {last}");
                    }
                    else
                    {
                        _level.Last = reader.Tag;
                    }

                    _level.Seen.Add(reader.Tag);
                    (_level.Current, _level.Items) = (reader.Tag, 0);
                    CheckLength(reader.Length, _level, findings);
                    break;
                case DicomTokenType.Fragment:
                    CheckLength(reader.Length, _level, findings);
                    break;
                case DicomTokenType.ItemStart:
                    _outer.Push(_level);
                    _level = new Level(ElementPath.Of(_level.Path, _level.Current, _level.Items++));
                    break;
                case DicomTokenType.ItemEnd:
                    _level = _outer.Pop();
                    break;
                default:
                    break;
            }
        }

        if (isFinal)
        {
            Report(_state.Departures, _level, null, findings);
        }

        return reader.BytesConsumed;
    }

    // Whoever reads goes by the transfer syntax.
    private void CheckPixelData(in DicomReader reader)
    {
        if (reader.Token == DicomTokenType.FragmentsStart && !syntax.IsEncapsulated)
        {
            findings.Error(ElementPath.Of(_level.Path, reader.Tag), "PS3.5 A.4", "fragments, of which there are none in this transfer syntax");
        }
        else if (reader.Token is DicomTokenType.Element or DicomTokenType.BulkValue && syntax.IsEncapsulated && _outer.Count == 0 && reader.Tag == DicomTags.PixelData)
        {
            findings.Error(reader.Tag.ToString(), "PS3.5 A.4", "pixel data that is not in fragments, which this transfer syntax has");
        }
    }

    // A delimiter too many and an item in another encoding are seen when the next token is read.
    private static void Report(DicomDepartures departures, Level level, DicomTag? tag, FindingList findings)
    {
        string path = tag is { Group: not 0xFFFE } known ? ElementPath.Of(level.Path, known) : level.Path;
        foreach ((DicomDepartures departure, string rule, string message) in s_departures)
        {
            if (departures.HasFlag(departure))
            {
                findings.Error(path, rule, message);
            }
        }
    }

    private static void CheckLength(uint length, Level level, FindingList findings)
    {
        if (length != uint.MaxValue && length % 2 != 0)
        {
            findings.Error(ElementPath.Of(level.Path, level.Current), "PS3.5 7.1.1", "a value of odd length");
        }
    }

    private sealed class Level(string path)
    {
        public string Path { get; } = path;

        public DicomTag? Last { get; set; }

        /// <summary>The element at hand, of which items or fragments may follow.</summary>
        public DicomTag Current { get; set; }

        public int Items { get; set; }

        public HashSet<DicomTag> Seen { get; } = [];
    }
}
