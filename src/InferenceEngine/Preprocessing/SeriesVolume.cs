using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Imaging;

namespace MedicalAi.InferenceEngine;

/// <summary>The voxels of a series.</summary>
/// <param name="Values">The values in the order of the grid.</param>
/// <param name="Grid">The grid.</param>
/// <param name="Slices">The instance of each slice, in the order of the grid.</param>
internal sealed record SeriesVolume(float[] Values, VolumeGeometry Grid, IReadOnlyList<InstanceRow> Slices)
{
    private const int Readers = 4;

    /// <summary>Reads the instances of a series.</summary>
    /// <param name="pixels">Reads pixels.</param>
    /// <param name="rows">The instances.</param>
    /// <param name="rescales">Whether slope and intercept of each slice are applied.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InferenceException">The instances make up no volume, or cannot be read.</exception>
    public static async Task<SeriesVolume> ReadAsync(InstancePixels pixels, IReadOnlyList<InstanceRow> rows, bool rescales, CancellationToken cancellationToken)
    {
        SliceGeometry[] slices = new SliceGeometry[rows.Count];
        PixelDescription[] descriptions = new PixelDescription[rows.Count];
        float[][] values = new float[rows.Count][];
        await Parallel.ForAsync(0, rows.Count, new ParallelOptions { MaxDegreeOfParallelism = Readers, CancellationToken = cancellationToken }, async (i, token) =>
        {
            (DicomDataSet header, PixelDescription description, byte[] frame) = await pixels.ReadAsync(rows[i], token);
            ParseResult<SliceGeometry> slice = SliceGeometry.Read(header);
            if (!slice.Ok)
            {
                throw new InferenceException($"Input {rows[i].Identity.SopInstance}: {slice.Error}");
            }

            float[] read = new float[description.PixelsPerFrame];
            if (NativeSamples.ReadGrayscale(description, frame, read) is { } error)
            {
                throw new InferenceException($"Input {rows[i].Identity.SopInstance}: {error}");
            }

            if (rescales)
            {
                ModalityTransform.Read(header).Apply(read);
            }

            (slices[i], descriptions[i], values[i]) = (slice.Value, description, read);
        });

        (int height, int width) = (descriptions[0].Rows, descriptions[0].Columns);
        if (descriptions.Any(description => description.Rows != height || description.Columns != width))
        {
            throw new InferenceException("The images have different sizes.");
        }

        (SeriesGeometry? geometry, string? problem) = SeriesGeometry.Build(slices, height, width);
        if (geometry is null)
        {
            throw new InferenceException(problem!);
        }

        float[] volume = new float[geometry.Volume.Count];
        for (int slice = 0; slice < geometry.Order.Count; slice++)
        {
            values[geometry.Order[slice]].CopyTo(volume, (long)slice * height * width);
        }

        return new SeriesVolume(volume, geometry.Volume, [.. geometry.Order.Select(i => rows[i])]);
    }
}
