namespace MedicalAi.Dicom;

/// <summary>Values that say nothing and are right for their VR (action D of PS3.15 table E.1-1).</summary>
internal static class DummyValues
{
    /// <summary>The text in the place of any other.</summary>
    public const string Text = "DEIDENTIFIED";

    // What tells the form of a content item or a graphic, from lists of the standard: without it an item has no meaning.
    private static readonly DicomTag[] s_forms =
    [
        DicomTags.RelationshipType, DicomTags.ValueType, DicomTags.ContinuityOfContent, DicomTags.GraphicType, DicomTags.GraphicAnnotationUnits,
        DicomTags.BoundingBoxAnnotationUnits, DicomTags.AnchorPointAnnotationUnits, DicomTags.AnchorPointVisibility, DicomTags.GraphicFilled,
    ];

    /// <summary>The element with a value that says nothing. Of a sequence one item is left, of which every value says nothing.</summary>
    /// <param name="source">The element.</param>
    /// <param name="pseudonyms">Maps the UIDs.</param>
    /// <param name="parent">The data set that the element goes to.</param>
    public static DicomElement Replace(DicomElement source, Pseudonyms pseudonyms, DicomDataSet parent)
    {
        if (source.Items is { } items)
        {
            return new DicomElement(source.Tag, items.Count == 0 ? [] : [Item(items[0], pseudonyms, parent)]);
        }

        Vr vr = source.Vr == Vr.UN ? DicomDictionary.FindVr(source.Tag) : source.Vr;
        if (vr == Vr.SQ)
        {
            return new DicomElement(source.Tag, []); // Not understood as a sequence: there is nothing to make an item of.
        }

        DicomDataSet value = new(parent);
        switch (vr)
        {
            case Vr.UI:
                return MapUids(source, pseudonyms);
            case Vr.DA:
                return value.SetString(source.Tag, vr, "19000101").Find(source.Tag)!;
            case Vr.DT:
                return value.SetString(source.Tag, vr, "19000101000000").Find(source.Tag)!;
            case Vr.TM:
                return value.SetString(source.Tag, vr, "000000").Find(source.Tag)!;
            case Vr.AS:
                return value.SetString(source.Tag, vr, "000Y").Find(source.Tag)!;
            case Vr.DS or Vr.IS:
                return value.SetString(source.Tag, vr, "0").Find(source.Tag)!;
            case Vr.UR:
                return value.SetString(source.Tag, vr, "urn:deidentified").Find(source.Tag)!;
            default:
                return vr.IsText()
                    ? value.SetString(source.Tag, vr, Text).Find(source.Tag)!
                    : new DicomElement(source.Tag, vr, new byte[Math.Max(2, vr.UnitSize())]);
        }
    }

    /// <summary>The element with each UID replaced by its own.</summary>
    public static DicomElement MapUids(DicomElement source, Pseudonyms pseudonyms)
    {
        DicomDataSet uids = new DicomDataSet().SetBytes(source.Tag, Vr.UI, source.Value);
        return uids.SetString(source.Tag, Vr.UI, [.. uids.GetStrings(source.Tag).Select(pseudonyms.Uid)]).Find(source.Tag)!;
    }

    private static DicomDataSet Item(DicomDataSet source, Pseudonyms pseudonyms, DicomDataSet parent)
    {
        DicomDataSet item = new(parent);
        foreach (DicomElement element in source)
        {
            if (element.Tag.IsPrivate || element.Tag.IsGroupLength || element.Tag == DicomTags.SpecificCharacterSet || DicomDictionary.Find(element.Tag) is null)
            {
                continue;
            }

            bool isForm = Array.IndexOf(s_forms, element.Tag) >= 0;
            item.Set(isForm || element.IsEmpty ? element : Replace(element, pseudonyms, item));
        }

        return item;
    }
}
