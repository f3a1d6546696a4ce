using System.Collections.Frozen;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>The attributes that are columns of the index, so that the database itself finds them.</summary>
internal static class IndexColumns
{
    /// <summary>What a column holds.</summary>
    public enum Kind
    {
        /// <summary>Characters, as they are.</summary>
        Text,

        /// <summary>A UID; always there.</summary>
        Uid,

        /// <summary>A name: three columns for its groups, in the form of <see cref="NameNormalizer"/>, and its words in a table of their own.</summary>
        Name,

        /// <summary>A date or a time in the one form that <see cref="ComparableDates"/> gives it.</summary>
        DateOrTime,

        /// <summary>Values between backslashes, which no data set has: they are gathered from the instances.</summary>
        List,

        /// <summary>A whole number.</summary>
        Number,

        /// <summary>A whole number that no data set has: it is counted.</summary>
        Count,
    }

    private static readonly FrozenDictionary<DicomTag, (string Column, Kind Kind)> s_columns = new Dictionary<DicomTag, (string, Kind)>
    {
        [DicomTags.StudyInstanceUID] = ("st.study_uid", Kind.Uid),
        [DicomTags.PatientID] = ("st.patient_id", Kind.Text),
        [DicomTags.IssuerOfPatientID] = ("st.issuer_of_patient_id", Kind.Text),
        [DicomTags.PatientName] = ("st.patient_name", Kind.Name),
        [DicomTags.PatientBirthDate] = ("st.patient_birth_date", Kind.DateOrTime),
        [DicomTags.PatientSex] = ("st.patient_sex", Kind.Text),
        [DicomTags.StudyDate] = ("st.study_date", Kind.DateOrTime),
        [DicomTags.StudyTime] = ("st.study_time", Kind.DateOrTime),
        [DicomTags.AccessionNumber] = ("st.accession_number", Kind.Text),
        [DicomTags.StudyID] = ("st.study_id", Kind.Text),
        [DicomTags.StudyDescription] = ("st.study_description", Kind.Text),
        [DicomTags.ReferringPhysicianName] = ("st.referring_physician_name", Kind.Name),
        [DicomTags.ModalitiesInStudy] = ("st.modalities", Kind.List),
        [DicomTags.SOPClassesInStudy] = ("st.sop_classes", Kind.List),
        [DicomTags.NumberOfStudyRelatedSeries] = ("st.number_of_series", Kind.Count),
        [DicomTags.NumberOfStudyRelatedInstances] = ("st.number_of_instances", Kind.Count),
        [DicomTags.NumberOfSeriesRelatedInstances] = ("se.number_of_instances", Kind.Count),
        [DicomTags.SeriesInstanceUID] = ("se.series_uid", Kind.Uid),
        [DicomTags.Modality] = ("se.modality", Kind.Text),
        [DicomTags.SeriesNumber] = ("se.series_number", Kind.Number),
        [DicomTags.SeriesDescription] = ("se.series_description", Kind.Text),
        [DicomTags.BodyPartExamined] = ("se.body_part_examined", Kind.Text),
        [DicomTags.SeriesDate] = ("se.series_date", Kind.DateOrTime),
        [DicomTags.SeriesTime] = ("se.series_time", Kind.DateOrTime),
        [DicomTags.PerformedProcedureStepStartDate] = ("se.pps_start_date", Kind.DateOrTime),
        [DicomTags.PerformedProcedureStepStartTime] = ("se.pps_start_time", Kind.DateOrTime),
        [DicomTags.SOPInstanceUID] = ("i.sop_instance_uid", Kind.Uid),
        [DicomTags.SOPClassUID] = ("i.sop_class_uid", Kind.Uid),
        [DicomTags.InstanceNumber] = ("i.instance_number", Kind.Number),
        [DicomTags.NumberOfFrames] = ("i.number_of_frames", Kind.Number),
        [DicomTags.Rows] = ("i.\"rows\"", Kind.Number),
        [DicomTags.Columns] = ("i.\"columns\"", Kind.Number),
        [DicomTags.ContentDate] = ("i.content_date", Kind.DateOrTime),
        [DicomTags.ContentTime] = ("i.content_time", Kind.DateOrTime),
        [DicomTags.BitsAllocated] = ("i.bits_allocated", Kind.Number),
        [DicomTags.AvailableTransferSyntaxUID] = ("i.transfer_syntax_uid", Kind.Uid),
    }.ToFrozenDictionary();

    /// <summary>The column of an attribute; null when it has none.</summary>
    public static (string Column, Kind Kind)? Find(DicomTag tag) => s_columns.TryGetValue(tag, out (string, Kind) column) ? column : null;

    /// <summary>The columns of a name's groups.</summary>
    public static (string Alphabetic, string Ideographic, string Phonetic) GroupsOf(string column) => ($"{column}_alphabetic", $"{column}_ideographic", $"{column}_phonetic");
}
