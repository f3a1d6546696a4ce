using MedicalAi.Dicom;

namespace MedicalAi.DicomReports;

/// <summary>The Hierarchical SOP Instance Reference Macro (PS3.3 C.17.2.1): every instance that a report refers to, once, by series.</summary>
internal sealed class EvidenceSequence
{
    private readonly List<(DicomUid Series, List<(DicomUid SopClass, DicomUid SopInstance)> Instances)> _series = [];
    private readonly HashSet<DicomUid> _known = [];

    /// <summary>Adds an instance; one that is there already changes nothing.</summary>
    public void Add(DicomUid series, DicomUid sopClass, DicomUid sopInstance)
    {
        if (!_known.Add(sopInstance))
        {
            return;
        }

        int index = _series.FindIndex(entry => entry.Series == series);
        if (index < 0)
        {
            index = _series.Count;
            _series.Add((series, []));
        }

        _series[index].Instances.Add((sopClass, sopInstance));
    }

    /// <summary>The items by series, for the study item of a report or for Referenced Series Sequence (PS3.3 C.12.2).</summary>
    /// <param name="scope">The data set that they go into.</param>
    /// <param name="instances">The sequence of instances within a series.</param>
    public DicomDataSet[] Write(DicomDataSet scope, DicomTag instances) =>
    [
        .. _series.Select(series => new DicomDataSet(scope)
            .SetUid(DicomTags.SeriesInstanceUID, series.Series)
            .SetSequence(instances, [.. series.Instances.Select(instance => new DicomDataSet(scope)
                .SetUid(DicomTags.ReferencedSOPClassUID, instance.SopClass)
                .SetUid(DicomTags.ReferencedSOPInstanceUID, instance.SopInstance))])),
    ];
}
