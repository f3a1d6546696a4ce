using System.Text;
using System.Text.Json;

namespace MedicalAi.Dicom.Tests;

public sealed class DicomJsonTests
{
    [Fact]
    public void What_came_as_UN_and_is_known_is_written_as_what_it_is()
    {
        DicomDataSet dataSet = new DicomDataSet()
            .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 100")
            .SetBytes(DicomTags.PatientName, Vr.UN, (byte[])[0xC4])
            .SetBytes(DicomTags.Rows, Vr.UN, (byte[])[0, 2])
            .SetBytes(DicomTags.Columns, Vr.UN, (byte[])[0, 2, 0])
            .SetBytes(DicomTags.PixelRepresentation, Vr.UN, (byte[])[1, 0])
            .SetBytes(DicomTags.PixelPaddingValue, Vr.UN, (byte[])[0xFF, 0xFF])
            .SetBytes(DicomTags.ReferencedImageSequence, Vr.UN, Convert.FromHexString("FEFF00E00A00000008006000020000004354"))
            .SetBytes(DicomTags.ReferencedStudySequence, Vr.UN, Convert.FromHexString("FEFF00E00A0000000800"))
            .SetBytes(new DicomTag(0x0009, 0x1001), Vr.UN, (byte[])[0xC4]);
        using JsonDocument json = JsonDocument.Parse(DicomJson.ToBytes(dataSet));
        string One(string tag) => json.RootElement.GetProperty(tag).GetRawText();
        Assert.Equal("{\"vr\":\"PN\",\"Value\":[{\"Alphabetic\":\"Ä\"}]}", One("00100010"));
        Assert.Equal("{\"vr\":\"US\",\"Value\":[512]}", One("00280010"));
        Assert.Equal("{\"vr\":\"UN\",\"InlineBinary\":\"AAIA\"}", One("00280011"));
        Assert.Equal("{\"vr\":\"SS\",\"Value\":[-1]}", One("00280120"));
        Assert.Equal("{\"vr\":\"SQ\",\"Value\":[{\"00080060\":{\"vr\":\"CS\",\"Value\":[\"CT\"]}}]}", One("00081140"));
        Assert.Equal("{\"vr\":\"UN\",\"InlineBinary\":\"/v8A4AoAAAAIAA==\"}", One("00081110"));
        Assert.Equal("{\"vr\":\"UN\",\"InlineBinary\":\"xA==\"}", One("00091001"));
    }

    [Fact]
    public void A_character_set_that_came_as_UN_is_CS()
    {
        DicomDataSet dataSet = new DicomDataSet().SetBytes(DicomTags.SpecificCharacterSet, Vr.UN, "ISO_IR 100"u8.ToArray());
        Assert.Equal("{\"00080005\":{\"vr\":\"CS\",\"Value\":[\"ISO_IR 192\"]}}", Encoding.UTF8.GetString(DicomJson.ToBytes(dataSet)));
        Assert.True(DicomJson.Parse(DicomJson.ToBytes(dataSet)).Ok);
    }

    [Fact]
    public void Attributes_are_written_as_the_standard_shows_them()
    {
        DicomDataSet dataSet = new DicomDataSet()
            .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 100")
            .SetString(DicomTags.PatientName, "Müller^Jörg=漢"[..11])
            .SetString(DicomTags.ImageType, "ORIGINAL", "", "AXIAL")
            .SetString(DicomTags.PixelSpacing, "0.50", "0.5")
            .SetString(DicomTags.InstanceNumber, "007")
            .SetInt(DicomTags.Rows, 512)
            .SetTag(DicomTags.FrameIncrementPointer, DicomTags.FrameTime)
            .SetEmpty(DicomTags.AccessionNumber)
            .SetSequence(DicomTags.ReferencedStudySequence, new DicomDataSet().SetUid(DicomTags.ReferencedSOPInstanceUID, new DicomUid("1.2")))
            .SetBytes(DicomTags.PixelData, Vr.OW, new byte[] { 1, 2 });

        string json = Encoding.UTF8.GetString(DicomJson.ToBytes(dataSet));

        Assert.Equal(
            """
            {"00080005":{"vr":"CS","Value":["ISO_IR 192"]},"00080008":{"vr":"CS","Value":["ORIGINAL",null,"AXIAL"]},"00080050":{"vr":"SH"},"00081110":{"vr":"SQ","Value":[{"00081155":{"vr":"UI","Value":["1.2"]}}]},"00100010":{"vr":"PN","Value":[{"Alphabetic":"Müller^Jörg"}]},"00200013":{"vr":"IS","Value":[7]},"00280009":{"vr":"AT","Value":["00181063"]},"00280010":{"vr":"US","Value":[512]},"00280030":{"vr":"DS","Value":[0.50,0.5]},"7FE00010":{"vr":"OW","InlineBinary":"AQI="}}
            """,
            json);
    }

    [Fact]
    public void What_was_written_is_read_again()
    {
        DicomDataSet dataSet = new DicomDataSet()
            .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192")
            .SetString(DicomTags.PatientName, "Yamada^Tarou=山田^太郎=やまだ^たろう")
            .SetDouble(DicomTags.DiffusionBValue, double.NaN, 1.5)
            .SetSequence(DicomTags.ReferencedStudySequence, new DicomDataSet(), new DicomDataSet().SetString(DicomTags.StudyDescription, "Kopf"))
            .SetBytes(DicomTags.PixelData, Vr.OW, new byte[] { 1, 2, 3, 4 });

        byte[] json = DicomJson.ToBytes(dataSet);

        Assert.Equal(json, DicomJson.ToBytes(DicomJson.Parse(json).Value));
        Assert.Equal("Yamada^Tarou=山田^太郎=やまだ^たろう", DicomJson.Parse(json).Value.GetString(DicomTags.PatientName));
    }

    [Fact]
    public void Bytes_in_nested_items_are_offered_for_a_URI_by_their_path()
    {
        DicomDataSet dataSet = new DicomDataSet().SetSequence(
            DicomTags.ReferencedStudySequence,
            new DicomDataSet(),
            new DicomDataSet().SetBytes(new DicomTag(0x0028, 0x2000), Vr.OB, new byte[] { 1, 2 }));
        List<string> paths = [];

        string json = Encoding.UTF8.GetString(DicomJson.ToBytes(dataSet, (path, _) =>
        {
            paths.Add(path);
            return "/bulk/" + path;
        }));

        Assert.Equal(["00081110/1/00282000"], paths);
        Assert.Contains("\"BulkDataURI\":\"/bulk/00081110/1/00282000\"", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.50", "0.50")]
    [InlineData("+007.5", "7.5")]
    [InlineData(".5", "0.5")]
    [InlineData("5.", "5")]
    [InlineData("-0", "-0")]
    [InlineData("1E-5", "1E-5")]
    [InlineData("0.12345678901234567890", "0.12345678901234567890")]
    [InlineData("1e999", "\"1e999\"")]
    [InlineData("1,5", "\"1,5\"")]
    [InlineData("1.5x", "\"1.5x\"")]
    [InlineData(".", "\".\"")]
    [InlineData("-", "\"-\"")]
    [InlineData("1e", "\"1e\"")]
    [InlineData("NaN", "\"NaN\"")]
    public void Decimal_strings_keep_their_digits_as_numbers_of_JSON(string value, string json) =>
        Assert.Equal($$$"""{"00180088":{"vr":"DS","Value":[{{{json}}}]}}""", Write(new DicomDataSet().SetString(DicomTags.SpacingBetweenSlices, value)));

    [Fact]
    public void Whole_numbers_that_a_double_does_not_hold_are_strings()
    {
        DicomTag tag = new(0x0009, 0x1001);

        Assert.Equal("""{"00091001":{"vr":"SV","Value":[9007199254740992,"-9223372036854775808"]}}""", Write(new DicomDataSet().SetInt(tag, Vr.SV, 1L << 53, long.MinValue)));
        Assert.Equal("""{"00091001":{"vr":"UV","Value":["18446744073709551615"]}}""", Write(new DicomDataSet().SetInt(tag, Vr.UV, -1)));
        Assert.Equal("""{"00200013":{"vr":"IS","Value":["99999999999999999999"]}}""", Write(new DicomDataSet().SetString(DicomTags.InstanceNumber, "99999999999999999999")));
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_strings() => Assert.Equal(
        """{"00189087":{"vr":"FD","Value":["NaN","inf","-inf",0.1]}}""",
        Write(new DicomDataSet().SetDouble(DicomTags.DiffusionBValue, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0.1)));

    [Fact]
    public void Padding_alone_is_no_value() => Assert.Equal(
        """{"00080008":{"vr":"CS","Value":[null,null]},"00100010":{"vr":"PN"},"00280010":{"vr":"US"}}""",
        Write(new DicomDataSet()
            .SetString(DicomTags.ImageType, " ", "  ")
            .SetString(DicomTags.PatientName, "  ")
            .SetBytes(DicomTags.Rows, Vr.US, new byte[] { 1 })));

    [Theory]
    [InlineData("==", "null")]
    [InlineData("=山田", """{"Ideographic":"山田"}""")]
    [InlineData("A^B ==C=D", """{"Alphabetic":"A^B","Phonetic":"C=D"}""")]
    public void A_name_is_an_object_of_its_groups(string name, string json) => Assert.Equal(
        $$$"""{"00080005":{"vr":"CS","Value":["ISO_IR 192"]},"00100010":{"vr":"PN","Value":[{{{json}}}]}}""",
        Write(new DicomDataSet().SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192").SetString(DicomTags.PatientName, name)));

    [Fact]
    public void Text_that_is_not_of_its_character_set_is_replaced()
    {
        DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192")
            .SetBytes(DicomTags.StudyDescription, Vr.LO, new byte[] { (byte)'a', 0xED, 0xA0, 0x80, 0xFF, 0x1B, (byte)'b' });

        Assert.StartsWith("a\uFFFD", System.Text.Json.JsonDocument.Parse(Write(dataSet)).RootElement.GetProperty("00081030").GetProperty("Value")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Group_lengths_command_elements_and_file_meta_information_are_left_out_both_ways()
    {
        DicomDataSet dataSet = new DicomDataSet().SetUid(DicomTags.TransferSyntaxUID, new DicomUid("1.2")).SetInt(new DicomTag(0x0000, 0x0100), Vr.US, 1)
            .SetInt(new DicomTag(0x0008, 0), Vr.UL, 7).SetString(DicomTags.Modality, "CT");

        Assert.Equal("""{"00080060":{"vr":"CS","Value":["CT"]}}""", Write(dataSet));
        Assert.Equal(
            """{"00080060":{"vr":"CS","Value":["CT"]}}""",
            Rewrite("""{"00000100":{"vr":"US","Value":[1]},"00020010":{"vr":"UI","Value":["1.2"]},"00080000":{"vr":"UL","Value":[7]},"00080060":{"vr":"CS","Value":["CT"]}}"""));
    }

    [Theory]
    [InlineData("""{"00280010":{"Value":[512],"vr":"US"}}""", """{"00280010":{"vr":"US","Value":[512]}}""")]
    [InlineData("""{"00280010":{"Value":["512"]}}""", """{"00280010":{"vr":"US","Value":[512]}}""")]
    [InlineData("""{"00280010":{"vr":"US","Value":[5.12e2]}}""", """{"00280010":{"vr":"US","Value":[512]}}""")]
    [InlineData("""{"00200013":{"vr":"IS","Value":["7",8.0]}}""", """{"00200013":{"vr":"IS","Value":[7,8]}}""")]
    [InlineData("""{"00180088":{"vr":"DS","Value":[0.30000000000000004,"1.50"]}}""", """{"00180088":{"vr":"DS","Value":[0.3,1.50]}}""")]
    [InlineData("""{"00100010":{"vr":"PN","Value":["Doe^J",null,{"Alphabetic":null}]}}""", """{"00100010":{"vr":"PN","Value":[{"Alphabetic":"Doe^J"},null,null]}}""")]
    [InlineData("""{"00081110":{"Value":[{"00081155":{"Value":["1.2"]}},null,{}]}}""", """{"00081110":{"vr":"SQ","Value":[{"00081155":{"vr":"UI","Value":["1.2"]}},{},{}]}}""")]
    [InlineData("""{"00280009":{"vr":"AT","Value":["0018106a"]}}""", """{"00280009":{"vr":"AT","Value":["0018106A"]}}""")]
    [InlineData("""{"00091001":{"vr":"UV","Value":["18446744073709551615"]}}""", """{"00091001":{"vr":"UV","Value":["18446744073709551615"]}}""")]
    [InlineData("""{"00280010":{"vr":"US","Value":[1]},"0008006\u0030":{"vr":"CS","Value":["CT"]},"00280010":{"vr":"US","Value":[2]}}""", """{"00080060":{"vr":"CS","Value":["CT"]},"00280010":{"vr":"US","Value":[2]}}""")]
    [InlineData("""{"7FE00010":{"vr":"OW","BulkDataURI":"x"},"00080060":{"vr":"CS","other":[{}],"Value":["CT"]}}""", """{"00080060":{"vr":"CS","Value":["CT"]},"7FE00010":{"vr":"OW","BulkDataURI":"x"}}""")]
    [InlineData("""{"00189087":{"vr":"FD","Value":["Infinity","-INF","+inf","nan"]}}""", """{"00189087":{"vr":"FD","Value":["inf","-inf","inf","NaN"]}}""")]
    [InlineData("""{"00081030":{"vr":"LO","Value":["Sch\u00e4del"]}}""", """{"00080005":{"vr":"CS","Value":["ISO_IR 192"]},"00081030":{"vr":"LO","Value":["Schädel"]}}""")]
    [InlineData("""{"00080005":{"vr":"CS","Value":["ISO_IR 100"]},"00081110":{"vr":"SQ","Value":[{"00081030":{"vr":"LO","Value":["ä"]}}]}}""", """{"00080005":{"vr":"CS","Value":["ISO_IR 192"]},"00081110":{"vr":"SQ","Value":[{"00081030":{"vr":"LO","Value":["ä"]}}]}}""")]
    public void What_others_write_is_understood(string json, string written) => Assert.Equal(written, Rewrite(json));

    [Fact]
    public void A_number_of_the_encoding_comes_back_to_the_bit()
    {
        DicomDataSet dataSet = new DicomDataSet()
            .SetBytes(DicomTags.DiffusionBValue, Vr.FD, BitConverter.GetBytes(BitConverter.Int64BitsToDouble(0x3FB999999999999B)))
            .SetBytes(DicomTags.RecommendedDisplayFrameRateInFloat, Vr.FL, BitConverter.GetBytes(0.1f));

        DicomDataSet read = DicomJson.Parse(DicomJson.ToBytes(dataSet)).Value;

        foreach (DicomElement element in dataSet)
        {
            Assert.Equal(element.Value.ToArray(), read.Find(element.Tag)!.Value.ToArray());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("7")]
    [InlineData("{\"x\":{}}")]
    [InlineData("{\"00100010\":[]}")]
    [InlineData("{\"00100010\":{\"vr\":\"XX\"}}")]
    [InlineData("{\"00100010\":{\"vr\":7}}")]
    [InlineData("{\"00280010\":{\"vr\":\"US\",\"Value\":[70000]}}")]
    [InlineData("{\"00280010\":{\"vr\":\"US\",\"Value\":7}}")]
    [InlineData("{\"7FE00010\":{\"vr\":\"OW\",\"InlineBinary\":\"?\"}}")]
    [InlineData("{\"00100010\":{\"vr\":\"PN\",\"Value\":[{\"Alphabetic\":[]}]}}")]
    [InlineData("{\"00080060\":{\"vr\":\"CS\",\"Value\":[\"\\ud800\"]}}")]
    [InlineData("{\"PatientName\":{\"vr\":\"PN\"}}")]
    [InlineData("{\"FFFEE00D\":{\"vr\":\"UN\"}}")]
    [InlineData("{\"00081110\":{\"vr\":\"SQ\",\"InlineBinary\":\"AQI=\"}}")]
    [InlineData("{\"00280010\":{\"vr\":\"US\",\"Value\":[1.5]}}")]
    [InlineData("{\"00280010\":{\"vr\":\"US\",\"Value\":[null]}}")]
    [InlineData("{\"00280010\":{\"vr\":\"US\",\"Value\":[{\"vr\":1}]}}")]
    [InlineData("{\"00188048\":{\"vr\":\"FL\",\"Value\":[1e300]}}")]
    [InlineData("{\"7FE00010\":{\"vr\":\"OW\",\"Value\":[1]}}")]
    public void Text_that_is_not_of_the_model_is_an_error(string json) =>
        Assert.Equal(DicomErrorKind.InvalidText, DicomJson.Parse(Encoding.UTF8.GetBytes(json)).Error!.Kind);

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(100_000, false)]
    public void Sequences_nest_as_deep_as_in_the_binary_form(int depth, bool isAllowed)
    {
        string json = string.Concat(Enumerable.Repeat("{\"00081110\":{\"vr\":\"SQ\",\"Value\":[", depth)) + "{}" + string.Concat(Enumerable.Repeat("]}}", depth));

        ParseResult<DicomDataSet> read = DicomJson.Parse(Encoding.UTF8.GetBytes(json));

        Assert.Equal(isAllowed, read.Ok);
        if (isAllowed)
        {
            Assert.Equal(json, Write(read.Value));
            Assert.True(DicomDataSet.Parse(DicomDataSetWriter.ToBytes(read.Value, TransferSyntax.ExplicitVrLittleEndian), TransferSyntax.ExplicitVrLittleEndian).Ok);
        }
    }

    [Fact]
    public void Attributes_in_hostile_order_end_in_an_error_soon()
    {
        StringBuilder json = new("{");
        for (int i = 100_000; i > 0; i--)
        {
            json.Append(System.Globalization.CultureInfo.InvariantCulture, $"\"{(0x0009_0000 + (i * 2) + 1):X8}\":{{}},");
        }

        json.Append("\"7FE10010\":{}}");

        Assert.Equal(DicomErrorKind.TooLarge, DicomJson.Parse(Encoding.UTF8.GetBytes(json.ToString())).Error?.Kind);
    }

    [Fact]
    public void Attributes_and_items_without_number_end_in_an_error()
    {
        string items = string.Concat(Enumerable.Repeat("{},", 1_000_000));

        Assert.Equal(DicomErrorKind.TooLarge, DicomJson.Parse(Encoding.UTF8.GetBytes("{\"00081110\":{\"vr\":\"SQ\",\"Value\":[" + items + "{}]}}")).Error?.Kind);
    }

    [Fact]
    public void The_limit_of_attributes_is_that_of_each_data_set()
    {
        string items = string.Concat(Enumerable.Repeat("{},", 600_000));
        string dataSet = "{\"00081110\":{\"vr\":\"SQ\",\"Value\":[" + items + "{}]}}";

        Assert.Equal(2, DicomJson.ParseArray(Encoding.UTF8.GetBytes($"[{dataSet},{dataSet}]")).Value.Count);
    }

    [Fact]
    public void An_array_holds_data_sets()
    {
        Assert.Equal(2, DicomJson.ParseArray("[{},{\"00080060\":{\"vr\":\"CS\",\"Value\":[\"CT\"]}}]"u8).Value.Count);
        Assert.Single(DicomJson.ParseArray("\uFEFF{}"u8).Value);
        Assert.Empty(DicomJson.ParseArray("[]"u8).Value);
        Assert.Equal(DicomErrorKind.InvalidText, DicomJson.ParseArray("[{},7]"u8).Error?.Kind);
        Assert.Equal(DicomErrorKind.InvalidText, DicomJson.ParseArray("[{}"u8).Error?.Kind);
    }

    private static string Write(DicomDataSet dataSet) => Encoding.UTF8.GetString(DicomJson.ToBytes(dataSet));

    private static string Rewrite(string json) => Write(DicomJson.Parse(Encoding.UTF8.GetBytes(json)).Value);
}
