namespace MedicalAi.Bench.Headers;

/// <summary>How our process reads headers.</summary>
internal enum HeaderWay
{
    /// <summary>Into a <see cref="Dicom.DicomDataSet"/>, as pydicom and dcmtk do.</summary>
    DataSet,

    /// <summary>By <see cref="Dicom.DicomReader"/>: every element is seen, none is kept.</summary>
    Reader,
}
