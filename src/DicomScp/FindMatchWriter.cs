using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.DicomScp;

/// <summary>
/// Makes the identifiers of C-FIND responses (PS3.4 C.4.1.1.3.2): the attributes that were asked for and that exist at the level of the
/// query, and no others. Of sequences whose items have keys, the items that match are told, with the attributes asked for.
/// </summary>
/// <param name="query">What was asked for.</param>
/// <param name="retrieveAeTitle">Retrieve AE Title (0008,0054).</param>
internal sealed class FindMatchWriter(FindQuery query, string retrieveAeTitle)
{
    private readonly AttributeCopier _copier = new(query.Query.Options);
    private readonly HashSet<DicomTag> _ofInstance = [.. query.Keys.Select(key => key.Tag).Append(DicomTags.TimezoneOffsetFromUTC).SelectMany(TogetherWith)];

    // Matches come study by study and series by series, so that the last ones parsed are nearly always the next ones needed.
    private (DicomUid Study, DicomDataSet? Attributes) _study;
    private (DicomUid Study, DicomUid Series, DicomDataSet? Attributes) _series;

    /// <summary>Whether the index row of an instance holds the attribute, so that its metadata need not be read.</summary>
    public static bool IsInInstanceRow(DicomTag tag) =>
        tag == DicomTags.SOPClassUID || tag == DicomTags.SOPInstanceUID || tag == DicomTags.AvailableTransferSyntaxUID || tag == DicomTags.InstanceNumber;

    /// <summary>The identifier of a match.</summary>
    /// <param name="match">The match.</param>
    public DicomDataSet Write(IndexMatch match)
    {
        DicomDataSet instance = match.ReadMetadata(_ofInstance);
        DicomDataSet series = SeriesOf(match);
        DicomDataSet study = StudyOf(match);
        DicomDataSet identifier = new();
        identifier.SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192");
        foreach (DicomElement key in query.Keys)
        {
            if (!TrySetComputed(identifier, key.Tag, match))
            {
                _copier.Copy(key, IndexAttributes.LevelOf(key.Tag) switch { IndexLevel.Instance => instance, IndexLevel.Series => series, _ => study }, identifier);
            }
        }

        // Both go with every match, asked for or not.
        identifier.SetString(DicomTags.QueryRetrieveLevel, query.Level.ToString().ToUpperInvariant());
        identifier.SetString(DicomTags.RetrieveAETitle, retrieveAeTitle);
        if (query.Query.Options.TimezoneOffset is { } offset && study.TimezoneOffset is not null)
        {
            identifier.SetString(DicomTags.TimezoneOffsetFromUTC, DicomDateTime.FormatOffset(offset));
        }

        if (IsAscii(identifier))
        {
            identifier.Remove(DicomTags.SpecificCharacterSet);
        }

        return identifier;
    }

    private static DicomTag[] TogetherWith(DicomTag tag) => DateTimePairs.Find(tag) is var (date, time) ? [date, time] : [tag];

    private static DicomDataSet Parse(ReadOnlyMemory<byte> json) => DicomJson.Parse(json.Span).Value;

    private static bool IsAscii(DicomDataSet dataSet) => dataSet.All(element =>
        element.Items is { } items ? items.All(IsAscii) : !element.Vr.UsesCharacterSet() || !element.Value.Span.ContainsAnyExceptInRange((byte)0, (byte)0x7F));

    private DicomDataSet StudyOf(IndexMatch match)
    {
        if (_study.Attributes is null || _study.Study != match.Study.Study)
        {
            _study = (match.Study.Study, Parse(match.Study.Attributes));
        }

        return _study.Attributes!;
    }

    private DicomDataSet SeriesOf(IndexMatch match)
    {
        if (match.Series is not { } series)
        {
            return [];
        }

        if (_series.Attributes is null || _series.Study != series.Study || _series.Series != series.Series)
        {
            _series = (series.Study, series.Series, Parse(series.Attributes));
        }

        return _series.Attributes!;
    }

    private bool TrySetComputed(DicomDataSet identifier, DicomTag tag, IndexMatch match) =>
        tag == DicomTags.InstanceAvailability ? Set(identifier, tag, "ONLINE")
        : query.Level == QueryLevel.Patient ? match.Patient is { } patient && TrySetOfPatient(identifier, tag, patient)
        : TrySetOfStudy(identifier, tag, match.Study)
        || (match.Series is { } series && TrySetOfSeries(identifier, tag, series))
        || (match.Instance is { } instance && TrySetOfInstance(identifier, tag, instance));

    private static bool TrySetOfPatient(DicomDataSet identifier, DicomTag tag, PatientCounts patient) =>
        tag == DicomTags.NumberOfPatientRelatedStudies ? SetNumber(identifier, tag, patient.Studies)
        : tag == DicomTags.NumberOfPatientRelatedSeries ? SetNumber(identifier, tag, patient.Series)
        : tag == DicomTags.NumberOfPatientRelatedInstances && SetNumber(identifier, tag, patient.Instances);

    private static bool TrySetOfStudy(DicomDataSet identifier, DicomTag tag, StudyRow study) =>
        tag == DicomTags.StudyInstanceUID ? Set(identifier, tag, study.Study.Value)
        : tag == DicomTags.ModalitiesInStudy ? Set(identifier, tag, [.. study.Modalities])
        : tag == DicomTags.SOPClassesInStudy ? Set(identifier, tag, [.. study.SopClasses])
        : tag == DicomTags.NumberOfStudyRelatedSeries ? SetNumber(identifier, tag, study.NumberOfSeries)
        : tag == DicomTags.NumberOfStudyRelatedInstances && SetNumber(identifier, tag, study.NumberOfInstances);

    private static bool TrySetOfSeries(DicomDataSet identifier, DicomTag tag, SeriesRow series) =>
        tag == DicomTags.SeriesInstanceUID ? Set(identifier, tag, series.Series.Value)
        : tag == DicomTags.NumberOfSeriesRelatedInstances && SetNumber(identifier, tag, series.NumberOfInstances);

    private static bool TrySetOfInstance(DicomDataSet identifier, DicomTag tag, InstanceRow instance) =>
        tag == DicomTags.SOPClassUID ? Set(identifier, tag, instance.Identity.SopClass.Value)
        : tag == DicomTags.SOPInstanceUID ? Set(identifier, tag, instance.Identity.SopInstance.Value)
        : tag == DicomTags.AvailableTransferSyntaxUID ? Set(identifier, tag, instance.TransferSyntax.Uid.Value)
        : tag == DicomTags.InstanceNumber && instance.InstanceNumber is { } number && SetNumber(identifier, tag, number);

    private static bool Set(DicomDataSet identifier, DicomTag tag, params ReadOnlySpan<string> values) => identifier.SetString(tag, values) is not null;

    private static bool SetNumber(DicomDataSet identifier, DicomTag tag, long value) => identifier.SetInt(tag, value) is not null;
}
