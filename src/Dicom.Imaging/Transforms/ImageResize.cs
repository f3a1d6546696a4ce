namespace MedicalAi.Dicom.Imaging;

/// <summary>Cuts and resizes images of one value a pixel, row by row.</summary>
public static class ImageResize
{
    /// <summary>Cuts the largest square around the middle.</summary>
    /// <returns>The square's values and its side.</returns>
    public static (float[] Values, int Side) CropSquare(ReadOnlySpan<float> values, int rows, int columns)
    {
        int side = Math.Min(rows, columns);
        int top = (rows - side) / 2;
        int left = (columns - side) / 2;
        float[] square = new float[side * side];
        for (int row = 0; row < side; row++)
        {
            values.Slice(((top + row) * columns) + left, side).CopyTo(square.AsSpan(row * side));
        }

        return (square, side);
    }

    /// <summary>Resizes by area: each target pixel is the mean of the source under it, parts of pixels counted in part.</summary>
    public static float[] Area(ReadOnlySpan<float> values, int rows, int columns, int targetRows, int targetColumns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(values.Length, rows * columns);

        // One axis after the other: first along the rows, then along the columns.
        float[] narrow = new float[rows * targetColumns];
        double step = (double)columns / targetColumns;
        for (int column = 0; column < targetColumns; column++)
        {
            double begin = column * step;
            double end = Math.Min(columns, (column + 1) * step);
            int last = Math.Min(columns - 1, (int)Math.Ceiling(end) - 1);
            for (int row = 0; row < rows; row++)
            {
                double sum = 0;
                for (int x = (int)begin; x <= last; x++)
                {
                    sum += values[(row * columns) + x] * (Math.Min(x + 1, end) - Math.Max(x, begin));
                }

                narrow[(row * targetColumns) + column] = (float)(sum / (end - begin));
            }
        }

        float[] target = new float[targetRows * targetColumns];
        step = (double)rows / targetRows;
        for (int row = 0; row < targetRows; row++)
        {
            double begin = row * step;
            double end = Math.Min(rows, (row + 1) * step);
            int last = Math.Min(rows - 1, (int)Math.Ceiling(end) - 1);
            for (int column = 0; column < targetColumns; column++)
            {
                double sum = 0;
                for (int y = (int)begin; y <= last; y++)
                {
                    sum += narrow[(y * targetColumns) + column] * (Math.Min(y + 1, end) - Math.Max(y, begin));
                }

                target[(row * targetColumns) + column] = (float)(sum / (end - begin));
            }
        }

        return target;
    }
}
