using System.Globalization;

namespace MedicalAi.Dicom.Imaging;

/// <summary>The images of a series in their order in space, and the grid that they make up.</summary>
/// <param name="Volume">The grid.</param>
/// <param name="Order">The indexes of the images, from the first slice to the last along the normal.</param>
public sealed record SeriesGeometry(VolumeGeometry Volume, IReadOnlyList<int> Order)
{
    private const double DirectionTolerance = 1e-3;
    private const double SpacingTolerance = 1e-3;

    // Positions are often rounded to 0.1 mm, and a slice that is missing shows as a gap of twice the distance.
    private const double GapTolerance = 0.1;

    /// <summary>Sorts the images of a series by their position along the normal, and checks that they make up a regular grid.</summary>
    /// <param name="slices">The planes.</param>
    /// <param name="rows">The rows of each image.</param>
    /// <param name="columns">The columns of each image.</param>
    /// <returns>The grid, or in words why the images make up none.</returns>
    public static (SeriesGeometry? Geometry, string? Problem) Build(IReadOnlyList<SliceGeometry> slices, int rows, int columns)
    {
        ArgumentNullException.ThrowIfNull(slices);
        if (slices.Count < 2)
        {
            return (null, "A volume needs two slices or more.");
        }

        SliceGeometry first = slices[0];
        Vector3 normal = first.Normal;
        double[] distances = new double[slices.Count];
        for (int i = 0; i < slices.Count; i++)
        {
            SliceGeometry slice = slices[i];
            if ((slice.RowDirection - first.RowDirection).Length > DirectionTolerance || (slice.ColumnDirection - first.ColumnDirection).Length > DirectionTolerance)
            {
                return (null, "The slices are not parallel.");
            }

            if (Math.Abs(slice.RowSpacing - first.RowSpacing) > SpacingTolerance || Math.Abs(slice.ColumnSpacing - first.ColumnSpacing) > SpacingTolerance)
            {
                return (null, "The slices have different pixel spacings.");
            }

            distances[i] = slice.Position.Dot(normal);
        }

        int[] order = [.. Enumerable.Range(0, slices.Count).OrderBy(i => distances[i])];
        double gap = (distances[order[^1]] - distances[order[0]]) / (slices.Count - 1);
        for (int i = 1; i < order.Length; i++)
        {
            if (distances[order[i]] - distances[order[i - 1]] < SpacingTolerance)
            {
                return (null, "Two slices are at the same place.");
            }
        }

        for (int i = 1; i < order.Length; i++)
        {
            double step = distances[order[i]] - distances[order[i - 1]];
            if (Math.Abs(step - gap) > GapTolerance * gap)
            {
                return (null, string.Create(CultureInfo.InvariantCulture, $"The slices are not at equal distances: {step:0.###} mm after slice {i}, {gap:0.###} mm on the whole. A slice may be missing."));
            }
        }

        Vector3 begin = slices[order[0]].Position;
        Vector3 between = (slices[order[^1]].Position - begin) * (1.0 / (slices.Count - 1));
        if ((between - (normal * gap)).Length > GapTolerance * gap)
        {
            return (null, "The slices are shifted against each other (gantry tilt).");
        }

        VolumeGeometry volume = new(begin, between, first.ColumnDirection * first.RowSpacing, first.RowDirection * first.ColumnSpacing, slices.Count, rows, columns);
        return (new SeriesGeometry(volume, order), null);
    }
}
