using System.Numerics.Tensors;

namespace MedicalAi.Dicom.Imaging;

/// <summary>From stored values to values of the modality, by slope and intercept (PS3.3 C.11.1.1.2).</summary>
/// <param name="Slope">Rescale Slope (0028,1053).</param>
/// <param name="Intercept">Rescale Intercept (0028,1052).</param>
public readonly record struct ModalityTransform(double Slope, double Intercept)
{
    /// <summary>Reads slope and intercept; 1 and 0 when they are absent.</summary>
    public static ModalityTransform Read(DicomDataSet dataSet)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        return new ModalityTransform(dataSet.GetDouble(DicomTags.RescaleSlope) ?? 1, dataSet.GetDouble(DicomTags.RescaleIntercept) ?? 0);
    }

    /// <summary>Changes the values in place.</summary>
    public void Apply(Span<float> values)
    {
        if (Slope != 1 || Intercept != 0)
        {
            TensorPrimitives.Multiply(values, (float)Slope, values);
            TensorPrimitives.Add(values, (float)Intercept, values);
        }
    }
}
