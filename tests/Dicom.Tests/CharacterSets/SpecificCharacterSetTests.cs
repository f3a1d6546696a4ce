namespace MedicalAi.Dicom.Tests;

public sealed class SpecificCharacterSetTests
{
    // The bytes and names are the examples of PS3.5 annexes H, I and J.
    [Theory]
    [InlineData("ISO_IR 100", "C46E6561732052FC646967657200", "Äneas Rüdiger")]
    [InlineData("ISO_IR 144", "BBEE6B63655E", "Люkce^")]
    [InlineData("ISO_IR 192", "57616E675E5869616F446F6E673DE78E8B5EE5B08FE69DB1", "Wang^XiaoDong=王^小東")]
    [InlineData("GB18030", "57616E675E5869616F446F6E673DCDF55ED0A1B6AB", "Wang^XiaoDong=王^小东")]
    [InlineData("\\ISO 2022 IR 87", "59616D6164615E5461726F753D1B2442 3B33 4544 1B28425E1B2442 4240 4F3A 1B2842", "Yamada^Tarou=山田^太郎")]
    [InlineData("ISO 2022 IR 13\\ISO 2022 IR 87", "D4CFC0DE5EC0DBB33D1B2442 3B33 4544 1B284A5E1B2442 4240 4F3A 1B284A", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎")]
    [InlineData("\\ISO 2022 IR 149", "486F6E675E47696C646F6E673D1B242943 FBF3 5E1B242943 D1CED4D7", "Hong^Gildong=洪^吉洞")]
    public void A_person_name_is_decoded_as_the_standard_shows(string terms, string hex, string expected)
    {
        SpecificCharacterSet set = SpecificCharacterSet.Parse(terms.Split('\\'));
        Assert.Equal(expected, set.Decode(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), Vr.PN).TrimEnd('\0'));
    }

    [Fact]
    public void A_wrong_declaration_decodes_without_an_exception()
    {
        byte[] bytes = [0x1B, 0x24, 0x42, 0x3B, 0xFF, 0x80, 0x1B];
        foreach (string term in (string[])["nonsense", "ISO 2022 IR 87", "GB18030", "ISO_IR 192", ""])
        {
            Assert.NotNull(SpecificCharacterSet.Parse(term, "ISO 2022 IR 149").Decode(bytes, Vr.LO));
        }
    }

    [Theory]
    [InlineData("ISO_IR 101", "5761B3EA7361", "Wałęsa")]
    [InlineData("ISO_IR 109", "D56F72F5", "Ġorġ")]
    [InlineData("ISO_IR 110", "C0626F6C69F1B9", "Āboliņš")]
    [InlineData("ISO_IR 127", "E2C8C7E6EA5EE4E6D2C7D1", "قباني^لنزار")]
    [InlineData("ISO_IR 126", "C4E9EFEDF5F3E9EFF2", "Διονυσιος")]
    [InlineData("ISO_IR 138", "F9F8E5EF5EE3E1E5F8E4", "שרון^דבורה")]
    [InlineData("ISO_IR 148", "C7617675FE6FF06C75", "Çavuşoğlu")]
    [InlineData("ISO_IR 203", "BC75767265A4", "Œuvre€")]
    [InlineData("ISO_IR 166", "B9D2C1CAA1D8C5", "นามสกุล")]
    [InlineData("ISO_IR 13", "D4CFC0DE5EC0DBB3", "ﾔﾏﾀﾞ^ﾀﾛｳ")]
    public void Each_single_byte_set_is_decoded_and_encoded_again(string term, string hex, string text)
    {
        SpecificCharacterSet set = SpecificCharacterSet.Parse(term);
        Assert.Equal(text, set.Decode(Convert.FromHexString(hex), Vr.PN));
        Assert.Equal(hex, Convert.ToHexString(set.Encode(text, Vr.PN)));
        Assert.Equal(text, SpecificCharacterSet.Parse(term.Replace("ISO_IR", "ISO 2022 IR", StringComparison.Ordinal)).Decode(Convert.FromHexString(hex), Vr.PN));
    }

    [Theory]
    [InlineData("ISO_2022_IR_100", "C46E", "Än")]
    [InlineData("iso-ir 100", "C46E", "Än")]
    [InlineData("ISO 2022 GBK", "D5C5", "张")]
    [InlineData("ISO 2022 58", "D5C5", "张")]
    [InlineData("GB18030\\ISO 2022 IR 100", "815C", "乗")]
    [InlineData("ISO_IR 192\\ISO 2022 IR 87", "E78E8B", "王")]
    public void Terms_as_devices_misspell_and_combine_them_are_understood(string terms, string hex, string text) =>
        Assert.Equal(text, SpecificCharacterSet.Parse(terms.Split('\\')).Decode(Convert.FromHexString(hex), Vr.LO));

    [Fact]
    public void The_supplementary_set_of_Japan_is_decoded() =>
        Assert.Equal("丂丄", SpecificCharacterSet.Parse("", "ISO 2022 IR 159").Decode(Convert.FromHexString("1B242844302130221B2842"), Vr.LO));

    [Fact]
    public void Simplified_Chinese_with_code_extensions_is_decoded() => Assert.Equal(
        "Zhang^XiaoDong=张^小东=",
        SpecificCharacterSet.Parse("", "ISO 2022 IR 58").Decode(Convert.FromHexString("5A68616E675E5869616F446F6E673D1B242941D5C55E1B242941D0A1B6AB3D"), Vr.PN));

    [Fact]
    public void An_escape_that_is_not_repeated_after_a_delimiter_goes_on_where_the_first_term_has_no_such_bytes() =>
        Assert.Equal("洪^吉洞", SpecificCharacterSet.Parse("", "ISO 2022 IR 149").Decode(Convert.FromHexString("1B242943FBF35ED1CED4D7"), Vr.PN));

    [Fact]
    public void A_delimiter_takes_a_value_back_to_the_first_term() =>
        Assert.Equal("Ж^Ä", SpecificCharacterSet.Parse("ISO 2022 IR 100", "ISO 2022 IR 144").Decode(Convert.FromHexString("1B2D4CB65EC4"), Vr.PN));

    [Fact]
    public void A_backslash_within_a_character_of_two_bytes_separates_nothing()
    {
        DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.SpecificCharacterSet, "GBK").SetBytes(DicomTags.OtherPatientNames, Vr.PN, Convert.FromHexString("815C5C42"));
        Assert.Equal(["乗", "B"], dataSet.GetStrings(DicomTags.OtherPatientNames));
        DicomDataSet japanese = new DicomDataSet().SetString(DicomTags.SpecificCharacterSet, "", "ISO 2022 IR 87")
            .SetBytes(DicomTags.OtherPatientNames, Vr.PN, Convert.FromHexString("1B24423B5C1B28425C42"));
        Assert.Equal(2, japanese.GetStrings(DicomTags.OtherPatientNames).Length);
    }

    [Fact]
    public void Without_a_term_bytes_are_taken_for_UTF_8_where_they_are_and_for_Latin_1_where_not()
    {
        Assert.Equal("Ärger", SpecificCharacterSet.Default.Decode("Ärger"u8, Vr.LO));
        Assert.Equal("Ärger", SpecificCharacterSet.Default.Decode([0xC4, 0x72, 0x67, 0x65, 0x72], Vr.LO));
    }

    [Fact]
    public void An_item_made_before_its_data_set_is_in_UTF_8_with_it()
    {
        DicomDataSet item = new DicomDataSet().SetString(DicomTags.CodeMeaning, "Müller");
        Assert.Equal("Müller", item.GetString(DicomTags.CodeMeaning));
        _ = new DicomDataSet().SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192").SetSequence(DicomTags.ConceptNameCodeSequence, item);
        Assert.Equal("Müller", item.GetString(DicomTags.CodeMeaning));
        Assert.Equal("Müller"u8.ToArray(), item.GetBytes(DicomTags.CodeMeaning).ToArray());
    }
}
