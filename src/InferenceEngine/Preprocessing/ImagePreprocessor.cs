using System.Numerics.Tensors;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Imaging;

namespace MedicalAi.InferenceEngine;

/// <summary>From the stored pixels of an image to the tensor of a model.</summary>
internal static class ImagePreprocessor
{
    /// <param name="steps">The steps of the manifest.</param>
    /// <param name="header">The image's attributes.</param>
    /// <param name="pixels">How its pixels are stored.</param>
    /// <param name="frame">The bytes of its first frame.</param>
    /// <returns>Rows x columns values and their size.</returns>
    /// <exception cref="InferenceException">The pixels cannot be read.</exception>
    public static (float[] Values, int Rows, int Columns) Run(IReadOnlyList<PreprocessingStep> steps, DicomDataSet header, PixelDescription pixels, ReadOnlySpan<byte> frame)
    {
        (int rows, int columns) = (pixels.Rows, pixels.Columns);
        float[] values = new float[pixels.PixelsPerFrame];
        if (NativeSamples.ReadGrayscale(pixels, frame, values) is { } error)
        {
            throw new InferenceException(error.ToString());
        }

        foreach (PreprocessingStep step in steps)
        {
            switch (step)
            {
                case RescaleStep:
                    ModalityTransform.Read(header).Apply(values);
                    break;
                case VoiStep voi:
                    (VoiTransform.Read(header) ?? VoiTransform.Over(values)).Apply(values, (float)voi.Top);
                    break;
                case PhotometricStep photometric when pixels.PhotometricInterpretation == "MONOCHROME1":
                    TensorPrimitives.Subtract((float)photometric.Top, values, values);
                    break;
                case CropStep:
                    (values, int side) = ImageResize.CropSquare(values, rows, columns);
                    (rows, columns) = (side, side);
                    break;
                case ResizeStep resize:
                    values = ImageResize.Area(values, rows, columns, resize.Rows, resize.Columns);
                    (rows, columns) = (resize.Rows, resize.Columns);
                    break;
                default:
                    ValueSteps.Apply(step, values);
                    break;
            }
        }

        return (values, rows, columns);
    }
}
