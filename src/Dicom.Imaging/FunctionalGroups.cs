namespace MedicalAi.Dicom.Imaging;

/// <summary>Finds what a multi-frame instance says of one frame (PS3.3 C.7.6.16).</summary>
public static class FunctionalGroups
{
    /// <summary>
    /// The data set that holds a macro's attributes for a frame: the item in the frame's own functional groups, else in the shared
    /// ones, else the data set itself, where instances without functional groups have them.
    /// </summary>
    /// <param name="dataSet">The instance.</param>
    /// <param name="frame">The frame, counted from 1.</param>
    /// <param name="macro">The macro's sequence, for example Frame VOI LUT Sequence (0028,9132).</param>
    public static DicomDataSet Find(DicomDataSet dataSet, int frame, DicomTag macro)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentOutOfRangeException.ThrowIfLessThan(frame, 1);
        IReadOnlyList<DicomDataSet> perFrame = dataSet.GetItems(DicomTags.PerFrameFunctionalGroupsSequence);
        return (frame <= perFrame.Count ? First(perFrame[frame - 1], macro) : null)
            ?? (dataSet.GetItems(DicomTags.SharedFunctionalGroupsSequence) is [DicomDataSet shared, ..] ? First(shared, macro) : null)
            ?? dataSet;
    }

    private static DicomDataSet? First(DicomDataSet groups, DicomTag macro) => groups.GetItems(macro) is [DicomDataSet item, ..] ? item : null;
}
