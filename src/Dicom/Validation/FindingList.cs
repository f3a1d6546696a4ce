using System.Globalization;

namespace MedicalAi.Dicom;

/// <summary>Gathers findings up to a limit, so that a hostile file costs no memory. What comes after it is counted.</summary>
internal sealed class FindingList(int limit)
{
    private readonly List<DicomFinding> _findings = [];
    private int _moreErrors;
    private int _moreWarnings;

    public void Error(string path, string rule, string message) => Add(new DicomFinding(DicomSeverity.Error, path, rule, message));

    public void Note(string rule, string message) => Add(new DicomFinding(DicomSeverity.Note, "", rule, message));

    public void Warning(string path, string rule, string message) => Add(new DicomFinding(DicomSeverity.Warning, path, rule, message));

    public IReadOnlyList<DicomFinding> ToList()
    {
        if (_moreErrors + _moreWarnings > 0)
        {
            _findings.Add(new DicomFinding(
                _moreErrors > 0 ? DicomSeverity.Error : DicomSeverity.Warning,
                "",
                "limit",
                string.Create(CultureInfo.InvariantCulture, $"{_moreErrors} more errors and {_moreWarnings} more warnings are not shown")));
        }

        return _findings;
    }

    private void Add(DicomFinding finding)
    {
        if (_findings.Count < limit)
        {
            _findings.Add(finding);
        }
        else if (finding.Severity == DicomSeverity.Error)
        {
            _moreErrors++;
        }
        else if (finding.Severity == DicomSeverity.Warning)
        {
            _moreWarnings++;
        }
    }
}
