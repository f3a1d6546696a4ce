namespace MedicalAi.Dicom;

/// <summary>
/// What is seen only while a data set is encoded (PS3.5 section 7.1): elements in ascending order, none twice, values of even
/// length. In memory elements are in order, and values get their padding when they are written.
/// </summary>
internal static class EncodingRules
{
    /// <summary>Checks an encoded data set that is not deflated. What cannot be read ends the check; reading it tells why.</summary>
    public static void Check(ReadOnlySpan<byte> dataSet, TransferSyntax syntax, FindingList findings)
    {
        DicomReader reader = new(dataSet, isFinalBlock: true, new DicomReaderState(syntax));
        Stack<Level> outer = new();
        Level level = new("");
        while (reader.Read())
        {
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
