namespace MedicalAi.Dicom.Imaging;

/// <summary>
/// A grid of voxels in the patient. Voxel (a, b, c) has its centre at Origin + a A + b B + c C, and the number
/// (a CountB + b) CountC + c in memory: C runs fastest. Of a series, A goes from slice to slice, B from row to row, C from column
/// to column.
/// </summary>
/// <param name="Origin">The centre of voxel (0, 0, 0), in mm.</param>
/// <param name="A">The step of the slowest index, in mm.</param>
/// <param name="B">The step of the middle index, in mm.</param>
/// <param name="C">The step of the fastest index, in mm.</param>
/// <param name="CountA">The number of voxels along A.</param>
/// <param name="CountB">The number of voxels along B.</param>
/// <param name="CountC">The number of voxels along C.</param>
public sealed record VolumeGeometry(Vector3 Origin, Vector3 A, Vector3 B, Vector3 C, int CountA, int CountB, int CountC)
{
    /// <summary>The number of voxels.</summary>
    public long Count => (long)CountA * CountB * CountC;

    /// <summary>The volume of a voxel in mm³.</summary>
    public double VoxelVolume => Math.Abs(A.Dot(B.Cross(C)));

    /// <summary>The middle of the grid.</summary>
    public Vector3 Centre => Origin + (A * ((CountA - 1) / 2.0)) + (B * ((CountB - 1) / 2.0)) + (C * ((CountC - 1) / 2.0));

    /// <summary>A grid with its axes along those of the patient, around a point.</summary>
    /// <param name="orientation">
    /// Where the three indexes run to, slowest first: letters of L, R (left, right), P, A (back, front), S, I (head, feet), for
    /// example <c>LIA</c>.
    /// </param>
    /// <param name="counts">The number of voxels along each.</param>
    /// <param name="spacing">The distance of two voxels along each, in mm.</param>
    /// <param name="centre">The middle of the grid.</param>
    /// <returns>The grid; null when the letters do not name three axes.</returns>
    public static VolumeGeometry? Along(string orientation, (int A, int B, int C) counts, (double A, double B, double C) spacing, Vector3 centre)
    {
        ArgumentNullException.ThrowIfNull(orientation);
        if (orientation.Length != 3 || Direction(orientation[0]) is not { } a || Direction(orientation[1]) is not { } b || Direction(orientation[2]) is not { } c
            || a.Cross(b).Dot(c) == 0)
        {
            return null;
        }

        VolumeGeometry atZero = new(default, a * spacing.A, b * spacing.B, c * spacing.C, counts.A, counts.B, counts.C);
        return atZero with { Origin = centre - atZero.Centre };
    }

    private static Vector3? Direction(char letter) => letter switch
    {
        'L' => new Vector3(1, 0, 0),
        'R' => new Vector3(-1, 0, 0),
        'P' => new Vector3(0, 1, 0),
        'A' => new Vector3(0, -1, 0),
        'S' => new Vector3(0, 0, 1),
        'I' => new Vector3(0, 0, -1),
        _ => null,
    };
}
