namespace MedicalAi.Dicom.Tests.Differential;

/// <summary>Files of ours for others to read.</summary>
internal static class Copies
{
    /// <summary>
    /// The part of a data set that a transfer syntax can hold: without pixel data in fragments where it is not one; without elements whose VR is lost in implicit VR, for the dictionary does not have it,
    /// or has a choice of which another one follows;
    /// without UN in big endian, whose numbers pydicom takes to be so too, against PS3.5 section 6.2.2; odd values with their padding.
    /// </summary>
    public static DicomDataSet For(TransferSyntax syntax, DicomDataSet dataSet)
    {
        DicomDataSet copy = For(syntax, dataSet, null);
        if (!syntax.IsExplicitVr)
        {
            RemoveChanged(copy, DicomDataSet.Parse(DicomDataSetWriter.ToBytes(copy, syntax), syntax).Value);
        }

        return copy;
    }

    private static void RemoveChanged(DicomDataSet dataSet, DicomDataSet read)
    {
        foreach (DicomElement element in dataSet.ToArray())
        {
            if (read.Find(element.Tag) is { } other && other.Vr != element.Vr)
            {
                dataSet.Remove(element.Tag);
            }
            else if (element.Items is { } items)
            {
                for (int i = 0; i < items.Count; i++)
                {
                    RemoveChanged(items[i], read.GetItems(element.Tag)[i]);
                }
            }
        }
    }

    private static DicomDataSet For(TransferSyntax syntax, DicomDataSet dataSet, DicomDataSet? parent)
    {
        DicomDataSet copy = new(parent);
        foreach (DicomElement element in dataSet)
        {
            if ((element.Fragments is not null && !syntax.IsEncapsulated) || (!syntax.IsExplicitVr && !IsOfDictionary(element)) || (syntax.IsBigEndian && element.Vr == Vr.UN))
            {
                continue;
            }

            if (element.Items is { } items)
            {
                copy.Set(new DicomElement(element.Tag, [.. items.Select(item => For(syntax, item, copy))]));
            }
            else
            {
                copy.Set(element.Vr.IsBulk() && element.Value.Length % 2 == 1
                    ? new DicomElement(element.Tag, element.Vr, (byte[])[.. element.Value.Span, 0])
                    : element);
            }
        }

        return copy;
    }

    /// <summary>A file of a data set, whether or not it says which instance it is.</summary>
    public static byte[] File(DicomDataSet dataSet, TransferSyntax syntax) =>
    [
        .. new FileMetaInformation
        {
            MediaStorageSopClass = dataSet.GetUid(DicomTags.SOPClassUID) ?? DicomUids.RawDataStorage,
            MediaStorageSopInstance = dataSet.GetUid(DicomTags.SOPInstanceUID) ?? new DicomUid("2.25.1"),
            TransferSyntaxUid = syntax.Uid,
        }.ToPart10Header(),
        .. DicomDataSetWriter.ToBytes(dataSet, syntax),
    ];

    private static bool IsOfDictionary(DicomElement element) => DicomDictionary.Find(element.Tag) is { } entry
        && entry.Vrs.Contains(element.Vr.ToString(), StringComparison.Ordinal)
        && (element.Vr != Vr.OB || entry.Vr == Vr.OB);
}
