using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.DicomScp;

/// <summary>Makes the identifiers of C-FIND responses (PS3.4 C.4.1.1.3.2): the attributes that were asked for, and no others.</summary>
/// <param name="query">What was asked for.</param>
/// <param name="retrieveAeTitle">Retrieve AE Title (0008,0054).</param>
internal sealed class FindMatchWriter(FindQuery query, string retrieveAeTitle)
{
    // Matches come study by study and series by series, so that the last ones parsed are nearly always the next ones needed.
    private (DicomUid Study, DicomDataSet? Attributes) _study;
    private (DicomUid Study, DicomUid Series, DicomDataSet? Attributes) _series;

    /// <summary>Whether the index row of an instance holds the attribute, so that its metadata need not be read.</summary>
    public static bool IsInInstanceRow(DicomTag tag) =>
        tag == DicomTags.SOPClassUID || tag == DicomTags.SOPInstanceUID || tag == DicomTags.AvailableTransferSyntaxUID || tag == DicomTags.InstanceNumber;

    /// <summary>The attributes of the study of a match.</summary>
    public DicomDataSet StudyOf(IndexMatch match)
    {
        if (_study.Attributes is null || _study.Study != match.Study.Study)
        {
            _study = (match.Study.Study, Parse(match.Study.Attributes));
        }

        return _study.Attributes!;
    }

    /// <summary>The identifier of a match.</summary>
    /// <param name="match">The match.</param>
    /// <param name="patient">The studies, series and instances of its patient, where they were counted.</param>
    public DicomDataSet Write(IndexMatch match, (long Studies, long Series, long Instances) patient)
    {
        DicomDataSet[] sources = [Parse(match.Metadata), SeriesOf(match), StudyOf(match)];
        DicomDataSet identifier = new();
        identifier.SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192");
        foreach (DicomElement key in query.Keys)
        {
            if (key.Tag == DicomTags.SpecificCharacterSet || TrySetComputed(identifier, key.Tag, match, patient))
            {
                continue;
            }

            DicomDataSet? source = Array.Find(sources, one => one.Contains(key.Tag));
            if (source is null)
            {
                identifier.Set(key.Vr == Vr.SQ ? new DicomElement(key.Tag, []) : new DicomElement(key.Tag, key.Vr, ReadOnlyMemory<byte>.Empty));
            }
            else
            {
                Copy(source, source.Find(key.Tag)!, identifier);
            }
        }

        // Both go with every match, asked for or not.
        identifier.SetString(DicomTags.QueryRetrieveLevel, query.Level.ToString().ToUpperInvariant());
        identifier.SetString(DicomTags.RetrieveAETitle, retrieveAeTitle);
        if (IsAscii(identifier))
        {
            identifier.Remove(DicomTags.SpecificCharacterSet);
        }

        return identifier;
    }

    private static DicomDataSet Parse(ReadOnlyMemory<byte> json) => json.IsEmpty ? [] : DicomJson.Parse(json.Span).Value;

    // Text is written anew in the character set of the target; what is not in memory is told without its value.
    private static void Copy(DicomDataSet source, DicomElement element, DicomDataSet target)
    {
        if (element.Items is { } items)
        {
            target.Set(new DicomElement(element.Tag, [.. items.Select(item => CopyItem(item, target))]));
        }
        else if (element.Fragments is not null || element.IsElsewhere)
        {
            target.Set(new DicomElement(element.Tag, element.Vr, ReadOnlyMemory<byte>.Empty));
        }
        else if (element.Vr.IsText() && element.Vr.UsesCharacterSet())
        {
            target.SetString(element.Tag, element.Vr, source.GetStrings(element.Tag));
        }
        else
        {
            target.Set(element);
        }
    }

    private static DicomDataSet CopyItem(DicomDataSet item, DicomDataSet parent)
    {
        DicomDataSet copy = new(parent);
        foreach (DicomElement element in item)
        {
            if (element.Tag != DicomTags.SpecificCharacterSet)
            {
                Copy(item, element, copy);
            }
        }

        return copy;
    }

    private static bool IsAscii(DicomDataSet dataSet) => dataSet.All(element =>
        element.Items is { } items ? items.All(IsAscii) : !element.Vr.UsesCharacterSet() || !element.Value.Span.ContainsAnyExceptInRange((byte)0, (byte)0x7F));

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

    private bool TrySetComputed(DicomDataSet identifier, DicomTag tag, IndexMatch match, (long Studies, long Series, long Instances) patient)
    {
        if (tag == DicomTags.InstanceAvailability)
        {
            identifier.SetString(tag, "ONLINE");
            return true;
        }

        return query.Level == QueryLevel.Patient ? TrySetOfPatient(identifier, tag, patient)
            : TrySetOfStudy(identifier, tag, match.Study)
            || (match.Series is { } series && TrySetOfSeries(identifier, tag, series))
            || (match.Instance is { } instance && TrySetOfInstance(identifier, tag, instance));
    }

    private static bool TrySetOfPatient(DicomDataSet identifier, DicomTag tag, (long Studies, long Series, long Instances) patient)
    {
        if (FindQuery.IsPatientCount(tag))
        {
            identifier.SetInt(tag, tag == DicomTags.NumberOfPatientRelatedStudies ? patient.Studies : tag == DicomTags.NumberOfPatientRelatedSeries ? patient.Series : patient.Instances);
            return true;
        }

        return false;
    }

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
