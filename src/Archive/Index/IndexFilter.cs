using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>What the columns of an index do not decide: keys that are held against the attributes of each row that the columns let pass.</summary>
internal sealed class IndexFilter
{
    private readonly DataSetMatcher? _study;
    private readonly DataSetMatcher? _series;
    private readonly DataSetMatcher? _instance;

    // Rows come study by study and series by series: the last answer is nearly always the next one.
    private (DicomUid Study, bool IsMatch) _lastStudy;
    private (DicomUid Study, DicomUid Series, bool IsMatch) _lastSeries;

    /// <param name="keys">The keys to hold against rows.</param>
    /// <param name="deep">The keys of the levels below the rows, of which the columns have not decided all; else none.</param>
    /// <param name="options">How they match.</param>
    public IndexFilter(List<KeyMatcher> keys, List<KeyMatcher> deep, MatchingOptions options)
    {
        _study = Of(level => level <= IndexLevel.Study);
        _series = Of(level => level == IndexLevel.Series);
        _instance = Of(level => level == IndexLevel.Instance);
        if (deep.Count > 0)
        {
            Below = new IndexQuery(deep.Max(key => IndexAttributes.LevelOf(key.Tag))) { Matches = [.. deep.SelectMany(key => key.Keys)], Options = options, Limit = 1 };
        }

        DataSetMatcher? Of(Func<IndexLevel, bool> isLevel) =>
            keys.FindAll(key => isLevel(IndexAttributes.LevelOf(key.Tag))) is { Count: > 0 } found ? new DataSetMatcher(found) : null;
    }

    /// <summary>Whether the columns decide all.</summary>
    public bool IsEmpty => _study is null && _series is null && _instance is null && Below is null;

    /// <summary>Whether the metadata of instances is needed.</summary>
    public bool NeedsMetadata => _instance is not null;

    /// <summary>What has to be found below a row; null when the columns have decided it.</summary>
    public IndexQuery? Below { get; }

    /// <summary>The query for what has to be found below a match.</summary>
    public IndexQuery? BelowOf(IndexMatch match)
    {
        IndexQuery? query = Below?.With(DicomTags.StudyInstanceUID, match.Study.Study.Value);
        return match.Series is { } series ? query?.With(DicomTags.SeriesInstanceUID, series.Series.Value) : query;
    }

    /// <summary>Whether the row itself matches.</summary>
    /// <param name="match">What the columns let pass, with metadata when <see cref="NeedsMetadata"/>.</param>
    public bool IsMatch(IndexMatch match)
    {
        DicomUid study = match.Study.Study;
        if (_study is not null && _lastStudy.Study != study)
        {
            DicomDataSet attributes = AttributeSelection.Read(match.Study.Attributes.Span, _study.Tags);
            if (_study.Tags.Contains(DicomTags.ModalitiesInStudy))
            {
                attributes.SetString(DicomTags.ModalitiesInStudy, [.. match.Study.Modalities]);
            }

            _lastStudy = (study, _study.IsMatch(attributes));
        }

        if (_series is not null && match.Series is { } series && (_lastSeries.Study != study || _lastSeries.Series != series.Series))
        {
            _lastSeries = (study, series.Series, _series.IsMatch(AttributeSelection.Read(series.Attributes.Span, _series.Tags)));
        }

        return (_study is null || _lastStudy.IsMatch)
            && (_series is null || _lastSeries.IsMatch)
            && (_instance is null || _instance.IsMatch(AttributeSelection.Read(match.Metadata.Span, _instance.Tags)));
    }
}
