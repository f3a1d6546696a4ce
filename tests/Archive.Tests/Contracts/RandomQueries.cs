using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

/// <summary>Random instances, with values that make trouble, and random queries that have a chance to find some of them.</summary>
/// <param name="random">Where all of it comes from.</param>
internal sealed class RandomQueries(Random random)
{
    private static readonly string[] s_names =
    [
        "Müller^Jürgen", "Mueller^Juergen^^Dr.", "MULLER^JURGEN", "Yamada^Tarou=山田^太郎=やまだ^たろう", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=ヤマダ^タロウ", "Wang^XiaoDong=王^小东", "O'Brien^Siobhán", "[Test]^A*",
        "Straße^Jörg", "Διονύσιος", "=王^小東", "Çelik^İrem", "Smith^Anna^Maria", "Smith", "Smith^^", " Smith ^ Anna", "^Anna", "",
    ];

    private static readonly string[] s_texts = ["A1", "a1", "A-1", "A*1", "A?1", "[A]1", "A]", "A1 B2", "größer", "GRÖSSER", "%_", "𠮷野", "\"\"", "B\\C", "\\", "A", ""];
    private static readonly string[] s_codes = ["CT", "MR", "M", "SR", "CTX", "O", "F", ""];
    private static readonly string[] s_dates = ["20240229", "20240301", "2024.02.29", "20231231", "19991231", "20240230", "2024", "99991231", "00010101", ""];
    private static readonly string[] s_times = ["101530", "101530.5", "101530.500000", "1015", "10", "235959.999999", "000000", "24", "10:15:30", "101560", ""];
    private static readonly string[] s_numbers = ["1", "2", "3", "10", "02", "+1", ""];
    private static readonly string[] s_uids = ["1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"];
    private static readonly string[] s_offsets = ["+0200", "-0500", "+0000", "+1400", "-1200", "x"];

    // What means something to matching, to SQL or to names.
    private static readonly string[] s_trouble = ["*", "?", "\\", "=", "^", "-", "\"", "[", "]", "%", "_", "'", ";", ",", " ", ".", ":", "+", "1", "9", "A", "ß", "İ", "\u3099", "\u0301", "ﾞ", "\u1161", "𠮷", "\u3000", "\t", "\uFFFD", "\U0010FFFF"];

    private static readonly Dictionary<DicomTag, string[]> s_attributes = new()
    {
        [DicomTags.PatientName] = s_names,
        [DicomTags.PatientID] = s_texts,
        [DicomTags.IssuerOfPatientID] = s_texts,
        [DicomTags.PatientBirthDate] = s_dates,
        [DicomTags.PatientSex] = s_codes,
        [DicomTags.EthnicGroup] = s_texts,
        [DicomTags.OtherPatientNames] = s_names,
        [DicomTags.StudyDate] = s_dates,
        [DicomTags.StudyTime] = s_times,
        [DicomTags.AccessionNumber] = s_texts,
        [DicomTags.StudyID] = s_texts,
        [DicomTags.StudyDescription] = s_texts,
        [DicomTags.ReferringPhysicianName] = s_names,
        [DicomTags.PatientWeight] = s_numbers,
        [DicomTags.Modality] = s_codes,
        [DicomTags.SeriesNumber] = s_numbers,
        [DicomTags.SeriesDescription] = s_texts,
        [DicomTags.BodyPartExamined] = s_codes,
        [DicomTags.SeriesDate] = s_dates,
        [DicomTags.SeriesTime] = s_times,
        [DicomTags.PerformedProcedureStepStartDate] = s_dates,
        [DicomTags.PerformedProcedureStepStartTime] = s_times,
        [DicomTags.ProtocolName] = s_texts,
        [DicomTags.OperatorsName] = s_names,
        [DicomTags.SOPClassUID] = s_uids,
        [DicomTags.InstanceNumber] = s_numbers,
        [DicomTags.NumberOfFrames] = s_numbers,
        [DicomTags.ContentDate] = s_dates,
        [DicomTags.ContentTime] = s_times,
        [DicomTags.AcquisitionDate] = s_dates,
        [DicomTags.AcquisitionTime] = s_times,
        [DicomTags.AcquisitionDateTime] = ["20240229101530.5", "20240229101530+0200", "202402", "2024", "20240301-0500", ""],
        [DicomTags.ImageComments] = s_texts,
        [DicomTags.ImageType] = ["ORIGINAL", "DERIVED\\PRIMARY", "ORIGINAL\\PRIMARY\\AXIAL", ""],
        [DicomTags.SliceThickness] = s_numbers,
        [DicomTags.TimezoneOffsetFromUTC] = s_offsets,
    };

    private static readonly Dictionary<DicomTag, string[]> s_computed = new()
    {
        [DicomTags.ModalitiesInStudy] = s_codes,
        [DicomTags.SOPClassesInStudy] = s_uids,
        [DicomTags.NumberOfStudyRelatedSeries] = s_numbers,
        [DicomTags.NumberOfStudyRelatedInstances] = s_numbers,
        [DicomTags.NumberOfSeriesRelatedInstances] = s_numbers,
        [DicomTags.StudyInstanceUID] = ["1.2.1", "1.2.2", "1.2.3"],
        [DicomTags.SeriesInstanceUID] = ["1.2.1.1", "1.2.2.1", "1.2.3.2"],
        [DicomTags.SOPInstanceUID] = ["1.2.1.1.1", "1.2.2.1.2", "1.2.3.2.3"],
    };

    private static readonly DicomTag[] s_keys = [.. s_attributes.Keys, .. s_computed.Keys];

    // Half of the keys are of these, which have the most rules.
    private static readonly DicomTag[] s_rulesome =
    [
        DicomTags.PatientName, DicomTags.OtherPatientNames, DicomTags.StudyDate, DicomTags.StudyTime, DicomTags.SeriesDate, DicomTags.ContentTime, DicomTags.ModalitiesInStudy, DicomTags.ImageType,
    ];

    // Few of the values are used at a time, so that there is something to be found.
    private readonly Dictionary<DicomTag, string[]> _values = s_attributes.Concat(s_computed).ToDictionary(pair => pair.Key, pair => random.GetItems(pair.Value, 4));

    /// <summary>Some instances of a few studies.</summary>
    public IEnumerable<DicomDataSet> Instances()
    {
        int count = random.Next(1, 25);
        for (int i = 0; i < count; i++)
        {
            string study = $"1.2.{random.Next(1, 7)}";
            string series = $"{study}.{random.Next(1, 4)}";
            DicomDataSet dataSet = new();
            dataSet.SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192");
            foreach (DicomTag tag in s_attributes.Keys)
            {
                if (random.Next(6) > 0)
                {
                    dataSet.SetString(tag, Pick(_values[tag]));
                }
            }

            dataSet.SetString(DicomTags.SOPClassUID, s_uids[random.Next(2)]).SetString(DicomTags.SOPInstanceUID, $"{series}.{i + 1}").SetString(DicomTags.StudyInstanceUID, study).SetString(DicomTags.SeriesInstanceUID, series);
            if (random.Next(2) == 0)
            {
                dataSet.SetSequence(DicomTags.RequestAttributesSequence, [.. Enumerable.Range(0, random.Next(3)).Select(_ => new DicomDataSet(dataSet)
                    .SetString(DicomTags.RequestedProcedureID, Pick(s_texts))
                    .SetString(DicomTags.AccessionNumber, Pick(s_texts))
                    .SetString(DicomTags.ScheduledProcedureStepStartDate, Pick(s_dates)))]);
            }

            yield return dataSet;
        }
    }

    /// <summary>A query of few keys.</summary>
    public IndexQuery Query()
    {
        MatchingOptions options = new()
        {
            FuzzyNames = random.Next(4) == 0,
            CombinedDateTime = random.Next(3) == 0,
            EmptyValues = random.Next(3) == 0,
            AllValues = random.Next(3) == 0,
            TimezoneOffset = random.Next(4) == 0 ? TimeSpan.FromHours(random.Next(-12, 15)) : null,
        };
        List<AttributeMatch> keys = [.. Enumerable.Range(0, random.Next(3) == 0 ? 2 : 1).Select(_ => Key())];
        if (options.CombinedDateTime)
        {
            keys.Add(new AttributeMatch(DicomTags.StudyDate, Range(_values[DicomTags.StudyDate])));
            keys.Add(new AttributeMatch(DicomTags.StudyTime, Range(_values[DicomTags.StudyTime])));
        }

        return new IndexQuery((IndexLevel)random.Next(4)) { Matches = keys, Options = options, IsRelational = random.Next(2) == 0, IncludeMetadata = random.Next(2) == 0, IncludePatientCounts = random.Next(2) == 0 };
    }

    public static string Describe(IndexQuery query) =>
        $"{query.Level}{(query.IsRelational ? " relational" : "")} {query.Options} {string.Join(" AND ", query.Matches.Select(key => $"{DicomDictionary.Find(key.Tag)!.Keyword}=<{key.Value}>{string.Concat(key.Item.Select(one => $" >{one.Tag}=<{one.Value}>"))}"))}";

    private AttributeMatch Key()
    {
        if (random.Next(12) == 0)
        {
            return new AttributeMatch(DicomTags.RequestAttributesSequence, "")
            {
                Item = [new AttributeMatch(DicomTags.RequestedProcedureID, Value(Vr.SH, s_texts)), new AttributeMatch(DicomTags.ScheduledProcedureStepStartDate, random.Next(2) == 0 ? "" : Value(Vr.DA, s_dates))],
            };
        }

        DicomTag[] tags = random.Next(2) == 0 ? s_rulesome : s_keys;
        DicomTag tag = tags[random.Next(tags.Length)];
        return new AttributeMatch(tag, Value(DicomDictionary.FindVr(tag), _values[tag]));
    }

    private string Value(Vr vr, string[] values)
    {
        string value = Pick(values);
        return random.Next(13) switch
        {
            12 => string.Concat(random.GetItems(s_trouble, random.Next(1, 8))),
            0 => "\"\"",
            1 => Cut(value, random.Next(value.Length + 1)).Left + "*",
            2 => "*" + Cut(value, random.Next(value.Length + 1)).Right,
            3 => value.Length > 0 ? Cut(value, value.Length - 1).Left + "?" : "?*",
            4 => value.ToUpperInvariant(),
            5 => $"{value}\\{Pick(values)}",
            6 => $"{Pick(values)}\\*{value}*\\{Pick(values)}",
            7 when vr == Vr.PN => value.Split('^', '=')[0].ToLowerInvariant(),
            7 or 8 or 9 when vr is Vr.DA or Vr.TM or Vr.DT => Range(values),
            10 when vr == Vr.PN => value.Split('=')[^1],
            _ => value,
        };
    }

    /// <summary>Two parts of a text, not within a character.</summary>
    private static (string Left, string Right) Cut(string value, int at)
    {
        int place = at > 0 && at < value.Length && char.IsLowSurrogate(value[at]) ? at - 1 : at;
        return (value[..place], value[place..]);
    }

    private string Range(string[] values) => random.Next(4) switch
    {
        0 => $"{Pick(values)}-",
        1 => $"-{Pick(values)}",
        _ => string.Join('-', new[] { Pick(values), Pick(values) }.Order(StringComparer.Ordinal)),
    };

    private string Pick(string[] values) => values[random.Next(values.Length)];
}
