namespace MedicalAi.Dicom.Imaging;

/// <summary>Leads from the indexes of one grid to those of another: index = Offset + a A + b B + c C.</summary>
/// <param name="Offset">The place of voxel (0, 0, 0) of the first grid, as indexes (a, b, c) of the second.</param>
/// <param name="A">The step of the first grid's slowest index.</param>
/// <param name="B">The step of its middle index.</param>
/// <param name="C">The step of its fastest index.</param>
internal readonly record struct GridTransform(Vector3 Offset, Vector3 A, Vector3 B, Vector3 C)
{
    /// <summary>Makes the way from the indexes of one grid to those of another.</summary>
    public static GridTransform Between(VolumeGeometry from, VolumeGeometry to)
    {
        // The rows of the inverse of (A B C), by vector products over the determinant.
        double determinant = to.A.Dot(to.B.Cross(to.C));
        Vector3 a = to.B.Cross(to.C) * (1 / determinant);
        Vector3 b = to.C.Cross(to.A) * (1 / determinant);
        Vector3 c = to.A.Cross(to.B) * (1 / determinant);
        return new GridTransform(Turn(from.Origin - to.Origin), Turn(from.A), Turn(from.B), Turn(from.C));

        Vector3 Turn(Vector3 v) => new(Clean(a.Dot(v)), Clean(b.Dot(v)), Clean(c.Dot(v)));
    }

    // Grids that fall on each other are to be read without interpolating by rounding errors.
    private static double Clean(double value) => Math.Abs(value - Math.Round(value)) < 1e-7 ? Math.Round(value) : value;
}
