using System.Globalization;
using MedicalAi.Dicom;

namespace MedicalAi.Findings;

/// <summary>What must hold for findings so that every report of them can be written: checked on saving and on reading.</summary>
internal static class FindingsRules
{
    private const int MaximumInputs = 100_000;
    private const int MaximumItems = 10_000;
    private const int MaximumName = 64;
    private const int MaximumText = 1024;

    /// <summary>The first thing that is wrong, in words without patient data; null when all is well.</summary>
    public static string? FindProblem(StudyFindings findings) =>
        Uid(findings.Study, "the study")
        ?? Model(findings.Model)
        ?? Text(findings.InputsDigest, "the inputs digest", MaximumText)
        ?? (findings.Inputs.Count == 0 ? "There are no inputs." : null)
        ?? Each(findings.Inputs, MaximumInputs, "input", Source)
        ?? Each(findings.Classifications, MaximumItems, "classification", Classification)
        ?? (findings.Segmentation is { } map ? Map(map) : null)
        ?? Each(findings.Measurements, MaximumItems, "measurement", (measurement, what) => Measured(measurement, what, findings.Segmentation))
        ?? Each(findings.Notes, MaximumItems, "note", (note, what) => Text(note, what, MaximumText));

    private static string? Model(ModelIdentity model) =>
        Text(model.Name, "the model's name", MaximumName)
        ?? Text(model.Version, "the model's version", MaximumName)
        ?? Text(model.Manufacturer, "the model's manufacturer", MaximumName)
        ?? Text(model.AlgorithmName, "the algorithm's name", MaximumName)
        ?? Code(model.AlgorithmFamily, "the algorithm's family")
        ?? (model.Digest is { } digest ? Text(digest, "the model's digest", MaximumName) : null)
        ?? (model.Parameters is { } parameters ? Text(parameters, "the model's parameters", MaximumText) : null);

    private static string? Classification(Classification classification, string what) =>
        Code(classification.Finding, $"{what}: the finding")
        ?? Share(classification.Probability, $"{what}: the probability")
        ?? Share(classification.Threshold, $"{what}: the threshold")
        ?? (classification.Site is { } site ? Code(site, $"{what}: the site") : null)
        ?? Each(classification.Evidence, MaximumInputs, $"{what}: evidence", Source);

    private static string? Measured(Measurement measurement, string what, LabelMap? map) =>
        Code(measurement.Quantity, $"{what}: the quantity")
        ?? Code(measurement.Unit, $"{what}: the unit")
        ?? (measurement.Site is { } site ? Code(site, $"{what}: the site") : null)
        ?? (measurement.Method is { } method ? Code(method, $"{what}: the method") : null)
        ?? (double.IsFinite(measurement.Value) ? null : $"{what}: the value is not a finite number.")
        ?? (measurement.SegmentNumber is not { } number || (number >= 1 && number <= (map?.Segments.Count ?? 0)) ? null : $"{what}: there is no segment {number}.");

    private static string? Map(LabelMap map)
    {
        if (map.Rows is < 1 or > ushort.MaxValue || map.Columns is < 1 or > ushort.MaxValue || map.Frames < 1
            || (decimal)map.Rows * map.Columns * map.Frames != map.Labels.Length)
        {
            return "The label map's labels are not rows × columns × frames.";
        }

        if (map.Sources.Count != map.Frames)
        {
            return "The label map has another number of sources than frames.";
        }

        if (map.Segments.Count is < 1 or > LabelMap.MaximumSegments)
        {
            return "The label map must have 1 to 255 segments.";
        }

        for (int i = 0; i < map.Segments.Count; i++)
        {
            if (map.Segments[i]?.Number != i + 1)
            {
                return "The label map's segments are not numbered from 1 in order.";
            }
        }

        if (map.Segments.Count < LabelMap.MaximumSegments && map.Labels.Span.ContainsAnyInRange((byte)(map.Segments.Count + 1), byte.MaxValue))
        {
            return "The label map has a label without a segment.";
        }

        return Each(map.Sources, MaximumInputs, "label map source", Source)
            ?? Each(map.Segments, LabelMap.MaximumSegments, "segment", (segment, what) =>
                Text(segment.Label, $"{what}: the label", MaximumName)
                ?? Code(segment.Category, $"{what}: the category")
                ?? Code(segment.Type, $"{what}: the type")
                ?? (segment.AnatomicRegion is { } region ? Code(region, $"{what}: the anatomic region") : null));
    }

    private static string? Source(SourceInstance source, string what) =>
        Uid(source.SopClass, what) ?? Uid(source.SopInstance, what) ?? Uid(source.Series, what) ?? (source.Frame < 0 ? $"{what}: the frame is negative." : null);

    private static string? Uid(DicomUid uid, string what) => uid.Value is not null && uid.IsValid ? null : $"{what}: a UID is not valid.";

    private static string? Share(double value, string what) => value is >= 0 and <= 1 ? null : $"{what} is not between 0 and 1.";

    private static string? Code(CodedConcept code, string what) =>
        Text(code.Value, $"{what}'s code", MaximumName) ?? Text(code.Scheme, $"{what}'s coding scheme", 16) ?? Text(code.Meaning, $"{what}'s meaning", MaximumName);

    // Backslashes separate values in DICOM, and control characters have no meaning in a name.
    private static string? Text(string? text, string what, int maximum) =>
        string.IsNullOrWhiteSpace(text) ? $"{what} is empty."
        : text.Length > maximum ? string.Create(CultureInfo.InvariantCulture, $"{what} is longer than {maximum} characters.")
        : text.AsSpan().ContainsAny(s_forbidden) || !IsWellFormed(text) ? $"{what} has a backslash or a control character."
        : null;

    private static readonly System.Buffers.SearchValues<char> s_forbidden =
        System.Buffers.SearchValues.Create([.. Enumerable.Range(0, 32).Select(c => (char)c), '\u007f', '\\']);

    private static bool IsWellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]))
            {
                if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                {
                    return false;
                }

                i++;
            }
        }

        return true;
    }

    private static string? Each<T>(IReadOnlyList<T> items, int maximum, string what, Func<T, string, string?> check)
    {
        if (items.Count > maximum)
        {
            return string.Create(CultureInfo.InvariantCulture, $"There are more than {maximum} {what}s.");
        }

        for (int i = 0; i < items.Count; i++)
        {
            string place = string.Create(CultureInfo.InvariantCulture, $"{what} {i + 1}");
            if (items[i] is not { } item)
            {
                return $"{place} is null.";
            }

            if (check(item, place) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }
}
