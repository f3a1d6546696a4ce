using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Imaging;

namespace MedicalAi.InferenceEngine;

/// <summary>The voxels of a series. They are a patient's data, gone when it is disposed of.</summary>
internal sealed class SeriesVolume : IDisposable
{
    private readonly VolumeBuffer<float> _values;

    private SeriesVolume(VolumeBuffer<float> values, VolumeGeometry grid, IReadOnlyList<InstanceRow> slices)
    {
        _values = values;
        Grid = grid;
        Slices = slices;
    }

    /// <summary>The grid.</summary>
    public VolumeGeometry Grid { get; }

    /// <summary>The values in the order of the grid.</summary>
    public Memory<float> Values => _values.Memory;

    /// <summary>The instance of each slice, in the order of the grid.</summary>
    public IReadOnlyList<InstanceRow> Slices { get; }

    /// <summary>Reads the instances of a series: the headers first, then each slice to its place.</summary>
    /// <param name="pixels">Reads pixels.</param>
    /// <param name="rows">The instances.</param>
    /// <param name="rescales">Whether the Modality LUT of each slice is applied.</param>
    /// <param name="threads">How many slices are read at once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InferenceException">The instances make up no volume, or cannot be read.</exception>
    public static async Task<SeriesVolume> ReadAsync(InstancePixels pixels, IReadOnlyList<InstanceRow> rows, bool rescales, int threads, CancellationToken cancellationToken)
    {
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        InstanceImage[] images = new InstanceImage[rows.Count];
        SliceGeometry[] slices = new SliceGeometry[rows.Count];
        await Parallel.ForAsync(0, rows.Count, parallel, async (i, token) =>
        {
            images[i] = await pixels.OpenAsync(rows[i], token);
            ParseResult<SliceGeometry> slice = SliceGeometry.Read(images[i].Header);
            slices[i] = slice.Ok ? slice.Value : throw InstancePixels.Unreadable(rows[i], slice.Error);
        });

        (int height, int width) = (images[0].Stored.Pixels.Rows, images[0].Stored.Pixels.Columns);
        if (images.Any(image => image.Stored.Pixels.Rows != height || image.Stored.Pixels.Columns != width))
        {
            throw new InferenceException("The images have different sizes.");
        }

        (SeriesGeometry? geometry, string? problem) = SeriesGeometry.Build(slices, height, width);
        if (geometry is null)
        {
            throw new InferenceException(problem!);
        }

        if (geometry.Volume.Count > Array.MaxLength)
        {
            throw new InferenceException("The series has too many voxels.");
        }

        VolumeBuffer<float> values = new(geometry.Volume.Count);
        try
        {
            await Parallel.ForAsync(0, rows.Count, parallel, async (slice, token) =>
            {
                InstanceImage image = images[geometry.Order[slice]];
                using NativeFrame frame = await pixels.ReadFrameAsync(image, token);
                Fill(values.Memory.Slice(slice * height * width, height * width).Span, image, frame, rescales);
            });
            return new SeriesVolume(values, geometry.Volume, [.. geometry.Order.Select(i => rows[i])]);
        }
        catch
        {
            ((IDisposable)values).Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose() => ((IDisposable)_values).Dispose();

    private static void Fill(Span<float> plane, InstanceImage image, NativeFrame frame, bool rescales)
    {
        if (frame.ReadGrayscale(plane) is { } error)
        {
            throw InstancePixels.Unreadable(image.Row, error);
        }

        if (rescales)
        {
            ParseResult<GrayscaleTransform> transform = GrayscaleTransform.Read(image.Header, frame.Pixels);
            if (!transform.Ok)
            {
                throw InstancePixels.Unreadable(image.Row, transform.Error);
            }

            transform.Value.ApplyModality(plane);
        }
    }
}
