using MedicalAi.Dicom;

namespace MedicalAi.DicomReports.Tests;

/// <summary>
/// The rows of TID 1500 and the templates that it includes, as far as our reports use them (PS3.16): what each container may hold,
/// by which relationship, as which value type, how often, in which order. No other tool at hand checks templates.
/// </summary>
internal static class TemplateRules
{
    private const int Many = int.MaxValue;

    // TID 4019, included in measurement groups.
    private static readonly Row[] s_algorithm =
    [
        new("HAS CONCEPT MOD", "TEXT", "111001 DCM", 1, 1),
        new("HAS CONCEPT MOD", "TEXT", "111003 DCM", 1, 1),
        new("HAS CONCEPT MOD", "TEXT", "111002 DCM", 0, Many),
        new("HAS CONCEPT MOD", "CODE", "111000 DCM", 0, 1),
        new("HAS CONCEPT MOD", "TEXT", "122405 DCM", 0, 1),
    ];

    private static readonly Row[] s_tracking =
    [
        new("HAS OBS CONTEXT", "TEXT", "112039 DCM", 1, 1),
        new("HAS OBS CONTEXT", "UIDREF", "112040 DCM", 1, 1),
        new("CONTAINS", "CODE", "276214006 SCT", 0, 1),
        new("CONTAINS", "CODE", "121071 DCM", 0, 1),
    ];

    private static readonly Dictionary<string, Row[]> s_templates = new()
    {
        ["1500"] =
        [
            new("HAS CONCEPT MOD", "CODE", "121049 DCM", 1, 1), // TID 1204
            new("HAS OBS CONTEXT", "CODE", "121005 DCM", 1, 1), // TID 1002
            new("HAS OBS CONTEXT", "UIDREF", "121012 DCM", 1, 1), // TID 1004
            new("HAS OBS CONTEXT", "TEXT", "121013 DCM", 0, 1),
            new("HAS OBS CONTEXT", "TEXT", "121014 DCM", 0, 1),
            new("HAS OBS CONTEXT", "TEXT", "121015 DCM", 0, 1),
            new("HAS OBS CONTEXT", "TEXT", "121016 DCM", 0, 1),
            new("HAS CONCEPT MOD", "CODE", "121058 DCM", 1, Many),
            new("CONTAINS", "CONTAINER", "111028 DCM", 0, 1), // TID 1600
            new("CONTAINS", "CONTAINER", "126010 DCM", 1, 1),
            new("CONTAINS", "TEXT", "121106 DCM", 0, Many), // Ours: the template is extensible.
        ],
        ["1600"] = [new("CONTAINS", "CONTAINER", "126200 DCM", 1, Many)],
        ["126200 DCM"] =
        [
            new("HAS ACQ CONTEXT", "CODE", "121139 DCM", 0, 1), // TID 1602
            new("HAS ACQ CONTEXT", "UIDREF", "112227 DCM", 0, 1),
            new("CONTAINS", "IMAGE", "", 1, Many), // TID 1601
        ],
        ["126010 DCM"] = [new("CONTAINS", "CONTAINER", "125007 DCM", 0, Many)],
        ["1411"] =
        [
            .. s_tracking,
            new("CONTAINS", "IMAGE", "121191 DCM", 1, 1),
            new("CONTAINS", "UIDREF", "121232 DCM", 1, Many),
            new("HAS CONCEPT MOD", "CODE", "363698007 SCT", 0, 1),
            .. s_algorithm,
            new("CONTAINS", "NUM", "*", 0, Many), // TID 1419
        ],
        ["1501"] =
        [
            .. s_tracking,
            new("HAS CONCEPT MOD", "CODE", "363698007 SCT", 0, 1),
            .. s_algorithm,
            new("CONTAINS", "IMAGE", "260753009 SCT", 0, Many),
            new("CONTAINS", "NUM", "*", 0, Many), // TID 300
            new("CONTAINS", "CODE", "*", 0, Many), // A qualitative evaluation.
        ],
        ["NUM"] =
        [
            new("HAS CONCEPT MOD", "CODE", "370129005 SCT", 0, 1),
            new("HAS CONCEPT MOD", "CODE", "363698007 SCT", 0, 1),
        ],
    };

    /// <summary>What of a report is against its templates.</summary>
    public static IReadOnlyList<string> FindFaults(DicomDataSet report)
    {
        List<string> faults = [];
        Check(report, "1500", faults);
        return faults;
    }

    private static void Check(DicomDataSet container, string template, List<string> faults)
    {
        if (!s_templates.TryGetValue(template, out Row[]? rows))
        {
            faults.Add($"{template} holds content, and no template says what.");
            return;
        }

        int[] counts = new int[rows.Length];
        int last = 0;
        foreach (DicomDataSet item in container.GetItems(DicomTags.ContentSequence))
        {
            string concept = item.GetItems(DicomTags.ConceptNameCodeSequence) is [{ } name, ..] ? $"{name.GetString(DicomTags.CodeValue)} {name.GetString(DicomTags.CodingSchemeDesignator)}" : "";
            (string? relationship, string? valueType) = (item.GetString(DicomTags.RelationshipType), item.GetString(DicomTags.ValueType));
            int row = Array.FindIndex(rows, row => row.Relationship == relationship && row.ValueType == valueType && (row.Concept == concept || (row.Concept == "*" && concept.Length > 0)));
            if (row < 0)
            {
                faults.Add($"{template} has no row {relationship} {valueType} ({concept}).");
                continue;
            }

            if (row < last)
            {
                faults.Add($"{template}: {relationship} {valueType} ({concept}) is out of order.");
            }

            last = row;
            counts[row]++;
            if (item.GetItems(DicomTags.ContentSequence).Count > 0)
            {
                string? own = item.GetItems(DicomTags.ContentTemplateSequence) is [{ } identified, ..] ? identified.GetString(DicomTags.TemplateIdentifier) : null;
                Check(item, own ?? (valueType == "NUM" ? "NUM" : concept), faults);
            }
        }

        for (int i = 0; i < rows.Length; i++)
        {
            if (counts[i] < rows[i].Least || counts[i] > rows[i].Most)
            {
                faults.Add($"{template}: {counts[i]} of {rows[i].Relationship} {rows[i].ValueType} ({rows[i].Concept}).");
            }
        }
    }

    private sealed record Row(string Relationship, string ValueType, string Concept, int Least, int Most);
}
