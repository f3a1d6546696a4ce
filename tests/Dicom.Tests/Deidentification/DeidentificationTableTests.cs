using System.Text;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

/// <summary>Every row of the table is obeyed: a data set with all of its attributes, judged by the file of the table itself.</summary>
public sealed class DeidentificationTableTests
{
    private static readonly string[][] s_lines =
        [.. File.ReadLines(Path.Combine(TestData.Root, "tools", "DictionaryGenerator", "standard", "deidentification.tsv")).Select(line => line.Split('\t'))];

    public static TheoryData<RetainOptions> Options =>
    [
        RetainOptions.None, RetainOptions.Uids, RetainOptions.DeviceIdentity, RetainOptions.InstitutionIdentity, RetainOptions.PatientCharacteristics,
        RetainOptions.FullDates, RetainOptions.ModifiedDates, RetainOptions.CleanDescriptors, RetainOptions.CleanGraphics, RetainOptions.SafePrivate,
        RetainOptions.CleanStructuredContent, RetainOptions.CleanDescriptors | RetainOptions.CleanGraphics | RetainOptions.CleanStructuredContent,
        RetainOptions.Uids | RetainOptions.DeviceIdentity | RetainOptions.ModifiedDates,
    ];

    [Theory]
    [MemberData(nameof(Options))]
    public void Every_row_is_obeyed_at_the_top_and_in_sequences(RetainOptions retain)
    {
        DicomDataSet source = All();
        source.SetSequence(DicomTags.SharedFunctionalGroupsSequence, All());
        DicomDataSet result = Deidentify(source, retain);
        DicomDataSet nested = Assert.Single(result.GetItems(DicomTags.SharedFunctionalGroupsSequence));
        int rows = 0;
        foreach (string[] line in s_lines.Skip(1))
        {
            rows++;
            DicomTag tag = Tag(line[0]);
            Assert.True(source.Contains(tag), line[0]);
            Check(line, source.Find(tag)!, result.Find(tag), retain);
            Check(line, source.Find(tag)!, nested.Find(tag), retain);
        }

        Assert.Equal(621, rows);
    }

    [Fact]
    public void Every_row_without_a_value_gets_none_that_tells_anything()
    {
        DicomDataSet source = new();
        foreach (string[] line in s_lines.Skip(1))
        {
            DicomTag tag = Tag(line[0]);
            source.Set(Vr(tag) == Dicom.Vr.SQ ? new DicomElement(tag, []) : new DicomElement(tag, Vr(tag), ReadOnlyMemory<byte>.Empty));
        }

        DicomDataSet result = Deidentify(source, RetainOptions.ModifiedDates);
        foreach (string[] line in s_lines.Skip(1).Where(line => line[3] is "Z" or "X/Z" or "Z/D" or "X/Z/D" && Tag(line[0]) != DicomTags.ReferencedStudySequence))
        {
            Assert.True(result.Find(Tag(line[0])) is { IsEmpty: true }, line[0]);
        }
    }

    private static void Check(string[] line, DicomElement source, DicomElement? result, RetainOptions retain)
    {
        string why = $"{line[0]} {line[1]} {line[3]} under {retain}";
        string[] header = s_lines[0];
        bool IsKept(string column, RetainOptions option) => retain.HasFlag(option) && line[Array.IndexOf(header, column)] == "K";
        bool isShifted = retain.HasFlag(RetainOptions.ModifiedDates) && line[Array.IndexOf(header, "rtnLongModifDatesOpt")] == "C";
        if (isShifted && source.Vr is Dicom.Vr.DA or Dicom.Vr.DT)
        {
            Assert.True(result is not null && result.Value.Length == source.Value.Length && !result.Value.Span.SequenceEqual(source.Value.Span), why);
            Assert.False(result.Value.Span.StartsWith("1900"u8), why);
            return;
        }

        bool isTimeLeft = isShifted && (source.Vr == Dicom.Vr.TM || source.Tag == DicomTags.TimezoneOffsetFromUTC);
        if (isTimeLeft || IsKept("rtnUIDsOpt", RetainOptions.Uids) || IsKept("rtnDevIdOpt", RetainOptions.DeviceIdentity) || IsKept("rtnInstIdOpt", RetainOptions.InstitutionIdentity)
            || IsKept("rtnPatCharsOpt", RetainOptions.PatientCharacteristics) || IsKept("rtnLongFullDatesOpt", RetainOptions.FullDates))
        {
            Assert.True(result is not null && result.Value.Span.SequenceEqual(source.Value.Span) && result.Items?.Count == source.Items?.Count, why);
            return;
        }

        bool IsCleaned(string column, RetainOptions option) => retain.HasFlag(option) && line[Array.IndexOf(header, column)] == "C";
        bool isClean = IsCleaned("cleanDescOpt", RetainOptions.CleanDescriptors) || IsCleaned("cleanStructContOpt", RetainOptions.CleanStructuredContent)
            || IsCleaned("cleanGraphOpt", RetainOptions.CleanGraphics) || IsCleaned("rtnPatCharsOpt", RetainOptions.PatientCharacteristics) || IsCleaned("rtnDevIdOpt", RetainOptions.DeviceIdentity);
        if (isClean && (source.Items is not null || source.Vr == Dicom.Vr.AE))
        {
            // Sequences stay, for what is in them is clean; AE titles are mapped.
            Assert.True(result is { IsEmpty: false } && !Holds(result), why);
            return;
        }

        switch (line[3])
        {
            case "X":
                Assert.True(result is null, why);
                break;
            case "X/Z" when source.Tag == DicomTags.ReferencedStudySequence:
                Assert.True(result is null, why);
                break;
            case "Z" or "X/Z":
                bool isPseudonym = source.Tag == DicomTags.PatientID || source.Tag == DicomTags.PatientName;
                Assert.True(result is { IsEmpty: true } || (isPseudonym && result is not null && !result.Value.Span.SequenceEqual(source.Value.Span)), why);
                break;
            default:
                Assert.True(result is { IsEmpty: false }, why);
                Assert.False(Holds(result!), why);
                Assert.True(result!.Vr == source.Vr, why);
                break;
        }
    }

    private static bool Holds(DicomElement element) => element.Items is { } items
        ? items.Any(item => item.Any(Holds))
        : element.Value.Span.SequenceEqual(Value(element.Vr)) && element.Value.Length > 0;

    private static DicomDataSet Deidentify(DicomDataSet source, RetainOptions retain) =>
        new Deidentifier(new DeidentificationOptions { Secret = "a secret of the tests"u8.ToArray(), Retain = retain }).Apply(source).DataSet!;

    private static DicomDataSet All()
    {
        DicomDataSet all = new();
        foreach (string[] line in s_lines.Skip(1))
        {
            DicomTag tag = Tag(line[0]);
            all.Set(Vr(tag) == Dicom.Vr.SQ
                ? new DicomElement(tag, [new DicomDataSet().SetString(DicomTags.ReferencedSOPInstanceUID, "1.2.3.4").SetString(DicomTags.PersonName, "SECRET")])
                : new DicomElement(tag, Vr(tag), Value(Vr(tag))));
        }

        return all;
    }

    private static byte[] Value(Vr vr) => vr switch
    {
        Dicom.Vr.UI => "1.2.3.4"u8.ToArray(),
        Dicom.Vr.DA => "20040719"u8.ToArray(),
        Dicom.Vr.DT => "20040719081530"u8.ToArray(),
        Dicom.Vr.TM => "081530"u8.ToArray(),
        Dicom.Vr.AS => "042Y"u8.ToArray(),
        Dicom.Vr.IS or Dicom.Vr.DS => "42"u8.ToArray(),
        _ => vr.IsText() ? Encoding.ASCII.GetBytes("SECRET") : [.. Enumerable.Repeat((byte)0x53, 8)],
    };

    private static Vr Vr(DicomTag tag) => tag.IsPrivate ? Dicom.Vr.LO : DicomDictionary.FindVr(tag);

    private static DicomTag Tag(string text) => text.Contains("ODD", StringComparison.Ordinal)
        ? new DicomTag(0x0099, 0x1001)
        : DicomTag.TryParse(text.Replace('X', '0'), out DicomTag tag) ? tag : throw new FormatException(text);
}
