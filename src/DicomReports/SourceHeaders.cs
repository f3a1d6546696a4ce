using MedicalAi.Dicom;
using MedicalAi.Findings;

namespace MedicalAi.DicomReports;

/// <summary>The headers of the instances that a model was given, by SOP Instance UID.</summary>
internal sealed class SourceHeaders
{
    private readonly Dictionary<DicomUid, DicomDataSet> _headers = [];

    /// <param name="findings">The findings.</param>
    /// <param name="headers">The header of each input, in the same order.</param>
    /// <exception cref="ArgumentException">The headers are not those of the inputs.</exception>
    public SourceHeaders(StudyFindings findings, IReadOnlyList<DicomDataSet> headers)
    {
        ArgumentNullException.ThrowIfNull(findings);
        ArgumentNullException.ThrowIfNull(headers);
        if (headers.Count == 0 || headers.Count != findings.Inputs.Count)
        {
            throw new ArgumentException($"The findings have {findings.Inputs.Count} inputs, and {headers.Count} source headers were given.", nameof(headers));
        }

        for (int i = 0; i < headers.Count; i++)
        {
            if (headers[i].GetUid(DicomTags.SOPInstanceUID) != findings.Inputs[i].SopInstance)
            {
                throw new ArgumentException($"Source header {i + 1} is not that of SOP instance {findings.Inputs[i].SopInstance}.", nameof(headers));
            }

            _headers[findings.Inputs[i].SopInstance] = headers[i];
        }

        First = headers[0];
    }

    /// <summary>The header of the first input, whose patient and study the results take.</summary>
    public DicomDataSet First { get; }

    /// <summary>The header of a source instance.</summary>
    /// <exception cref="ArgumentException">It is not among the inputs.</exception>
    public DicomDataSet this[SourceInstance source] => _headers.TryGetValue(source.SopInstance, out DicomDataSet? header)
        ? header
        : throw new ArgumentException($"SOP instance {source.SopInstance} of the label map is not among the inputs.");
}
