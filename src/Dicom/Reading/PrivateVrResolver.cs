namespace MedicalAi.Dicom;

/// <summary>Finds the VR of private elements where the encoding names none, by the tables of their creators (PS3.5 section 7.8).</summary>
internal sealed class PrivateVrResolver
{
    private DicomDataSet? _dataSet;
    private DicomTag _block;
    private PrivateCreator? _creator;

    /// <summary>The VR of an element of a data set whose creator has come before it; UN where it is not known.</summary>
    public Vr Resolve(DicomDataSet dataSet, DicomTag tag, long length)
    {
        // Elements of one block come one after the other.
        DicomTag block = new(tag.Group, (ushort)(tag.Element >> 8));
        if (block != _block || !ReferenceEquals(dataSet, _dataSet))
        {
            (_dataSet, _block, _creator) = (dataSet, block, dataSet.FindCreator(tag));
        }

        return _creator?.FindVr(tag, length) ?? Vr.UN;
    }
}
