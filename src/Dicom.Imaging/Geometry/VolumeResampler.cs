namespace MedicalAi.Dicom.Imaging;

/// <summary>Reads the values of one grid at the voxels of another.</summary>
public static class VolumeResampler
{
    /// <summary>Interpolates linearly along the three axes.</summary>
    /// <param name="source">The values of the source grid.</param>
    /// <param name="from">The source grid.</param>
    /// <param name="target">Takes the values of the target grid.</param>
    /// <param name="to">The target grid.</param>
    /// <param name="outside">The value outside the source.</param>
    /// <param name="threads">The most threads to use.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static void Linear(ReadOnlyMemory<float> source, VolumeGeometry from, Memory<float> target, VolumeGeometry to, float outside, int threads, CancellationToken cancellationToken)
    {
        ForEachLine(source, from, target, to, threads, (values, line, row, step) =>
        {
            for (int c = 0; c < line.Length; c++)
            {
                line[c] = Interpolate(values, from, outside, row.X + (step.X * c), row.Y + (step.Y * c), row.Z + (step.Z * c));
            }
        }, cancellationToken);
    }

    /// <summary>Takes the label of the nearest source voxel; outside the source all is 0.</summary>
    /// <param name="source">The labels of the source grid.</param>
    /// <param name="from">The source grid.</param>
    /// <param name="target">Takes the labels of the target grid.</param>
    /// <param name="to">The target grid.</param>
    /// <param name="threads">The most threads to use.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static void Nearest(ReadOnlyMemory<byte> source, VolumeGeometry from, Memory<byte> target, VolumeGeometry to, int threads, CancellationToken cancellationToken)
    {
        ForEachLine(source, from, target, to, threads, (labels, line, row, step) =>
        {
            for (int c = 0; c < line.Length; c++)
            {
                int x = (int)Math.Floor(row.X + (step.X * c) + 0.5);
                int y = (int)Math.Floor(row.Y + (step.Y * c) + 0.5);
                int z = (int)Math.Floor(row.Z + (step.Z * c) + 0.5);
                line[c] = (uint)x < (uint)from.CountA && (uint)y < (uint)from.CountB && (uint)z < (uint)from.CountC
                    ? labels[(((x * from.CountB) + y) * from.CountC) + z]
                    : (byte)0;
            }
        }, cancellationToken);
    }

    // What is done with a line of the target: row is the place of its first voxel in the indexes of the source, step that from voxel to voxel.
    private delegate void LineReader<T>(ReadOnlySpan<T> source, Span<T> line, Vector3 row, Vector3 step);

    private static void ForEachLine<T>(ReadOnlyMemory<T> source, VolumeGeometry from, Memory<T> target, VolumeGeometry to, int threads, LineReader<T> read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentOutOfRangeException.ThrowIfLessThan(source.Length, from.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(target.Length, to.Count);
        GridTransform way = GridTransform.Between(to, from);
        Parallel.For(0, to.CountA, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, a =>
        {
            Span<T> plane = target.Span.Slice(a * to.CountB * to.CountC, to.CountB * to.CountC);
            for (int b = 0; b < to.CountB; b++)
            {
                read(source.Span, plane.Slice(b * to.CountC, to.CountC), way.Offset + (way.A * a) + (way.B * b), way.C);
            }
        });
    }

    private static float Interpolate(ReadOnlySpan<float> values, VolumeGeometry grid, float outside, double a, double b, double c)
    {
        int a0 = (int)Math.Floor(a);
        int b0 = (int)Math.Floor(b);
        int c0 = (int)Math.Floor(c);
        if (a0 < -1 || b0 < -1 || c0 < -1 || a0 >= grid.CountA || b0 >= grid.CountB || c0 >= grid.CountC)
        {
            return outside;
        }

        float fa = (float)(a - a0);
        float fb = (float)(b - b0);
        float fc = (float)(c - c0);
        if (fa == 0 && fb == 0 && fc == 0)
        {
            return At(values, grid, outside, a0, b0, c0);
        }

        float low = Blend(Blend(At(values, grid, outside, a0, b0, c0), At(values, grid, outside, a0, b0, c0 + 1), fc), Blend(At(values, grid, outside, a0, b0 + 1, c0), At(values, grid, outside, a0, b0 + 1, c0 + 1), fc), fb);
        float high = Blend(Blend(At(values, grid, outside, a0 + 1, b0, c0), At(values, grid, outside, a0 + 1, b0, c0 + 1), fc), Blend(At(values, grid, outside, a0 + 1, b0 + 1, c0), At(values, grid, outside, a0 + 1, b0 + 1, c0 + 1), fc), fb);
        return Blend(low, high, fa);
    }

    private static float At(ReadOnlySpan<float> values, VolumeGeometry grid, float outside, int a, int b, int c) =>
        (uint)a < (uint)grid.CountA && (uint)b < (uint)grid.CountB && (uint)c < (uint)grid.CountC ? values[(((a * grid.CountB) + b) * grid.CountC) + c] : outside;

    private static float Blend(float low, float high, float share) => low + ((high - low) * share);
}
