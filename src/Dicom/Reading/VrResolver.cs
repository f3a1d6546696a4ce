namespace MedicalAi.Dicom;

/// <summary>
/// Chooses among the VRs that the dictionary allows for an element where the encoding names none (PS3.5 A.1). Words are OW;
/// of US and SS, Pixel Representation (0028,0103) says which: of the data set, else of the nearest one that encloses it. It may
/// come later, in which case the element gets its VR at the end.
/// </summary>
internal sealed class VrResolver
{
    private readonly List<(DicomDataSet DataSet, DicomTag Tag)> _undecided = [];

    /// <summary>The elements whose VR the dictionary gives as "US or SS", in order.</summary>
    internal static ReadOnlySpan<uint> UsOrSs =>
    [
        0x00189810, 0x00221452, 0x00280071, 0x00280104, 0x00280105, 0x00280106, 0x00280107, 0x00280108, 0x00280109, 0x00280110,
        0x00280111, 0x00280120, 0x00280121, 0x00281100, 0x00281101, 0x00281102, 0x00281103, 0x00281111, 0x00281112, 0x00281113,
        0x00283002, 0x00409211, 0x00409216, 0x00603004, 0x00603006,
    ];

    /// <summary>The VR of an element of a data set, as far as it is known yet.</summary>
    public Vr Resolve(DicomDataSet dataSet, DicomTag tag, Vr vr)
    {
        if (Choose(dataSet, tag, vr) is { } chosen)
        {
            return chosen;
        }

        _undecided.Add((dataSet, tag));
        return vr;
    }

    /// <summary>The VR of an element of a data set; null where Pixel Representation decides it, and there is none.</summary>
    public static Vr? Choose(DicomDataSet dataSet, DicomTag tag, Vr vr) =>
        WithoutRepresentation(tag, vr) is { } known ? known
        : FindRepresentation(dataSet) is { } representation ? representation == 1 ? Vr.SS : Vr.US
        : null;

    /// <summary>The VR of an element where Pixel Representation has no say in it; null where it has.</summary>
    internal static Vr? WithoutRepresentation(DicomTag tag, Vr vr) =>
        vr != Vr.US ? vr
        : UsOrSs.BinarySearch(tag.Value) >= 0 ? null
        : tag == DicomTags.LUTData || tag == DicomTags.GrayLookupTableData ? Vr.OW
        : vr;

    /// <summary>Gives the elements their VR that came before what decides it.</summary>
    public void Finish()
    {
        foreach ((DicomDataSet dataSet, DicomTag tag) in _undecided)
        {
            if (FindRepresentation(dataSet) == 1 && dataSet.Find(tag) is { Vr: Vr.US, Bulk: null } element)
            {
                dataSet.Set(new DicomElement(tag, Vr.SS, element.Value));
            }
        }

        _undecided.Clear();
    }

    private static int? FindRepresentation(DicomDataSet? dataSet)
    {
        for (; dataSet is not null; dataSet = dataSet.Parent)
        {
            if (dataSet.GetInt32(DicomTags.PixelRepresentation) is { } representation)
            {
                return representation;
            }
        }

        return null;
    }
}
