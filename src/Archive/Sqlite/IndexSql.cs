using System.Globalization;
using System.Text;
using Dapper;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>Translates a query to SQL. Values are always parameters; only constants of this class become text of the statement.</summary>
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
    };

    private readonly StringBuilder _where = new("1 = 1");

    public IndexSql(IndexQuery query)
    {
        foreach (AttributeMatch match in query.Matches)
        {
            if (match.Value.Length > 0 && match.Value != "*" && s_columns.TryGetValue(match.Tag, out var column) && column.Level <= query.Level)
            {
                Add(column.Column, column.Kind, match.Value, query.FuzzyMatching);
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

    public string Where => _where.ToString();

    public DynamicParameters Parameters { get; } = new();

    public static bool IsSupported(DicomTag tag, IndexLevel level) => s_columns.TryGetValue(tag, out var column) && column.Level <= level;

    private void Add(string column, Kind kind, string value, bool fuzzy)
    {
        switch (kind)
        {
            case Kind.Uid:
                string[] uids = value.Split(['\\', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                _where.Append(CultureInfo.InvariantCulture, $" AND {column} IN (SELECT value FROM json_each({Parameter(System.Text.Json.JsonSerializer.Serialize(uids))}))");
                break;
            case Kind.Number:
                _where.Append(CultureInfo.InvariantCulture, $" AND {column} = {Parameter(long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long n) ? n : null)}");
                break;
            case Kind.Range:
                AddRange(column, value);
                break;
            case Kind.List:
                string[] any = value.Split(['\\', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                _where.Append(" AND (0");
                foreach (string one in any)
                {
                    _where.Append(CultureInfo.InvariantCulture, $" OR '\\' || {column} || '\\' GLOB {Parameter($"*\\{Glob(one)}\\*")}");
                }

                _where.Append(')');
                break;
            case Kind.Name:
                AddName(column, NameNormalizer.Normalize(value)!, fuzzy);
                break;
            default:
                AddText(column, value);
                break;
        }
    }

    private void AddText(string column, string value) => _where.Append(CultureInfo.InvariantCulture, $" AND {column} {(value.AsSpan().ContainsAny('*', '?') ? $"GLOB {Parameter(Glob(value))}" : $"= {Parameter(value)}")}");

    /// <summary>A name matches as a whole, as one of its component groups, or, when fuzzy, by the beginnings of its words.</summary>
    private void AddName(string column, string value, bool fuzzy)
    {
        string pattern = Parameter(Glob(value));
        _where.Append(CultureInfo.InvariantCulture, $" AND ({column} GLOB {pattern} OR '=' || {column} || '=' GLOB '*=' || {pattern} || '=*'");
        if (fuzzy)
        {
            _where.Append(" OR (1");
            foreach (string word in value.Split([' ', '^', '='], StringSplitOptions.RemoveEmptyEntries))
            {
                _where.Append(CultureInfo.InvariantCulture, $" AND ' ' || replace(replace({column}, '^', ' '), '=', ' ') GLOB {Parameter($"* {Glob(word)}*")}");
            }

            _where.Append(')');
        }

        _where.Append(')');
    }

    /// <summary>Dates and times compare as text; an end that is less precise includes all that begins with it.</summary>
    private void AddRange(string column, string value)
    {
        int hyphen = value.IndexOf('-', StringComparison.Ordinal);
        if (hyphen < 0)
        {
            if (value.AsSpan().ContainsAny('*', '?'))
            {
                AddText(column, value);
            }
            else
            {
                _where.Append(CultureInfo.InvariantCulture, $" AND {column} GLOB {Parameter($"{Glob(value)}*")}");
            }

            return;
        }

        string from = value[..hyphen].Trim();
        string to = value[(hyphen + 1)..].Trim();
        _where.Append(CultureInfo.InvariantCulture, $" AND {column} <> ''");
        if (from.Length > 0)
        {
            _where.Append(CultureInfo.InvariantCulture, $" AND {column} >= {Parameter(from)}");
        }

        if (to.Length > 0)
        {
            _where.Append(CultureInfo.InvariantCulture, $" AND {column} <= {Parameter($"{to}~")}");
        }
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
