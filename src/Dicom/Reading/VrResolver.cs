namespace MedicalAi.Dicom;

/// <summary>Chooses among the VRs that the dictionary allows for an element where the encoding does not name one (PS3.5 A.1).</summary>
internal static class VrResolver
{
    public static Vr Resolve(DicomDataSet dataSet, DicomTag tag, Vr vr, bool isExplicit)
    {
        if (isExplicit || vr != Vr.US || tag.Group is not (0x0028 or 0x0040 or 0x0018 or 0x0022))
        {
            return vr;
        }

        return DicomDictionary.Find(tag) is { } entry && entry.Vrs.Contains("SS", StringComparison.Ordinal) && IsSigned(dataSet) ? Vr.SS : vr;
    }

    // Pixel Representation stands in the data set itself or in one that encloses it.
    private static bool IsSigned(DicomDataSet? dataSet)
    {
        for (; dataSet is not null; dataSet = dataSet.Parent)
        {
            if (dataSet.GetInt32(DicomTags.PixelRepresentation) is { } representation)
            {
                return representation == 1;
            }
        }

        return false;
    }
}
