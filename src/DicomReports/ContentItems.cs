using System.Globalization;
using MedicalAi.Dicom;
using MedicalAi.Findings;

namespace MedicalAi.DicomReports;

/// <summary>The content items of a structured report (PS3.3 C.17.3).</summary>
/// <param name="document">The report, whose character set applies to all of them.</param>
internal sealed class ContentItems(DicomDataSet document)
{
    public const string Contains = "CONTAINS";
    public const string HasConceptModifier = "HAS CONCEPT MOD";
    public const string HasObservationContext = "HAS OBS CONTEXT";
    public const string HasAcquisitionContext = "HAS ACQ CONTEXT";

    public DicomDataSet Code(string relationship, CodedConcept name, CodedConcept value) =>
        Item(relationship, "CODE", name).SetSequence(DicomTags.ConceptCodeSequence, CodeItems.Write(document, value));

    public DicomDataSet Text(string relationship, CodedConcept name, string value) =>
        Item(relationship, "TEXT", name).SetString(DicomTags.TextValue, value);

    public DicomDataSet UidReference(string relationship, CodedConcept name, DicomUid value) =>
        Item(relationship, "UIDREF", name).SetUid(DicomTags.UID, value);

    /// <summary>A number; where its decimal string loses digits, the number itself as well.</summary>
    public DicomDataSet Number(string relationship, CodedConcept name, double value, CodedConcept unit, params ReadOnlySpan<DicomDataSet> children)
    {
        string text = DecimalString.Format(value);
        DicomDataSet measured = new DicomDataSet(document).SetString(DicomTags.NumericValue, text);
        if (double.Parse(text, CultureInfo.InvariantCulture) != value)
        {
            measured.SetDouble(DicomTags.FloatingPointValue, value);
        }

        measured.SetSequence(DicomTags.MeasurementUnitsCodeSequence, CodeItems.Write(document, unit));
        return WithChildren(Item(relationship, "NUM", name).SetSequence(DicomTags.MeasuredValueSequence, measured), children);
    }

    /// <summary>A reference to an image, or to a segment of a segmentation.</summary>
    public DicomDataSet Image(string relationship, CodedConcept? name, DicomUid sopClass, DicomUid sopInstance, int frame = 0, int segment = 0)
    {
        DicomDataSet reference = new DicomDataSet(document).SetUid(DicomTags.ReferencedSOPClassUID, sopClass).SetUid(DicomTags.ReferencedSOPInstanceUID, sopInstance);
        if (frame > 0)
        {
            reference.SetInt(DicomTags.ReferencedFrameNumber, frame);
        }

        if (segment > 0)
        {
            reference.SetInt(DicomTags.ReferencedSegmentNumber, segment);
        }

        return Item(relationship, "IMAGE", name).SetSequence(DicomTags.ReferencedSOPSequence, reference);
    }

    /// <param name="relationship">How its parent relates to it.</param>
    /// <param name="name">The concept.</param>
    /// <param name="template">The template of PS3.16 that it follows; null where its parent's says it.</param>
    /// <param name="children">Its content.</param>
    public DicomDataSet Container(string relationship, CodedConcept name, string? template, params ReadOnlySpan<DicomDataSet> children)
    {
        DicomDataSet item = Item(relationship, "CONTAINER", name).SetString(DicomTags.ContinuityOfContent, "SEPARATE");
        if (template is not null)
        {
            item.SetSequence(DicomTags.ContentTemplateSequence, Template(template));
        }

        return WithChildren(item, children);
    }

    /// <summary>Makes the report itself the root content item.</summary>
    public void SetRoot(CodedConcept name, string template, params ReadOnlySpan<DicomDataSet> children)
    {
        document
            .SetString(DicomTags.ValueType, "CONTAINER")
            .SetSequence(DicomTags.ConceptNameCodeSequence, CodeItems.Write(document, name))
            .SetString(DicomTags.ContinuityOfContent, "SEPARATE")
            .SetSequence(DicomTags.ContentTemplateSequence, Template(template));
        WithChildren(document, children);
    }

    private static DicomDataSet WithChildren(DicomDataSet item, ReadOnlySpan<DicomDataSet> children) =>
        children.IsEmpty ? item : item.SetSequence(DicomTags.ContentSequence, children);

    private DicomDataSet Item(string relationship, string valueType, CodedConcept? name)
    {
        DicomDataSet item = new DicomDataSet(document).SetString(DicomTags.RelationshipType, relationship).SetString(DicomTags.ValueType, valueType);
        return name is { } concept ? item.SetSequence(DicomTags.ConceptNameCodeSequence, CodeItems.Write(document, concept)) : item;
    }

    private DicomDataSet Template(string identifier) =>
        new DicomDataSet(document).SetString(DicomTags.MappingResource, "DCMR").SetString(DicomTags.TemplateIdentifier, identifier);
}
