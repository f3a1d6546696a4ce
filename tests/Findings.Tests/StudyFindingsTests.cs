using System.Buffers.Binary;
using System.Text;
using CsCheck;
using MedicalAi.Dicom;

namespace MedicalAi.Findings.Tests;

public sealed class StudyFindingsTests
{
    [Fact]
    public void Labels_that_ask_for_a_preset_dictionary_are_refused()
    {
        byte[] saved = Samples.All().Serialize().ToArray();
        int labels = 13 + BitConverter.ToInt32(saved, 5);
        (saved[labels], saved[labels + 1]) = (0x78, 0x20); // FDICT (RFC 1950 section 2.2)

        Assert.False(StudyFindings.Parse(saved).Ok);
    }

    [Fact]
    public void What_was_written_is_read_again()
    {
        StudyFindings findings = Samples.All();
        StudyFindings read = StudyFindings.Parse(findings.Serialize()).Value;
        Assert.Equal((findings.TaskId, findings.Study, findings.Model, findings.InputsDigest, findings.MadeAt), (read.TaskId, read.Study, read.Model, read.InputsDigest, read.MadeAt));
        Assert.Equal(TimeSpan.FromHours(2), read.MadeAt.Offset);
        Assert.Equal(findings.Inputs, read.Inputs);
        Assert.Equal(findings.Measurements, read.Measurements);
        Assert.Equal(findings.Notes, read.Notes);
        Classification classification = Assert.Single(read.Classifications);
        Assert.Equal((0.9, 0.4271, true, findings.Classifications[0].Site), (classification.Probability, classification.Threshold, classification.IsPositive, classification.Site));
        Assert.Equal(findings.Classifications[0].Evidence, classification.Evidence);
        Assert.Equal(findings.Segmentation!.Labels.ToArray(), read.Segmentation!.Labels.ToArray());
        Assert.Equal(findings.Segmentation.Segments, read.Segmentation.Segments);
        Assert.Equal(findings.Segmentation.Sources, read.Segmentation.Sources);
        Assert.Equal([0, 0, 0, 0, 0, 2], read.Segmentation.GetFrame(1).ToArray());
    }

    [Fact]
    public void The_same_findings_give_the_same_bytes_also_after_reading()
    {
        byte[] first = Samples.All().Serialize().ToArray();
        Assert.Equal(first, Samples.All().Serialize().ToArray());
        Assert.Equal(first, StudyFindings.Parse(first).Value.Serialize().ToArray());
    }

    [Fact]
    public void A_classification_is_positive_from_its_threshold_unless_the_model_says_otherwise()
    {
        Classification classification = new() { Finding = new CodedConcept("233604007", "SCT", "Pneumonia"), Probability = 0.5, Threshold = 0.5 };
        Assert.True(classification.IsPositive);
        Assert.False((classification with { Probability = 0.49 }).IsPositive);
        Assert.False((classification with { IsPositive = false }).IsPositive);
    }

    [Fact]
    public void A_large_label_map_is_small_on_disk()
    {
        StudyFindings findings = Samples.All();
        findings = findings with { Segmentation = findings.Segmentation! with { Rows = 256, Columns = 256, Labels = new byte[256 * 256 * 2] } };
        Assert.InRange(findings.Serialize().Length, 1000, 10_000);
    }

    [Fact]
    public void Findings_that_contradict_themselves_are_not_saved()
    {
        StudyFindings good = Samples.All();
        LabelMap map = good.Segmentation!;
        CodedConcept none = default;
        (string Reason, StudyFindings Findings)[] bad =
        [
            ("no inputs", good with { Inputs = [] }),
            ("UID is not valid", good with { Study = new DicomUid("x") }),
            ("UID is not valid", good with { Study = default }),
            ("UID is not valid", good with { Inputs = [Samples.Source(1) with { SopClass = default }] }),
            ("frame is negative", good with { Inputs = [Samples.Source(1, -1)] }),
            ("is null", good with { Inputs = [null!] }),
            ("not between 0 and 1", good with { Classifications = [good.Classifications[0] with { Probability = double.NaN }] }),
            ("not between 0 and 1", good with { Classifications = [good.Classifications[0] with { Threshold = 1.5 }] }),
            ("is empty", good with { Classifications = [good.Classifications[0] with { Finding = none }] }),
            ("finite", good with { Measurements = [good.Measurements[0] with { Value = double.PositiveInfinity }] }),
            ("no segment 3", good with { Measurements = [good.Measurements[0] with { SegmentNumber = 3 }] }),
            ("no segment 2", good with { Segmentation = null }),
            ("rows × columns × frames", good with { Segmentation = map with { Rows = 3 } }),
            ("number of sources", good with { Segmentation = map with { Sources = [Samples.Source(1)] } }),
            ("numbered from 1", good with { Segmentation = map with { Segments = [map.Segments[1], map.Segments[0]] } }),
            ("label without a segment", good with { Segmentation = map with { Labels = new byte[] { 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } } }),
            ("1 to 255 segments", good with { Measurements = [], Segmentation = map with { Segments = [] } }),
            ("is empty", good with { Model = good.Model with { Version = " " } }),
            ("longer than 64", good with { Model = good.Model with { Name = new string('x', 65) } }),
            ("backslash", good with { Model = good.Model with { Name = "a\\b" } }),
            ("backslash", good with { Notes = ["\ud800"] }),
        ];
        foreach ((string reason, StudyFindings findings) in bad)
        {
            Assert.Contains(reason, Assert.Throws<InvalidOperationException>(() => findings.Serialize()).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_truncation_is_an_error()
    {
        byte[] bytes = Samples.All().Serialize().ToArray();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.False(StudyFindings.Parse(bytes.AsMemory(0, length)).Ok, $"{length} of {bytes.Length} bytes were read as findings.");
        }
    }

    [Fact]
    public void A_size_that_the_bytes_cannot_hold_is_refused_before_memory_is_taken()
    {
        string json = Encoding.UTF8.GetString(Json(Samples.All()));
        long before = GC.GetAllocatedBytesForCurrentThread();
        ParseResult<StudyFindings> result = StudyFindings.Parse(Envelope(json.Replace("\"rows\":2", "\"rows\":40000", StringComparison.Ordinal).Replace("\"columns\":3", "\"columns\":40000", StringComparison.Ordinal), [0x78, 1, 3, 0]));
        Assert.Equal(DicomErrorKind.InvalidLength, result.Error!.Kind);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"taskId\":\"11111111-2222-3333-4444-555555555555\"}")]
    public void Json_of_another_kind_is_an_error(string json) => Assert.Equal(DicomErrorKind.InvalidText, StudyFindings.Parse(Envelope(json, [])).Error!.Kind);

    [Theory]
    [InlineData("\"rows\":2", "\"rows\":null")]
    [InlineData("\"rows\":2", "\"rows\":2,\"rows\":2")]
    [InlineData("\"rows\":2", "\"rows\":2,\"other\":2")]
    [InlineData("\"study\":\"1.2.3\"", "\"study\":\"1..3\"")]
    [InlineData("\"study\":\"1.2.3\"", "\"study\":7")]
    [InlineData("\"scheme\":\"SCT\",", "")]
    [InlineData("\"number\":1,", "\"number\":5,")]
    [InlineData("\"probability\":0.9", "\"probability\":1e999")]
    public void Json_that_was_changed_is_an_error(string text, string replacement)
    {
        byte[] bytes = Samples.All().Serialize().ToArray();
        string json = Encoding.UTF8.GetString(Json(Samples.All()));
        int end = 13 + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(5));
        Assert.True(StudyFindings.Parse(Envelope(json, bytes[end..])).Ok);
        int at = json.IndexOf(text, StringComparison.Ordinal);
        Assert.True(at >= 0);
        Assert.False(StudyFindings.Parse(Envelope(json[..at] + replacement + json[(at + text.Length)..], bytes[end..])).Ok);
    }

    [Fact]
    public void No_change_of_a_few_bytes_makes_reading_throw()
    {
        byte[] good = Samples.All().Serialize().ToArray();
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte).Array[1, 8].Sample(changes =>
        {
            byte[] bytes = [.. good];
            foreach ((int at, byte value) in changes)
            {
                bytes[at] = value;
            }

            ParseResult<StudyFindings> result = StudyFindings.Parse(bytes);
            return result.Ok ? result.Value.Serialize().Length > 0 : result.Error.Message.Length > 0;
        }, iter: 5000);
    }

    private static byte[] Json(StudyFindings findings)
    {
        byte[] bytes = findings.Serialize().ToArray();
        return bytes[13..(13 + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(5)))];
    }

    private static byte[] Envelope(string json, byte[] labels)
    {
        byte[] text = Encoding.UTF8.GetBytes(json);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        BinaryPrimitives.WriteInt32LittleEndian(length.AsSpan(4), labels.Length);
        return [.. "MFND"u8, 1, .. length, .. text, .. labels];
    }
}
