using System.Buffers;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Imaging;

namespace MedicalAi.InferenceEngine;

/// <summary>From the stored pixels of an image to the tensor of a model.</summary>
internal static class ImagePreprocessor
{
    /// <param name="steps">The steps of the manifest.</param>
    /// <param name="image">The image.</param>
    /// <param name="frame">Its first frame.</param>
    /// <returns>Rows x columns values, row by row, of the size that the last step gives.</returns>
    /// <exception cref="InferenceException">The pixels cannot be read.</exception>
    public static float[] Run(IReadOnlyList<PreprocessingStep> steps, InstanceImage image, NativeFrame frame)
    {
        ParseResult<GrayscaleTransform> transform = GrayscaleTransform.Read(image.Header, frame.Pixels);
        if (!transform.Ok)
        {
            throw InstancePixels.Unreadable(image.Row, transform.Error);
        }

        (int rows, int columns) = (frame.Pixels.Rows, frame.Pixels.Columns);
        float[] rented = ArrayPool<float>.Shared.Rent(rows * columns);
        try
        {
            Span<float> values = rented.AsSpan(0, rows * columns);
            if (frame.ReadGrayscale(values) is { } error)
            {
                throw InstancePixels.Unreadable(image.Row, error);
            }

            bool[]? outside = transform.Value.FindPadding(values);
            foreach (PreprocessingStep step in steps)
            {
                switch (step)
                {
                    case RescaleStep:
                        transform.Value.ApplyModality(values);
                        break;
                    case VoiStep voi:
                        transform.Value.ApplyVoi(values, (float)voi.Top, outside);
                        break;
                    case PhotometricStep photometric:
                        transform.Value.ApplyInverse(values, (float)photometric.Top);
                        GrayscaleTransform.Blacken(values, outside);
                        break;
                    case CropStep:
                        (float[] square, int side) = ImageResize.CropSquare(values, rows, columns);
                        values = square;
                        (rows, columns, outside) = (side, side, null);
                        break;
                    case ResizeStep resize:
                        values = ImageResize.Area(values, rows, columns, resize.Rows, resize.Columns);
                        (rows, columns, outside) = (resize.Rows, resize.Columns, null);
                        break;
                    default:
                        ValueSteps.Apply(step, values);
                        break;
                }
            }

            return values.ToArray();
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented, clearArray: true); // It held a patient's data.
        }
    }
}
