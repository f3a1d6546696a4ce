using System.Text;

namespace MedicalAi.Dicom.Tests;

/// <summary>Values by their VR (PS3.5 section 6.2) and their number (section 6.4).</summary>
public sealed class ValueTests
{
    private static readonly DicomTag s_private = new(0x0009, 0x1001);

    [Theory]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada^Tarou", "山田^太郎", "やまだ^たろう")]
    [InlineData("Doe^John", "Doe^John", "", "")]
    [InlineData("=山田^太郎", "", "山田^太郎", "")]
    [InlineData("==やまだ", "", "", "やまだ")]
    [InlineData("Doe^^^Dr^Jr  ", "Doe^^^Dr^Jr", "", "")]
    [InlineData("A=B=C=D", "A", "B", "C=D")]
    [InlineData("Doe=", "Doe", "", "")]
    public void A_person_has_up_to_three_component_groups(string text, string alphabetic, string ideographic, string phonetic)
    {
        DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192").SetString(DicomTags.PatientName, text);
        PersonName name = dataSet.GetPersonName(DicomTags.PatientName)!.Value;
        Assert.Equal((alphabetic, ideographic, phonetic), (name.Alphabetic, name.Ideographic, name.Phonetic));
        Assert.Equal(text.TrimEnd(' ', '='), name.ToString());
    }

    [Fact]
    public void Several_persons_are_several_values()
    {
        DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.OtherPatientNames, "A^B", "C^D=E");
        Assert.Equal(("A^B", "E"), (dataSet.GetPersonName(DicomTags.OtherPatientNames)?.Alphabetic, dataSet.GetPersonName(DicomTags.OtherPatientNames, 1)?.Ideographic));
        Assert.Null(dataSet.GetPersonName(DicomTags.OtherPatientNames, 2));
    }

    /// <summary>None of these is a number that a double holds, or would be written so again.</summary>
    [Theory]
    [InlineData("0.1", "0.1")]
    [InlineData("1.50", "1.50")]
    [InlineData("+007.250", "7.250")]
    [InlineData("123456789.123456", "123456789.123456")]
    [InlineData("-.5", "-0.5")]
    [InlineData("1.5E2", "150")]
    [InlineData("1e-10", "0.0000000001")]
    [InlineData("9007199254740993", "9007199254740993")]
    [InlineData("0.000", "0.000")]
    [InlineData("0e-99", "0")]
    public void A_decimal_string_is_exact(string text, string exact)
    {
        DicomDataSet dataSet = Through(new DicomDataSet().SetString(DicomTags.SliceThickness, text));
        Assert.Equal(text, dataSet.GetString(DicomTags.SliceThickness));
        Assert.Equal(decimal.Parse(exact, System.Globalization.CultureInfo.InvariantCulture), dataSet.GetDecimal(DicomTags.SliceThickness));
        Assert.Equal(text, DicomJson.Parse(DicomJson.ToBytes(dataSet)).Value.GetString(DicomTags.SliceThickness) is { } json && json != text ? Same(json, text) : text);

        // JSON has no plus sign, and zeros in front neither; the digits are the same.
        static string Same(string json, string text) => DecimalString.TryParse(json, out decimal one) && DecimalString.TryParse(text, out decimal other) && one == other ? text : json;
    }

    [Theory]
    [InlineData("1e-30")] // a decimal has 28 digits after its point
    [InlineData("12345678901234567890123456789.5")]
    [InlineData("1e40")]
    [InlineData("abc")]
    [InlineData("")]
    [InlineData("1,5")]
    [InlineData("1e99999999999")]
    [InlineData("0x10")]
    public void What_a_decimal_cannot_hold_exactly_is_null_and_the_text_is_there(string text)
    {
        DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.SliceThickness, text);
        Assert.Null(dataSet.GetDecimal(DicomTags.SliceThickness));
        Assert.Equal(text.Length == 0 ? null : text, dataSet.GetString(DicomTags.SliceThickness));
    }

    [Fact]
    public void An_integer_string_is_exact_with_its_sign()
    {
        DicomDataSet dataSet = Through(new DicomDataSet().SetString(DicomTags.ReferencedFrameNumber, "2147483647", " -12 ", "+3"));
        Assert.Equal((2147483647, -12, 3), (dataSet.GetInt32(DicomTags.ReferencedFrameNumber), dataSet.GetInt32(DicomTags.ReferencedFrameNumber, 1), dataSet.GetInt32(DicomTags.ReferencedFrameNumber, 2)));
        Assert.Equal(-12m, dataSet.GetDecimal(DicomTags.ReferencedFrameNumber, 1));
        Assert.Equal(["2147483647", "-12", "+3"], dataSet.GetStrings(DicomTags.ReferencedFrameNumber));
    }

    [Fact]
    public void Numbers_of_64_bits_are_exact()
    {
        DicomDataSet dataSet = Through(new DicomDataSet()
            .SetInt(new DicomTag(0x0009, 0x1001), Vr.SV, long.MinValue, long.MaxValue)
            .SetBytes(new DicomTag(0x0009, 0x1002), Vr.UV, (byte[])[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0, 0, 0, 0, 0x80])
            .SetBytes(DicomTags.ExtendedOffsetTable, Vr.OV, (byte[])[0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 2, 0, 0, 0]));
        Assert.Equal((long.MinValue, long.MaxValue), (dataSet.GetInt64(new DicomTag(0x0009, 0x1001)), dataSet.GetInt64(new DicomTag(0x0009, 0x1001), 1)));
        Assert.Equal(["18446744073709551615", "9223372036854775809"], dataSet.GetStrings(new DicomTag(0x0009, 0x1002)));
        Assert.Null(dataSet.GetInt64(new DicomTag(0x0009, 0x1002))); // more than a long holds
        Assert.Equal((0L, 0x2_0000_0008L), (dataSet.GetInt64(DicomTags.ExtendedOffsetTable), dataSet.GetInt64(DicomTags.ExtendedOffsetTable, 1))); // over 4 GiB
    }

    [Fact]
    public void An_attribute_tag_has_two_numbers_in_the_order_of_the_transfer_syntax()
    {
        DicomDataSet dataSet = new DicomDataSet().SetTag(DicomTags.FrameIncrementPointer, DicomTags.FrameTime, DicomTags.FrameTimeVector);
        Assert.Equal("2800090041540800180063101800" + "6510", Convert.ToHexString(DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian)));
        Assert.Equal("0028000941540008001810630018" + "1065", Convert.ToHexString(DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ExplicitVrBigEndian)));
        DicomDataSet read = Through(dataSet);
        Assert.Equal(2, read.CountValues(DicomTags.FrameIncrementPointer));
        Assert.Equal((DicomTags.FrameTime, DicomTags.FrameTimeVector), (read.GetTag(DicomTags.FrameIncrementPointer), read.GetTag(DicomTags.FrameIncrementPointer, 1)));
    }

    [Theory]
    [InlineData(Vr.LO, " a \\ b ", new[] { "a", "b" })]
    [InlineData(Vr.CS, "A\\\\B ", new[] { "A", "", "B" })]
    [InlineData(Vr.UC, " a \\ b ", new[] { " a", " b" })] // leading spaces count
    [InlineData(Vr.LT, " a\\b ", new[] { " a\\b" })] // one value, whatever is in it
    [InlineData(Vr.ST, "a\\b", new[] { "a\\b" })]
    [InlineData(Vr.UT, " a\\b\r\n ", new[] { " a\\b\r\n" })]
    [InlineData(Vr.UR, "http://a/b?c=d\\e  ", new[] { "http://a/b?c=d\\e" })]
    [InlineData(Vr.UI, "1.2\0", new[] { "1.2" })]
    [InlineData(Vr.UI, "1.2\\1.3\0", new[] { "1.2", "1.3" })]
    [InlineData(Vr.AE, " AE ", new[] { "AE" })]
    public void Padding_and_backslashes_mean_what_the_VR_says(Vr vr, string text, string[] values) =>
        Assert.Equal(values, new DicomDataSet().SetBytes(s_private, vr, Encoding.ASCII.GetBytes(text)).GetStrings(s_private));

    /// <summary>Reading takes what it gets; what is wrong with it is told by the validator, and by nobody else.</summary>
    [Theory]
    [InlineData("PixelSpacing", "1.5", "1 values; the dictionary allows 2")]
    [InlineData("PixelSpacing", "1.5\\x", "value 2: not a decimal number")]
    [InlineData("SliceThickness", "1.00000000000000000", "19 characters, at most 16 are allowed")]
    [InlineData("InstanceNumber", "4294967296", "not a whole number of 32 bits")]
    [InlineData("StudyDate", "20260230", "not a date YYYYMMDD")]
    [InlineData("StudyTime", "2500", "not a time HHMMSS.FFFFFF")]
    [InlineData("AcquisitionDateTime", "20260101120000+1500", "not a date and time YYYYMMDDHHMMSS.FFFFFF&ZZXX")]
    [InlineData("PatientAge", "12", "not an age: three digits and one of D, W, M, Y")]
    [InlineData("RetrieveURL", "http://a b", "characters that a URI does not allow, or leading spaces")]
    [InlineData("SOPInstanceUID", "1.02.3", "not a UID: numbers without leading zeros, separated by dots")]
    [InlineData("PatientName", "A=B=C=D", "more than three component groups")]
    [InlineData("SpecificCharacterSet", "ISO_IR 999", "not a defined term of Specific Character Set")]
    public void A_value_that_its_VR_or_VM_does_not_allow_is_read_and_reported(string keyword, string value, string message)
    {
        DicomTag tag = DicomDictionary.Find(keyword)!.Tag;
        DicomDataSet read = Through(new DicomDataSet().SetString(tag, value));
        Assert.Equal(value, string.Join('\\', read.GetStrings(tag)));
        Assert.Contains(DicomValidator.Check(read), finding => finding.Path == tag.ToString() && finding.Message == message);
    }

    private static DicomDataSet Through(DicomDataSet dataSet)
    {
        byte[] bytes = DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ExplicitVrBigEndian);
        return DicomDataSet.Parse(bytes, TransferSyntax.ExplicitVrBigEndian).Value;
    }
}
