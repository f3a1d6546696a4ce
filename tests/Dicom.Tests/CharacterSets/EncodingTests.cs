using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests.CharacterSets;

/// <summary>Text is written in the character set of its data set.</summary>
public sealed class EncodingTests
{
    public static TheoryData<string> Terms =>
    [
        "\\ISO 2022 IR 87", "ISO 2022 IR 13\\ISO 2022 IR 87", "ISO 2022 IR 6\\ISO 2022 IR 87\\ISO 2022 IR 159", "ISO 2022 IR 13\\ISO 2022 IR 87\\ISO 2022 IR 159",
        "\\ISO 2022 IR 149", "\\ISO 2022 IR 58", "ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 126", "ISO 2022 IR 6\\ISO 2022 IR 101\\ISO 2022 IR 109\\ISO 2022 IR 110",
        "ISO 2022 IR 127\\ISO 2022 IR 138\\ISO 2022 IR 148\\ISO 2022 IR 166", "ISO 2022 IR 144\\ISO 2022 IR 87", "ISO 2022 IR 126\\ISO 2022 IR 149", "ISO 2022 IR 100\\ISO 2022 IR 58\\ISO 2022 IR 87\\ISO 2022 IR 149",
        "ISO_IR 192", "GB18030", "GBK", "ISO_IR 166", "ISO_IR 138", "ISO_IR 13",
    ];

    // The names and bytes of PS3.5 annexes H, I, J and K; a space stands between what is easier to read apart.
    [Theory]
    [InlineData("\\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎=やまだ^たろう", "59616D6164615E5461726F753D 1B2442 3B334544 1B2842 5E 1B2442 4240 4F3A 1B2842 3D 1B2442 2464245E2440 1B2842 5E 1B2442 243F246D2426 1B2842")]
    [InlineData("ISO 2022 IR 13\\ISO 2022 IR 87", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう", "D4CFC0DE 5E C0DBB3 3D 1B2442 3B334544 1B284A 5E 1B2442 4240 4F3A 1B284A 3D 1B2442 2464245E2440 1B284A 5E 1B2442 243F246D2426 1B284A")]
    [InlineData("\\ISO 2022 IR 149", "Hong^Gildong=洪^吉洞=홍^길동", "486F6E675E47696C646F6E67 3D 1B242943 FBF3 5E 1B242943 D1CED4D7 3D 1B242943 C8AB 5E 1B242943 B1E6B5BF")]
    [InlineData("ISO_IR 192", "Wang^XiaoDong=王^小東=", "57616E675E5869616F446F6E67 3D E78E8B 5E E5B08FE69DB1 3D")]
    [InlineData("GB18030", "Wang^XiaoDong=王^小东=", "57616E675E5869616F446F6E67 3D CDF5 5E D0A1B6AB 3D")]
    [InlineData("\\ISO 2022 IR 58", "Zhang^XiaoDong=张^小东=", "5A68616E675E5869616F446F6E67 3D 1B242941 D5C5 5E 1B242941 D0A1B6AB 3D")]
    [InlineData("ISO_IR 100", "Äneas^Rüdiger", "C46E656173 5E 52FC6469676572")]
    [InlineData("ISO_IR 166", "นามสกุล", "B9D2C1CAA1D8C5")]
    public void A_person_name_is_encoded_as_the_standard_shows(string terms, string name, string hex)
    {
        Assert.Equal(hex.Replace(" ", "", StringComparison.Ordinal), Encode(terms, name, Vr.PN));
        Assert.Equal(name, SpecificCharacterSet.Parse(terms.Split('\\')).Decode(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), Vr.PN));
    }

    /// <summary>The texts of PS3.5 I.3 and K.3: the set is designated on each line anew.</summary>
    [Theory]
    [InlineData("\\ISO 2022 IR 149", "길동\r\n길동", "1B242943 B1E6B5BF 0D0A 1B242943 B1E6B5BF")]
    [InlineData("\\ISO 2022 IR 58", "中文1.\r\n中文2.", "1B242941 D6D0CEC4 312E 0D0A 1B242941 D6D0CEC4 322E")]
    [InlineData("\\ISO 2022 IR 87", "山\t田\f", "1B2442 3B33 1B2842 09 1B2442 4544 1B2842 0C")]
    public void A_line_begins_with_the_first_character_set(string terms, string text, string hex) =>
        Assert.Equal(hex.Replace(" ", "", StringComparison.Ordinal), Encode(terms, text, Vr.LT));

    [Theory]
    [InlineData(Vr.LO, "山\\田", "1B2442 3B33 1B2842 5C 1B2442 4544 1B2842")] // two values
    [InlineData(Vr.LT, "山\\田", "1B2442 3B33 1B2842 5C 1B2442 4544 1B2842")] // one, where the backslash is of ASCII as any letter is
    [InlineData(Vr.PN, "山^田", "1B2442 3B33 1B2842 5E 1B2442 4544 1B2842")]
    [InlineData(Vr.LO, "山a田", "1B2442 3B33 1B2842 61 1B2442 4544 1B2842")]
    public void ASCII_among_Japanese_is_designated_as_such(Vr vr, string text, string hex) =>
        Assert.Equal(hex.Replace(" ", "", StringComparison.Ordinal), Encode("\\ISO 2022 IR 87", text, vr));

    [Theory]
    [InlineData(Vr.PN, "Ж^Ä", "1B2D4C B6 1B2D41 5E C4")] // the first term is in force again before a delimiter
    [InlineData(Vr.LO, "Ж\\Ä", "1B2D4C B6 1B2D41 5C C4")]
    [InlineData(Vr.LO, "Ж^Ж", "1B2D4C B6 5E B6 1B2D41")] // no delimiter in LO
    [InlineData(Vr.LT, "Ж\\Ж", "1B2D4C B6 5C B6 1B2D41")] // nor this one in LT
    [InlineData(Vr.LO, "ÄЖÄ", "C4 1B2D4C B6 1B2D41 C4")]
    public void The_first_term_is_in_force_before_a_delimiter_and_at_the_end(Vr vr, string text, string hex) =>
        Assert.Equal(hex.Replace(" ", "", StringComparison.Ordinal), Encode("ISO 2022 IR 100\\ISO 2022 IR 144", text, vr));

    [Theory]
    [InlineData("ISO_IR 100", "Łódź", "?\u00F3d?")]
    [InlineData("ISO_IR 101", "à", "?")] // and no a without its accent
    [InlineData("ISO_IR 6", "Ä", "?")]
    [InlineData("ISO_IR 13", "山ﾔ", "?\u00D4")] // kanji are not of ISO-IR 13, though they are of Shift JIS
    [InlineData("\\ISO 2022 IR 87", "한😀", "??")]
    [InlineData("\\ISO 2022 IR 149", "€", "?")] // of KS X 1001, but not yet of ISO-IR 149
    [InlineData("GBK", "€", "?")]
    [InlineData("ISO 2022 IR 100\\ISO 2022 IR 87", "a\u001Bb", "a?b")] // an escape sequence cannot be smuggled in
    public void What_none_of_the_terms_has_is_told_and_becomes_a_question_mark(string terms, string text, string expected)
    {
        Assert.False(SpecificCharacterSet.Parse(terms.Split('\\')).TryEncode(text, Vr.LO, out byte[] bytes));
        Assert.Equal(expected, System.Text.Encoding.Latin1.GetString(bytes));
    }

    [Fact]
    public void Text_that_the_character_set_does_not_have_is_not_set()
    {
        DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.SpecificCharacterSet, "ISO_IR 100").SetString(DicomTags.PatientName, "Müller");
        ArgumentException error = Assert.Throws<ArgumentException>(() => dataSet.SetString(DicomTags.PatientName, "Łódź"));
        Assert.Contains("ISO_IR 100", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Łódź", error.Message, StringComparison.Ordinal);
        Assert.Equal("Müller", dataSet.GetString(DicomTags.PatientName));
    }

    [Fact]
    public void Text_is_set_with_the_code_extensions_of_the_data_set_in_its_items_too()
    {
        DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.SpecificCharacterSet, "", "ISO 2022 IR 87");
        DicomDataSet item = new DicomDataSet(dataSet).SetString(DicomTags.CodeMeaning, "胸部");
        dataSet.SetSequence(DicomTags.ProcedureCodeSequence, item).SetString(DicomTags.OtherPatientNames, "山田^太郎", "Yamada^Tarou");
        Assert.Equal("胸部", item.GetString(DicomTags.CodeMeaning));
        Assert.Equal(["山田^太郎", "Yamada^Tarou"], dataSet.GetStrings(DicomTags.OtherPatientNames));
        Assert.All(item.GetBytes(DicomTags.CodeMeaning).ToArray(), b => Assert.InRange(b, 0, 127));
    }

    /// <summary>pydicom reads random text of all characters that the terms have, with delimiters in between.</summary>
    [Theory]
    [MemberData(nameof(Terms))]
    public async Task What_we_encode_is_what_pydicom_decodes(string terms)
    {
        SpecificCharacterSet set = SpecificCharacterSet.Parse(terms.Split('\\'));
        char[] characters = [.. Enumerable.Range(0xA0, 0xFFFF - 0xA0).Select(c => (char)c).Where(c => !char.IsSurrogate(c) && c is < '\uE000' or > '\uFA2D' && set.TryEncode(c.ToString(), Vr.LO, out _) && !"～∥－￠￡￢·—".Contains(c, StringComparison.Ordinal))];
        Random random = new(42);
        string[] texts = [.. Enumerable.Range(0, 100).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ =>
            random.Next(4) == 0 ? "ab ^=\\"[random.Next(6)] : characters[random.Next(characters.Length)])))];
        Vr[] vrs = [Vr.LT, Vr.LO, Vr.PN];
        byte[][][] values = [.. vrs.Select(vr => texts.Select(text => set.Encode(text, vr)).ToArray())];
        IReadOnlyList<string?[]> theirs = await PydicomCharsets.DecodeAsync(vrs.Select((vr, i) => (terms.Split('\\'), vr, values[i].AsEnumerable())), TestContext.Current.CancellationToken);
        foreach ((int i, Vr vr) in vrs.Index())
        {
            Assert.All(texts.Zip(values[i], theirs[i]), one =>
            {
                (string text, byte[] value, string? their) = one;
                Assert.Equal(text, set.Decode(value, vr));
                if (vr == Vr.LT || !(HasDelimiterWithin(text, value) || text.Count(c => c == '=') > 2))
                {
                    Assert.Equal(Plain(text, vr), their is null ? null : Plain(their.Replace("\e$)A", "", StringComparison.Ordinal), vr));
                }
            });
        }

        // pydicom looks for delimiters before it decodes, and finds them within characters of two bytes.
        static bool HasDelimiterWithin(string text, byte[] value) => "\\^=".Any(delimiter => text.Count(c => c == delimiter) != value.Count(b => b == delimiter));

        // Spaces around values mean nothing, nor do separators that end a name.
        static string Plain(string text, Vr vr) => vr == Vr.LT ? text.TrimEnd(' ') : string.Join('\\', text.Split('\\').Select(value => value.Trim(' ').TrimEnd(vr == Vr.PN ? ['^', '=', ' '] : [' '])));
    }

    /// <summary>
    /// Of the files that others made, text that is decoded and encoded again is the same text, and nearly always the same bytes: some
    /// go back to ASCII where there is nothing to go back from, or to ISO-IR 6 where the first term has ISO-IR 14.
    /// </summary>
    [Fact]
    public void Text_of_other_writers_comes_back()
    {
        int same = 0;
        HashSet<string> others = [];
        foreach (TestFile file in TestData.DicomFiles.Where(file => file.CharacterSets.Length > 0))
        {
            if (DicomFile.Parse(File.ReadAllBytes(file.FullPath)) is { Ok: true } read)
            {
                Compare(read.Value.DataSet, file.Name);
            }
        }

        Assert.Equal(["fo-dicom/charset/chrKoreanMulti.dcm", "fo-dicom/charset/chrSQEncoding.dcm", "fo-dicom/charset/chrSQEncoding1.dcm"], others.Order(StringComparer.Ordinal));
        Assert.InRange(same, 20, int.MaxValue);

        void Compare(DicomDataSet dataSet, string name)
        {
            foreach (DicomElement element in dataSet)
            {
                foreach (DicomDataSet item in element.Items ?? [])
                {
                    Compare(item, name);
                }

                if (element.Vr.UsesCharacterSet() && (!System.Text.Ascii.IsValid(element.Value.Span) || element.Value.Span.Contains((byte)0x1B)))
                {
                    string text = dataSet.CharacterSet.Decode(element.Value.Span, element.Vr);
                    Assert.True(dataSet.CharacterSet.TryEncode(text, element.Vr, out byte[] bytes), $"{name} {element.Tag}");
                    Assert.Equal(text, dataSet.CharacterSet.Decode(bytes, element.Vr));
                    if (bytes.AsSpan().SequenceEqual(element.Value.Span))
                    {
                        same++;
                    }
                    else
                    {
                        others.Add(name);
                    }
                }
            }
        }
    }

    private static string Encode(string terms, string text, Vr vr)
    {
        Assert.True(SpecificCharacterSet.Parse(terms.Split('\\')).TryEncode(text, vr, out byte[] bytes));
        return Convert.ToHexString(bytes);
    }
}
