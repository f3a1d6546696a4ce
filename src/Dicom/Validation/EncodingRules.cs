namespace MedicalAi.Dicom;

/// <summary>
/// What is seen only while a data set is encoded (PS3.5 section 7.1): elements in ascending order, none twice, values of even
/// length. In memory elements are in order, and values get their padding when they are written.
/// </summary>
internal static class EncodingRules
{
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

    /// <summary>Checks an encoded data set that is not deflated. What cannot be read ends the check; reading it tells why.</summary>
    public static void Check(ReadOnlySpan<byte> dataSet, TransferSyntax syntax, FindingList findings)
    {
        DicomReaderState state = new(syntax);
        DicomReader reader = new(dataSet, isFinalBlock: true, state);
        Stack<Level> outer = new();
        Level level = new("");
        while (reader.Read())
        {
            if (state.Departures != DicomDepartures.None)
            {
                Report(state.Departures & ~DicomDepartures.TrailingZeros, level, reader.Tag, findings);
                state.Departures &= DicomDepartures.TrailingZeros;
            }

            switch (reader.Token)
            {
                case DicomTokenType.Element or DicomTokenType.BulkValue or DicomTokenType.SequenceStart or DicomTokenType.FragmentsStart:
                    if (level.Last is { } last && reader.Tag <= last)
                    {
                        findings.Error(
                            ElementPath.Of(level.Path, reader.Tag),
                            "PS3.5 7.1",
                            level.Seen.Contains(reader.Tag) ? "the element is there twice" : $"the element comes after {last}");
                    }
                    else
                    {
                        level.Last = reader.Tag;
                    }

                    level.Seen.Add(reader.Tag);
                    (level.Current, level.Items) = (reader.Tag, 0);
                    CheckLength(reader.Length, level, findings);
                    break;
                case DicomTokenType.Fragment:
                    CheckLength(reader.Length, level, findings);
                    break;
                case DicomTokenType.ItemStart:
                    outer.Push(level);
                    level = new Level(ElementPath.Of(level.Path, level.Current, level.Items++));
                    break;
                case DicomTokenType.ItemEnd:
                    level = outer.Pop();
                    break;
                default:
                    break;
            }
        }

        Report(state.Departures, level, null, findings);
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
