using System.Globalization;
using System.Text;
using Dapper;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>
/// Translates a query to SQL. Values are always parameters; only constants of this class and tags become text of the statement.
/// Attributes of studies and series that have no column are matched in their JSON, which takes a scan.
/// </summary>
internal sealed class IndexSql
{
    private static readonly Dictionary<DicomTag, (IndexLevel Level, string Column, Kind Kind)> s_columns = new()
    {
        [DicomTags.StudyInstanceUID] = (IndexLevel.Study, "st.study_uid", Kind.Uid),
        [DicomTags.PatientID] = (IndexLevel.Study, "st.patient_id", Kind.Text),
        [DicomTags.IssuerOfPatientID] = (IndexLevel.Study, "st.issuer_of_patient_id", Kind.Text),
        [DicomTags.PatientName] = (IndexLevel.Study, "st.patient_name_norm", Kind.Name),
        [DicomTags.PatientBirthDate] = (IndexLevel.Study, "st.patient_birth_date", Kind.Range),
        [DicomTags.PatientSex] = (IndexLevel.Study, "st.patient_sex", Kind.Text),
        [DicomTags.StudyDate] = (IndexLevel.Study, "st.study_date", Kind.Range),
        [DicomTags.StudyTime] = (IndexLevel.Study, "st.study_time", Kind.Range),
        [DicomTags.AccessionNumber] = (IndexLevel.Study, "st.accession_number", Kind.Text),
        [DicomTags.StudyID] = (IndexLevel.Study, "st.study_id", Kind.Text),
        [DicomTags.StudyDescription] = (IndexLevel.Study, "st.study_description", Kind.Text),
        [DicomTags.ReferringPhysicianName] = (IndexLevel.Study, "st.referring_physician_name_norm", Kind.Name),
        [DicomTags.ModalitiesInStudy] = (IndexLevel.Study, "st.modalities", Kind.List),
        [DicomTags.SOPClassesInStudy] = (IndexLevel.Study, "st.sop_classes", Kind.List),
        [DicomTags.NumberOfStudyRelatedSeries] = (IndexLevel.Study, "st.number_of_series", Kind.Number),
        [DicomTags.NumberOfStudyRelatedInstances] = (IndexLevel.Study, "st.number_of_instances", Kind.Number),
        [DicomTags.NumberOfSeriesRelatedInstances] = (IndexLevel.Series, "se.number_of_instances", Kind.Number),
        [DicomTags.SeriesInstanceUID] = (IndexLevel.Series, "se.series_uid", Kind.Uid),
        [DicomTags.Modality] = (IndexLevel.Series, "se.modality", Kind.Text),
        [DicomTags.SeriesNumber] = (IndexLevel.Series, "se.series_number", Kind.Number),
        [DicomTags.SeriesDescription] = (IndexLevel.Series, "se.series_description", Kind.Text),
        [DicomTags.BodyPartExamined] = (IndexLevel.Series, "se.body_part_examined", Kind.Text),
        [DicomTags.SeriesDate] = (IndexLevel.Series, "se.series_date", Kind.Range),
        [DicomTags.SeriesTime] = (IndexLevel.Series, "se.series_time", Kind.Range),
        [DicomTags.PerformedProcedureStepStartDate] = (IndexLevel.Series, "se.pps_start_date", Kind.Range),
        [DicomTags.PerformedProcedureStepStartTime] = (IndexLevel.Series, "se.pps_start_time", Kind.Range),
        [DicomTags.SOPInstanceUID] = (IndexLevel.Instance, "i.sop_instance_uid", Kind.Uid),
        [DicomTags.SOPClassUID] = (IndexLevel.Instance, "i.sop_class_uid", Kind.Uid),
        [DicomTags.InstanceNumber] = (IndexLevel.Instance, "i.instance_number", Kind.Number),
        [DicomTags.NumberOfFrames] = (IndexLevel.Instance, "i.number_of_frames", Kind.Number),
        [DicomTags.Rows] = (IndexLevel.Instance, "i.\"rows\"", Kind.Number),
        [DicomTags.Columns] = (IndexLevel.Instance, "i.\"columns\"", Kind.Number),
        [DicomTags.ContentDate] = (IndexLevel.Instance, "i.content_date", Kind.Range),
        [DicomTags.ContentTime] = (IndexLevel.Instance, "i.content_time", Kind.Range),
        [DicomTags.BitsAllocated] = (IndexLevel.Instance, "i.bits_allocated", Kind.Number),
        [DicomTags.AvailableTransferSyntaxUID] = (IndexLevel.Instance, "i.transfer_syntax_uid", Kind.Uid),
    };

    private readonly StringBuilder _where = new("1 = 1");

    public IndexSql(IndexQuery query)
    {
        foreach (AttributeMatch match in query.Matches)
        {
            if (match.Value.Length == 0 || match.Value == "*")
            {
                continue;
            }

            if (s_columns.TryGetValue(match.Tag, out (IndexLevel Level, string Column, Kind Kind) column))
            {
                if (column.Level <= query.Level)
                {
                    _where.Append(" AND ").Append(Condition(column.Column, column.Kind, match.Value, query.FuzzyMatching));
                }
            }
            else if (FindJson(match.Tag, query.Level) is { } table)
            {
                Kind kind = KindOf(match.Tag);
                string value = kind == Kind.Name ? $"{NameFunction}(v.value)" : "v.value";
                UsesNameFunction |= kind == Kind.Name;
                _where.Append(CultureInfo.InvariantCulture, $" AND EXISTS (SELECT 1 FROM json_each({table}.attributes, '$.\"{match.Tag.ToHex()}\".Value') v WHERE {Condition(value, kind, match.Value, query.FuzzyMatching)})");
            }
        }
    }

    private enum Kind
    {
        Text,
        Name,
        Uid,
        Range,
        List,
        Number,
    }

    /// <summary>The function of SQL that makes a name of DICOM JSON comparable.</summary>
    public const string NameFunction = "normal_name";

    public string Where => _where.ToString();

    /// <summary>Whether <see cref="NameFunction"/> must be there.</summary>
    public bool UsesNameFunction { get; }

    public DynamicParameters Parameters { get; } = new();

    public static bool IsSupported(DicomTag tag, IndexLevel level) =>
        s_columns.TryGetValue(tag, out (IndexLevel Level, string Column, Kind Kind) column) ? column.Level <= level : FindJson(tag, level) is not null;

    /// <summary>The table whose JSON holds an attribute; null when none does.</summary>
    private static string? FindJson(DicomTag tag, IndexLevel level) =>
        DicomDictionary.FindVr(tag) == Vr.SQ ? null
        : ModuleAttributes.Study.Contains(tag) ? "st"
        : ModuleAttributes.Series.Contains(tag) && level >= IndexLevel.Series ? "se"
        : null;

    private static Kind KindOf(DicomTag tag) => DicomDictionary.FindVr(tag) switch
    {
        Vr.PN => Kind.Name,
        Vr.UI => Kind.Uid,
        Vr.DA or Vr.TM or Vr.DT => Kind.Range,
        Vr.DS or Vr.FD or Vr.FL or Vr.IS or Vr.SL or Vr.SS or Vr.SV or Vr.UL or Vr.US or Vr.UV => Kind.Number,
        _ => Kind.Text,
    };

    private string Condition(string column, Kind kind, string value, bool fuzzy)
    {
        switch (kind)
        {
            case Kind.Uid:
                return $"{column} IN (SELECT value FROM json_each({Parameter(System.Text.Json.JsonSerializer.Serialize(SplitList(value)))}))";
            case Kind.Number:
                return $"{column} = {Parameter(double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double n) ? n : null)}";
            case Kind.Range:
                return Range(column, value);
            case Kind.List:
                return $"({string.Join(" OR ", SplitList(value).Select(one => $"'\\' || {column} || '\\' GLOB {Parameter($"*\\{Glob(one)}\\*")}").DefaultIfEmpty("0"))})";
            case Kind.Name:
                return Name(column, NameNormalizer.Normalize(value)!, fuzzy);
            default:
                return Text(column, value);
        }
    }

    private static string[] SplitList(string value) => value.Split(['\\', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private string Text(string column, string value) => value.AsSpan().ContainsAny('*', '?') ? $"{column} GLOB {Parameter(Glob(value))}" : $"{column} = {Parameter(value)}";

    /// <summary>A name matches as a whole, as one of its component groups, or, when fuzzy, by the beginnings of its words.</summary>
    private string Name(string column, string value, bool fuzzy)
    {
        string pattern = Parameter(Glob(value));
        string condition = $"{column} GLOB {pattern} OR '=' || {column} || '=' GLOB '*=' || {pattern} || '=*'";
        string[] words = fuzzy ? value.Split([' ', '^', '=', '*'], StringSplitOptions.RemoveEmptyEntries) : [];
        return words.Length == 0
            ? $"({condition})"
            : $"({condition} OR ({string.Join(" AND ", words.Select(word => $"' ' || replace(replace({column}, '^', ' '), '=', ' ') GLOB {Parameter($"* {Glob(word)}*")}"))}))";
    }

    /// <summary>Dates and times compare as text; an end that is less precise includes all that begins with it.</summary>
    private string Range(string column, string value)
    {
        int hyphen = value.IndexOf('-', StringComparison.Ordinal);
        if (hyphen < 0)
        {
            return value.AsSpan().ContainsAny('*', '?') ? Text(column, value) : $"{column} GLOB {Parameter($"{Glob(value)}*")}";
        }

        string from = value[..hyphen].Trim();
        string to = value[(hyphen + 1)..].Trim();
        return $"({column} <> ''{(from.Length > 0 ? $" AND {column} >= {Parameter(from)}" : "")}{(to.Length > 0 ? $" AND {column} <= {Parameter($"{to}~")}" : "")})";
    }

    private string Parameter(object? value)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"@p{Parameters.ParameterNames.Count()}");
        Parameters.Add(name, value);
        return name;
    }

    /// <summary>GLOB has DICOM's wild cards and, beyond them, sets in brackets, which are escaped.</summary>
    private static string Glob(string value) => value.Replace("[", "[[]", StringComparison.Ordinal);
}
