using MedicalAi.Dicom;

namespace MedicalAi.DicomReports.Tests;

/// <summary>A structured report as lines: relationship, value type, concept and value, indented by depth.</summary>
internal static class ContentTree
{
    public static string Write(DicomDataSet report)
    {
        List<string> lines = [];
        Write(report, 0, lines);
        return string.Join('\n', lines);
    }

    /// <summary>Every SOP Instance UID that the content refers to.</summary>
    public static IEnumerable<string> References(DicomDataSet item) =>
        item.GetItems(DicomTags.ReferencedSOPSequence).Select(reference => reference.GetString(DicomTags.ReferencedSOPInstanceUID)!)
            .Concat(item.GetItems(DicomTags.ContentSequence).SelectMany(References));

    private static void Write(DicomDataSet item, int depth, List<string> lines)
    {
        string relationship = item.GetString(DicomTags.RelationshipType) ?? "ROOT";
        string concept = item.GetItems(DicomTags.ConceptNameCodeSequence) is [{ } name, ..] ? Code(name) : "";
        string template = item.GetItems(DicomTags.ContentTemplateSequence) is [{ } t, ..] ? $" TID {t.GetString(DicomTags.TemplateIdentifier)}" : "";
        lines.Add($"{new string(' ', depth * 2)}{relationship} {item.GetString(DicomTags.ValueType)} {concept}{Value(item)}{template}".TrimEnd());
        foreach (DicomDataSet child in item.GetItems(DicomTags.ContentSequence))
        {
            Write(child, depth + 1, lines);
        }
    }

    private static string Value(DicomDataSet item) => item.GetString(DicomTags.ValueType) switch
    {
        "CODE" => " = " + Code(item.GetItems(DicomTags.ConceptCodeSequence)[0]),
        "TEXT" => $" = {item.GetString(DicomTags.TextValue)}",
        "UIDREF" => item.GetString(DicomTags.UID) is { } uid && uid.StartsWith("2.25.", StringComparison.Ordinal) ? " = 2.25" : $" = {item.GetString(DicomTags.UID)}",
        "NUM" => item.GetItems(DicomTags.MeasuredValueSequence)[0] is var measured ? $" = {measured.GetString(DicomTags.NumericValue)} {Code(measured.GetItems(DicomTags.MeasurementUnitsCodeSequence)[0])}" : "",
        "IMAGE" => item.GetItems(DicomTags.ReferencedSOPSequence)[0] is var image
            ? $" = {Name(image)}{(image.GetInt32(DicomTags.ReferencedSegmentNumber) is { } segment ? $" segment {segment}" : "")}{(image.GetInt32(DicomTags.ReferencedFrameNumber) is { } frame ? $" frame {frame}" : "")}" : "",
        _ => "",
    };

    private static string Name(DicomDataSet image)
    {
        string uid = image.GetString(DicomTags.ReferencedSOPInstanceUID)!;
        return uid.StartsWith("2.25.", StringComparison.Ordinal) ? "2.25" : uid[(uid.LastIndexOf("498.", StringComparison.Ordinal) + 4)..];
    }

    private static string Code(DicomDataSet item) => $"({item.GetString(DicomTags.CodeValue)} {item.GetString(DicomTags.CodingSchemeDesignator)} {item.GetString(DicomTags.CodeMeaning)})";
}
