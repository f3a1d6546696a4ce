using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

/// <summary>An index that looks at everything: what a query finds, as plainly as it can be said.</summary>
internal sealed class QueryModel
{
    private readonly List<Study> _studies = [];

    public void Add(DicomDataSet instance)
    {
        string studyUid = instance.GetString(DicomTags.StudyInstanceUID)!;
        string seriesUid = instance.GetString(DicomTags.SeriesInstanceUID)!;
        Study study = Find(_studies, one => one.Uid == studyUid, () => new Study(studyUid, Select(instance, ModuleAttributes.Study)));
        Series series = Find(study.Series, one => one.Uid == seriesUid, () => new Series(seriesUid, Select(instance, ModuleAttributes.Series)));
        series.Instances.Add(instance);
    }

    /// <summary>The UIDs of the matches (at the patient level those of the newest study of each that matches), in order.</summary>
    public string[] Find(IndexQuery query)
    {
        List<string> found = [];
        foreach (Study study in query.Level == IndexLevel.Patient ? _studies.AsEnumerable().Reverse().OrderBy(study => study.Patient, StringComparer.Ordinal) : _studies.AsEnumerable().Reverse())
        {
            if (!IsMatch(query, level => level <= IndexLevel.Study, study.ToMatch()))
            {
                continue;
            }

            if (query.Level <= IndexLevel.Study)
            {
                if (!HasBelow(query) || study.Series.Exists(series => IsSeriesMatch(query, series) && (!HasKeys(query, IndexLevel.Instance) || series.Instances.Exists(instance => IsInstanceMatch(query, instance)))))
                {
                    found.Add(study.Uid);
                }

                continue;
            }

            foreach (Series series in study.Series.Where(series => IsSeriesMatch(query, series)))
            {
                if (query.Level == IndexLevel.Series)
                {
                    if (!query.IsRelational || !HasKeys(query, IndexLevel.Instance) || series.Instances.Exists(instance => IsInstanceMatch(query, instance)))
                    {
                        found.Add(series.Uid);
                    }

                    continue;
                }

                found.AddRange(series.Instances
                    .Where(instance => IsInstanceMatch(query, instance))
                    .OrderBy(instance => instance.GetInt64(DicomTags.InstanceNumber) ?? long.MinValue)
                    .ThenBy(instance => instance.GetString(DicomTags.SOPInstanceUID), StringComparer.Ordinal)
                    .Select(instance => instance.GetString(DicomTags.SOPInstanceUID)!));
            }
        }

        return query.Level == IndexLevel.Patient ? [.. found.DistinctBy(uid => _studies.Find(study => study.Uid == uid)!.Patient)] : [.. found];
    }

    /// <summary>The name by which <see cref="Find"/> tells a match.</summary>
    public static string Name(IndexLevel level, IndexMatch match) => (level switch
    {
        IndexLevel.Series => match.Series!.Series,
        IndexLevel.Instance => match.Instance!.Identity.SopInstance,
        _ => match.Study.Study,
    }).Value;

    private static bool HasBelow(IndexQuery query) => query.IsRelational && (HasKeys(query, IndexLevel.Series) || HasKeys(query, IndexLevel.Instance));

    private static bool HasKeys(IndexQuery query, IndexLevel level) => query.Matches.Any(key => IndexAttributes.LevelOf(key.Tag) == level && !key.IsUniversal);

    private static bool IsSeriesMatch(IndexQuery query, Series series) => IsMatch(query, level => level == IndexLevel.Series, series.ToMatch());

    private static bool IsInstanceMatch(IndexQuery query, DicomDataSet instance) => IsMatch(query, level => level == IndexLevel.Instance, instance);

    private static bool IsMatch(IndexQuery query, Func<IndexLevel, bool> isLevel, DicomDataSet dataSet) => new DataSetMatcher(
        query.Matches.Where(key => isLevel(IndexAttributes.LevelOf(key.Tag)) && IndexAttributes.CanMatch(key, query.Level, query.IsRelational)), query.Options).IsMatch(dataSet);

    private static T Find<T>(List<T> all, Predicate<T> isIt, Func<T> make)
    {
        if (all.Find(isIt) is not { } one)
        {
            all.Add(one = make());
        }

        return one;
    }

    private static DicomDataSet Select(DicomDataSet instance, IReadOnlySet<DicomTag> tags)
    {
        DicomDataSet selected = new();
        foreach (DicomElement element in instance)
        {
            if (element.Tag == DicomTags.SpecificCharacterSet || tags.Contains(element.Tag))
            {
                selected.Set(element);
            }
        }

        return selected;
    }

    private sealed record Series(string Uid, DicomDataSet Attributes)
    {
        public List<DicomDataSet> Instances { get; } = [];

        public DicomDataSet ToMatch() => Select(Attributes, ModuleAttributes.Series).SetInt(DicomTags.NumberOfSeriesRelatedInstances, Instances.Count);
    }

    private sealed record Study(string Uid, DicomDataSet Attributes)
    {
        public List<Series> Series { get; } = [];

        public string Patient { get; } = PatientKey.Of(
            Text(Attributes, DicomTags.PatientID), Text(Attributes, DicomTags.IssuerOfPatientID), Text(Attributes, DicomTags.PatientName), ComparableDates.Date(Text(Attributes, DicomTags.PatientBirthDate)), Text(Attributes, DicomTags.PatientSex));

        public DicomDataSet ToMatch()
        {
            List<DicomDataSet> instances = [.. Series.SelectMany(series => series.Instances)];
            return Select(Attributes, ModuleAttributes.Study)
                .SetString(DicomTags.ModalitiesInStudy, [.. instances.Select(one => one.GetString(DicomTags.Modality)).OfType<string>().Distinct()])
                .SetString(DicomTags.SOPClassesInStudy, [.. instances.Select(one => one.GetString(DicomTags.SOPClassUID)!).Distinct()])
                .SetInt(DicomTags.NumberOfStudyRelatedSeries, Series.Count)
                .SetInt(DicomTags.NumberOfStudyRelatedInstances, instances.Count);
        }

        private static string? Text(DicomDataSet dataSet, DicomTag tag) => dataSet.Contains(tag) ? string.Join('\\', dataSet.GetStrings(tag)) : null;
    }
}
