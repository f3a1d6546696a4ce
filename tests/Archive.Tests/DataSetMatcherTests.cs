using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

/// <summary>The rules of matching, one by one (PS3.4 C.2.2.2). <see cref="QueryContract"/> shows that the index keeps to the same.</summary>
public sealed class DataSetMatcherTests
{
    [Theory]

    // Single value matching: exactly, and with letter case, but for padding.
    [InlineData("PatientID", "P1", "P1", true)]
    [InlineData("PatientID", "P1", "p1", false)]
    [InlineData("PatientID", "P1", "P", false)]
    [InlineData("PatientID", " P1 ", "P1", true)]
    [InlineData("PatientID", "P1", " P1 ", true)]
    [InlineData("PatientID", "", "P1", false)]
    [InlineData("StudyDescription", "größer", "grösser", false)]
    [InlineData("ImageComments", " indented", "indented", false)]
    [InlineData("ImageComments", "a\\b", "a\\b", true)]

    // List of UIDs; UIDs have no wild cards.
    [InlineData("StudyInstanceUID", "1.2.3", "1.2.4\\1.2.3", true)]
    [InlineData("StudyInstanceUID", "1.2.3", "1.2.4\\1.2", false)]
    [InlineData("StudyInstanceUID", "1.2.3", "1.2.*", false)]

    // Universal matching, of the empty key and of the star.
    [InlineData("PatientID", "P1", "", true)]
    [InlineData("PatientID", "", "", true)]
    [InlineData("PatientID", "", "*", true)]
    [InlineData("PatientID", "", "**", true)]
    [InlineData("StudyDate", "", "*", true)]
    [InlineData("SeriesNumber", "4", "*", true)]
    [InlineData("PatientName", "", "*^*", true)]
    [InlineData("PatientName", "", "*=*", true)]

    // Wild card matching, of the VRs that know it, with all other characters standing for themselves.
    [InlineData("PatientID", "P123", "P*", true)]
    [InlineData("PatientID", "P123", "*2*", true)]
    [InlineData("PatientID", "P123", "P*4", false)]
    [InlineData("PatientID", "P123", "P?23", true)]
    [InlineData("PatientID", "P123", "P?3", false)]
    [InlineData("PatientID", "P123", "P123?", false)]
    [InlineData("PatientID", "P123", "P123*", true)]
    [InlineData("PatientID", "", "?", false)]
    [InlineData("PatientID", "a[1-2]b", "a[1-2]*", true)]
    [InlineData("PatientID", "a1b", "a[1-2]*", false)]
    [InlineData("PatientID", "a%b_c", "a%b_*", true)]
    [InlineData("PatientID", "aXbYc", "a%b_*", false)]
    [InlineData("PatientID", "aaaaaaaaab", "*a*a*a*b", true)]
    [InlineData("PatientID", "𠮷野", "?野", true)]
    [InlineData("StudyDescription", "CT Thorax", "*thorax", false)]
    [InlineData("Modality", "CT", "C?", true)]
    [InlineData("ImageComments", "line 1\r\nline 2", "*line 2", true)]
    [InlineData("PatientAge", "040Y", "0?0Y", false)]
    [InlineData("PatientAge", "040Y", "040Y", true)]

    // Several values of the attribute: one has to match. Where the attribute can have one only, the whole.
    [InlineData("ImageType", "ORIGINAL\\PRIMARY\\AXIAL", "PRIMARY", true)]
    [InlineData("ImageType", "ORIGINAL\\PRIMARY\\AXIAL", "AX*", true)]
    [InlineData("ImageType", "ORIGINAL\\PRIMARY\\AXIAL", "LOCALIZER", false)]
    [InlineData("ImageType", "ORIGINAL\\PRIMARY\\AXIAL", "LOCALIZER\\AXIAL", true)]
    [InlineData("Modality", "CT\\MR", "MR", false)]

    // Numbers by what they are.
    [InlineData("SeriesNumber", "4", "4", true)]
    [InlineData("SeriesNumber", "04", "4", true)]
    [InlineData("SeriesNumber", "4", "40", false)]
    [InlineData("SliceThickness", "2.50", "2.5", true)]
    [InlineData("SliceThickness", "25e-1", "2.5", true)]
    [InlineData("SliceThickness", "thick", "2.5", false)]
    [InlineData("WindowCenter", "40\\400", "400", true)]
    [InlineData("Rows", "512", "512", true)]
    [InlineData("Rows", "512", "51?", false)]

    // Dates: single and range, both ends included; a key may be cut to its month or year.
    [InlineData("StudyDate", "20240229", "20240229", true)]
    [InlineData("StudyDate", "2024.02.29", "20240229", true)]
    [InlineData("StudyDate", "20240229", "20240301", false)]
    [InlineData("StudyDate", "20240229", "202402", true)]
    [InlineData("StudyDate", "20240229", "2023", false)]
    [InlineData("StudyDate", "20240229", "20240229-20240229", true)]
    [InlineData("StudyDate", "20240229", "20240201 - 20240229", true)]
    [InlineData("StudyDate", "20240229", "-20240229", true)]
    [InlineData("StudyDate", "20240229", "-20240228", false)]
    [InlineData("StudyDate", "20240229", "20240229-", true)]
    [InlineData("StudyDate", "20240229", "20240301-", false)]
    [InlineData("StudyDate", "20240229", "2023-2024", true)]
    [InlineData("StudyDate", "20240229", "20240301-20240201", false)]
    [InlineData("StudyDate", "", "-20240229", false)]
    [InlineData("StudyDate", "yesterday", "20000101-", false)]
    [InlineData("StudyDate", "20240229", "yesterday", false)]
    [InlineData("StudyDate", "20240229", "2024*", false)]

    // Times: a key that is cut stands for all that it leaves open, a value that is cut for its beginning.
    [InlineData("StudyTime", "101530", "101530", true)]
    [InlineData("StudyTime", "101530.000", "101530", true)]
    [InlineData("StudyTime", "101530.5", "101530", true)]
    [InlineData("StudyTime", "101530.5", "1015", true)]
    [InlineData("StudyTime", "101530.5", "10", true)]
    [InlineData("StudyTime", "101530.5", "1016", false)]
    [InlineData("StudyTime", "1015", "101500", true)]
    [InlineData("StudyTime", "1015", "101530", false)]
    [InlineData("StudyTime", "10:15:30", "101530", true)]
    [InlineData("StudyTime", "101530.5", "1000-1015", true)]
    [InlineData("StudyTime", "101530.5", "101531-", false)]
    [InlineData("StudyTime", "101530.5", "-101530.5", true)]
    [InlineData("StudyTime", "101530.5", "-101530.4", false)]
    [InlineData("StudyTime", "235959.999999", "2300-", true)]

    // Instants.
    [InlineData("AcquisitionDateTime", "20240229101530", "20240229", true)]
    [InlineData("AcquisitionDateTime", "20240229101530", "20240229101531-", false)]
    [InlineData("AcquisitionDateTime", "20240229101530+0200", "20240229081530+0000", true)]
    [InlineData("AcquisitionDateTime", "20240229101530+0200", "20240229091530+0000-", false)]
    [InlineData("AcquisitionDateTime", "20240229101530-0500", "-20240229151530+0000", true)]
    public void A_key_matches_as_the_standard_says(string keyword, string value, string key, bool isMatch) => Assert.Equal(isMatch, IsMatch(keyword, value, key, default));

    [Theory]

    // Without regard to case, accents and padding; by components.
    [InlineData("Müller^Jürgen", "MULLER^JURGEN", true)]
    [InlineData("Müller^Jürgen", "Mu\u0308ller^Ju\u0308rgen", true)]
    [InlineData("Mu\u0308ller^Jürgen", "müller^*", true)]
    [InlineData("Müller^Jürgen", "Mueller^Jürgen", false)]
    [InlineData("Müller^Jürgen", "Müller", false)]
    [InlineData("Müller^Jürgen", "Müller*", true)]
    [InlineData("Müller^Jürgen", "*jürgen", true)]
    [InlineData("Müller^Jürgen", "m?ller^j*", true)]
    [InlineData("Müller^Jürgen^^^", "Müller^Jürgen", true)]
    [InlineData("Müller ^ Jürgen", "Müller^Jürgen", true)]
    [InlineData("Müller^Jürgen", "Müller^Jürgen^^Dr.", false)]
    [InlineData("", "Müller", false)]
    [InlineData("Straße", "STRASSE", true)]
    [InlineData("STRASSE", "straße", true)]
    [InlineData("Ångström^Øyvind", "angstrom^oyvind", true)]
    [InlineData("Æsir", "aesir", true)]
    [InlineData("Łukasz", "lukasz", true)]
    [InlineData("O’Brien", "o'brien", true)]
    [InlineData("Meier‐Schmidt", "meier-schmidt", true)]

    // Turkish, in which the dot makes the letter.
    [InlineData("Çelik^İrem", "celik^irem", true)]
    [InlineData("IŞIK", "ışık", true)]
    [InlineData("Işık", "ISIK", true)]

    // Greek, with its final sigma and its marks; Cyrillic.
    [InlineData("Διονύσιος", "ΔΙΟΝΥΣΙΟΣ", true)]
    [InlineData("ΔΙΟΝΥΣΙΟΣ", "διονυσιος", true)]
    [InlineData("Ἀλέξανδρος", "αλεξανδρος", true)]
    [InlineData("Αλε\u03ACξανδρος", "ΑΛΕΑΞΑΝΔΡΟΣ", true)]
    [InlineData("Королёв", "КОРОЛЕВ", true)]
    [InlineData("Чайковский", "чаи\u0306ковскии\u0306", true)]

    // Hebrew with points, Arabic with vowels, hamza and tatweel.
    [InlineData("שָׁלוֹם", "שלום", true)]
    [InlineData("أَحْمَد", "احمد", true)]
    [InlineData("محمـــد", "محمد", true)]

    // Marks that are vowels are none to be left out.
    [InlineData("राम", "रुम", false)]
    [InlineData("สมชาย", "สมชิย", false)]

    // The groups of Japanese, Chinese and Korean names, alone and together.
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "yamada^tarou", true)]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "山田^太郎", true)]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "山田*", true)]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "やまだ^たろう", true)]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "ヤマダ^タロウ", true)]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "ﾔﾏﾀﾞ^ﾀﾛｳ", true)]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "ＹＡＭＡＤＡ＾ＴＡＲＯＵ", true)]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "=山田^太郎", true)]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "山田^太郎=", false)]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "yamada*=山田*", true)]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "yamada*=鈴木*", false)]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "*=*=やまだ*", true)]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "==やまだ^たろう", true)]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "山?^太郎", true)]
    [InlineData("Yamada^Tarou=山田^太郎=やまた^たろう", "やまだ^たろう", false)]
    [InlineData("ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎", "やまた\u3099^たろう", true)]
    [InlineData("Hong^Gildong=洪^吉洞=홍^길동", "홍^길동", true)]
    [InlineData("Hong^Gildong=洪^吉洞=홍^길동", "\u1112\u1169\u11BC^\u1100\u1175\u11AF\u1103\u1169\u11BC", true)]
    [InlineData("Yi=\uF9E1", "李", true)]
    [InlineData("Wang^XiaoDong=王^小东", "王^小東", false)]
    public void A_name_matches_in_any_of_its_groups_without_regard_to_case_and_accents(string name, string key, bool isMatch) => Assert.Equal(isMatch, IsMatch("PatientName", name, key, default));

    [Theory]
    [InlineData("Müller^Jürgen", "jur mul", true)]
    [InlineData("Müller^Jürgen", "Mueller^Juergen", true)]
    [InlineData("Mueller^Juergen", "müller", true)]
    [InlineData("Müller^Jürgen", "Muler", true)]
    [InlineData("Müller^Jürgen", "ller", false)]
    [InlineData("Müller^Jürgen", "Müller^Anna", false)]
    [InlineData("Müller^Jürgen", "*", true)]
    [InlineData("Yamada^Tarou=山田^太郎=やまだ^たろう", "太郎 yamada", true)]
    [InlineData("O'Brien^Siobhán", "brien", true)]
    [InlineData("Meier-Schmidt^Eva", "schmidt eva", true)]
    public void A_fuzzy_key_matches_by_the_beginnings_of_words(string name, string key, bool isMatch) =>
        Assert.Equal(isMatch, IsMatch("PatientName", name, key, new MatchingOptions { FuzzyNames = true }));

    [Theory]
    [InlineData("20240101-20240103", "1000-1800", "20240101", "1000", true)]
    [InlineData("20240101-20240103", "1000-1800", "20240101", "0900", false)]
    [InlineData("20240101-20240103", "1000-1800", "20240102", "0900", true)]
    [InlineData("20240101-20240103", "1000-1800", "20240102", "2300", true)]
    [InlineData("20240101-20240103", "1000-1800", "20240103", "180059", true)]
    [InlineData("20240101-20240103", "1000-1800", "20240103", "1801", false)]
    [InlineData("20240101-20240103", "1000-1800", "20240102", "", true)]
    [InlineData("20240101-20240103", "1000-1800", "20240101", "", false)]
    [InlineData("20240101-", "1000-", "20240102", "0100", true)]
    [InlineData("20240101-", "1000-", "20240101", "0959", false)]
    [InlineData("-20240103", "-1800", "20240102", "2300", true)]
    [InlineData("-20240103", "-1800", "20240103", "2300", false)]

    // Not of the same form, or no ranges: each for itself.
    [InlineData("20240101-", "1000-1800", "20240102", "0900", false)]
    [InlineData("20240101-20240103", "10", "20240102", "1030", true)]
    [InlineData("20240101-20240103", "10", "20240102", "0900", false)]
    [InlineData("20240101", "1000-1800", "20240101", "0900", false)]
    public void Ranges_of_a_date_and_its_time_are_one_range_where_that_was_agreed_on(string dates, string times, string date, string time, bool isMatch)
    {
        DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.StudyDate, date).SetString(DicomTags.StudyTime, time);
        AttributeMatch[] keys = [new(DicomTags.StudyDate, dates), new(DicomTags.StudyTime, times)];
        MatchingOptions options = new() { CombinedDateTime = true };
        Assert.Equal(isMatch, new DataSetMatcher(keys, options).IsMatch(dataSet));
        Assert.Equal(isMatch, new DataSetMatcher(keys.Reverse(), options).IsMatch(dataSet));
    }

    [Fact]
    public void Without_agreement_a_range_of_times_is_one_of_each_day()
    {
        DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.StudyDate, "20240102").SetString(DicomTags.StudyTime, "0900");
        Assert.False(new DataSetMatcher([new(DicomTags.StudyDate, "20240101-20240103"), new(DicomTags.StudyTime, "1000-1800")], default).IsMatch(dataSet));
    }

    [Theory]
    [InlineData("+0000", "20240301", "0100", true)]
    [InlineData("+0000", "20240229", "", false)]
    [InlineData("+0100", "20240301", "00", true)]
    [InlineData("+0200", "20240301", "", false)]
    [InlineData(null, "20240229", "2300", true)]
    public void Dates_and_times_are_brought_to_the_time_zone_of_the_keys(string? offset, string date, string time, bool isMatch)
    {
        // The keys are by a clock at +0200.
        DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.StudyDate, "20240229").SetString(DicomTags.StudyTime, "230000");
        if (offset is not null)
        {
            dataSet.SetString(DicomTags.TimezoneOffsetFromUTC, offset);
        }

        Assert.Equal(isMatch, new DataSetMatcher([new(DicomTags.StudyDate, date), new(DicomTags.StudyTime, time)], new MatchingOptions { TimezoneOffset = TimeSpan.FromHours(2) }).IsMatch(dataSet));
    }

    [Theory]
    [InlineData("PatientID", "", true)]
    [InlineData("PatientID", null, true)]
    [InlineData("PatientID", "P1", false)]
    [InlineData("StudyDate", "nonsense", false)]
    [InlineData("PatientName", "=", true)]
    [InlineData("RequestAttributesSequence", null, true)]
    public void Two_quotation_marks_match_what_is_absent_or_empty_where_that_was_agreed_on(string keyword, string? value, bool isMatch) =>
        Assert.Equal(isMatch, IsMatch(keyword, value, "\"\"", new MatchingOptions { EmptyValues = true }));

    [Fact]
    public void A_value_that_is_kept_elsewhere_is_not_empty()
    {
        DicomDataSet dataSet = DicomJson.Parse("""{"00204000":{"vr":"LT","BulkDataURI":"bulk/1"}}"""u8).Value;
        Assert.False(new DataSetMatcher([new(DicomTags.ImageComments, "\"\"")], new MatchingOptions { EmptyValues = true }).IsMatch(dataSet));
        Assert.True(new DataSetMatcher([new(DicomTags.PatientComments, "\"\"")], new MatchingOptions { EmptyValues = true }).IsMatch(dataSet));
    }

    [Fact]
    public void Two_quotation_marks_are_a_value_as_any_other_without_agreement()
    {
        Assert.False(IsMatch("PatientID", "", "\"\"", default));
        Assert.True(IsMatch("PatientID", "\"\"", "\"\"", default));
    }

    [Theory]
    [InlineData("ImageType", "ORIGINAL\\PRIMARY\\AXIAL", "AXIAL\\ORIGINAL", true)]
    [InlineData("ImageType", "ORIGINAL\\PRIMARY\\AXIAL", "AXIAL\\DERIVED", false)]
    [InlineData("OperatorsName", "Müller^Jürgen\\Smith^Anna", "smith^anna\\muller^jurgen", true)]
    [InlineData("OperatorsName", "Müller^Jürgen\\Smith^Anna", "smith^anna\\other", false)]

    // Of an attribute that has one value, one of the key's is enough, and of UIDs, which are a list.
    [InlineData("Modality", "CT", "CT\\PT", true)]
    [InlineData("StudyInstanceUID", "1.2.3", "1.2.3\\1.2.4", true)]
    public void Each_value_of_a_key_has_to_match_where_that_was_agreed_on(string keyword, string value, string key, bool isMatch) =>
        Assert.Equal(isMatch, IsMatch(keyword, value, key, new MatchingOptions { AllValues = true }));

    [Theory]
    [InlineData("R1", "A1", true)]
    [InlineData("R2", "A2", true)]
    [InlineData("R1", "A2", false)]
    [InlineData("R?", "", true)]
    [InlineData("", "", true)]
    [InlineData("R3", "", false)]
    public void All_keys_of_a_sequence_match_within_one_item(string procedure, string accession, bool isMatch)
    {
        DicomDataSet dataSet = new DicomDataSet().SetSequence(
            DicomTags.RequestAttributesSequence,
            new DicomDataSet().SetString(DicomTags.RequestedProcedureID, "R1").SetString(DicomTags.AccessionNumber, "A1"),
            new DicomDataSet().SetString(DicomTags.RequestedProcedureID, "R2").SetString(DicomTags.AccessionNumber, "A2"));
        AttributeMatch key = new(DicomTags.RequestAttributesSequence, "") { Item = [new(DicomTags.RequestedProcedureID, procedure), new(DicomTags.AccessionNumber, accession)] };
        Assert.Equal(isMatch, new DataSetMatcher([key], default).IsMatch(dataSet));
        Assert.Equal(key.IsUniversal, new DataSetMatcher([key], default).IsMatch(new DicomDataSet()));
    }

    [Fact]
    public void Sequences_within_sequences_match()
    {
        DicomDataSet code = new DicomDataSet().SetString(DicomTags.CodeValue, "T1").SetString(DicomTags.CodingSchemeDesignator, "99");
        DicomDataSet dataSet = new DicomDataSet().SetSequence(DicomTags.RequestAttributesSequence, new DicomDataSet().SetSequence(DicomTags.ScheduledProtocolCodeSequence, code));
        Assert.True(new DataSetMatcher([Key("T1")], default).IsMatch(dataSet));
        Assert.False(new DataSetMatcher([Key("T2")], default).IsMatch(dataSet));

        static AttributeMatch Key(string value) => new(DicomTags.RequestAttributesSequence, "") { Item = [new(DicomTags.ScheduledProtocolCodeSequence, "") { Item = [new(DicomTags.CodeValue, value)] }] };
    }

    [Theory]
    [InlineData("StudyDate", "yesterday")]
    [InlineData("StudyDate", "20240230")]
    [InlineData("StudyDate", "2024*")]
    [InlineData("StudyTime", "2460")]
    [InlineData("AcquisitionDateTime", "soon")]
    [InlineData("SeriesNumber", "1-5")]
    [InlineData("Rows", "many")]
    public void A_key_that_is_none_of_its_VR_is_told_of_and_matches_nothing(string keyword, string key)
    {
        DicomTag tag = DicomDictionary.Find(keyword)!.Tag;
        Assert.Equal(tag, new DataSetMatcher([new(tag, key)], default).Unreadable?.Tag);
        Assert.False(IsMatch(keyword, key.Contains('-', StringComparison.Ordinal) ? "1" : "", key, default));
    }

    [Fact]
    public void A_pattern_longer_than_anything_real_is_not_matched_with()
    {
        AttributeMatch key = new(DicomTags.PatientID, new string('*', 700) + "a" + new string('?', 700));
        Assert.Equal(key, new DataSetMatcher([key], default).Unreadable);
    }

    private static bool IsMatch(string keyword, string? value, string key, MatchingOptions options)
    {
        DictionaryEntry entry = DicomDictionary.Find(keyword)!;
        DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192");
        if (value is not null && entry.Vr == Vr.US)
        {
            dataSet.SetInt(entry.Tag, value.Length == 0 ? [] : [long.Parse(value, System.Globalization.CultureInfo.InvariantCulture)]);
        }
        else if (value is not null)
        {
            dataSet.SetString(entry.Tag, value);
        }

        return new DataSetMatcher([new AttributeMatch(entry.Tag, key)], options).IsMatch(dataSet);
    }
}
