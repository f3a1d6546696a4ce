namespace MedicalAi.Dicom.Imaging;

/// <summary>Where an image lies in the patient: the Image Plane module (PS3.3 C.7.6.2).</summary>
/// <param name="Position">The centre of the first pixel, in mm.</param>
/// <param name="RowDirection">The direction along a row, from column to column; of length 1.</param>
/// <param name="ColumnDirection">The direction along a column, from row to row; of length 1.</param>
/// <param name="RowSpacing">The distance of two rows in mm (the first value of Pixel Spacing).</param>
/// <param name="ColumnSpacing">The distance of two columns in mm (the second value of Pixel Spacing).</param>
public readonly record struct SliceGeometry(Vector3 Position, Vector3 RowDirection, Vector3 ColumnDirection, double RowSpacing, double ColumnSpacing)
{
    // DS holds up to 16 digits, but devices write directions with as few as 4.
    private const double DirectionTolerance = 1e-2;

    /// <summary>The direction at right angles to the image.</summary>
    public Vector3 Normal => RowDirection.Cross(ColumnDirection);

    /// <summary>Reads the plane of an instance with one frame.</summary>
    /// <returns>The plane, or which attribute is missing or cannot be.</returns>
    public static ParseResult<SliceGeometry> Read(DicomDataSet dataSet)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        double[] position = dataSet.GetDoubles(DicomTags.ImagePositionPatient);
        double[] orientation = dataSet.GetDoubles(DicomTags.ImageOrientationPatient);
        double[] spacing = dataSet.GetDoubles(DicomTags.PixelSpacing);
        if (position.Length != 3)
        {
            return Missing(DicomTags.ImagePositionPatient);
        }

        if (orientation.Length != 6)
        {
            return Missing(DicomTags.ImageOrientationPatient);
        }

        if (spacing.Length != 2 || spacing[0] <= 0 || spacing[1] <= 0)
        {
            return Missing(DicomTags.PixelSpacing);
        }

        Vector3 row = new(orientation[0], orientation[1], orientation[2]);
        Vector3 column = new(orientation[3], orientation[4], orientation[5]);
        if (Math.Abs(row.Length - 1) > DirectionTolerance || Math.Abs(column.Length - 1) > DirectionTolerance || Math.Abs(row.Dot(column)) > DirectionTolerance)
        {
            return Missing(DicomTags.ImageOrientationPatient);
        }

        return new SliceGeometry(new Vector3(position[0], position[1], position[2]), row * (1 / row.Length), column * (1 / column.Length), spacing[0], spacing[1]);
    }

    private static DicomError Missing(DicomTag tag) =>
        new(DicomErrorKind.InvalidLength, "An attribute that places the image in the patient is missing or cannot be.", 0, tag);
}
