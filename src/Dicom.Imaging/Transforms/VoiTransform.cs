using System.Numerics.Tensors;

namespace MedicalAi.Dicom.Imaging;

/// <summary>From values of the modality to grey values, by a window (PS3.3 C.11.2.1.2).</summary>
/// <param name="Centre">Window Center (0028,1050).</param>
/// <param name="Width">Window Width (0028,1051).</param>
/// <param name="Function">VOI LUT Function (0028,1056).</param>
public readonly record struct VoiTransform(double Centre, double Width, VoiFunction Function)
{
    /// <summary>Reads the first window of an image; null when it has none that can be used.</summary>
    public static VoiTransform? Read(DicomDataSet dataSet)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        VoiFunction function = dataSet.GetString(DicomTags.VOILUTFunction) switch
        {
            "SIGMOID" => VoiFunction.Sigmoid,
            "LINEAR_EXACT" => VoiFunction.LinearExact,
            _ => VoiFunction.Linear,
        };
        return dataSet.GetDouble(DicomTags.WindowCenter) is { } centre && dataSet.GetDouble(DicomTags.WindowWidth) is { } width
            && (function == VoiFunction.Linear ? width >= 1 : width > 0)
            ? new VoiTransform(centre, width, function)
            : null;
    }

    /// <summary>A window that shows all of the values, for an image that names none.</summary>
    public static VoiTransform Over(ReadOnlySpan<float> values)
    {
        float low = float.MaxValue;
        float high = float.MinValue;
        foreach (float value in values)
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }

        return values.IsEmpty ? OfRange(0, 0) : OfRange(low, high);
    }

    /// <summary>A window that shows <paramref name="low"/> black and <paramref name="high"/> white; where they are the same, black.</summary>
    public static VoiTransform OfRange(double low, double high) =>
        high <= low ? new VoiTransform(low + 0.5, 1, VoiFunction.LinearExact) : new VoiTransform((low + high) / 2, high - low, VoiFunction.LinearExact);

    /// <summary>Changes the values in place to grey values from 0 to <paramref name="top"/>.</summary>
    public void Apply(Span<float> values, float top)
    {
        if (Function == VoiFunction.Sigmoid)
        {
            foreach (ref float value in values)
            {
                value = (float)(top / (1 + Math.Exp(-4 * (value - Centre) / Width)));
            }

            return;
        }

        // LINEAR counts the width in values, LINEAR_EXACT as a distance.
        (double centre, double width) = Function == VoiFunction.Linear ? (Centre - 0.5, Width - 1) : (Centre, Width);
        if (width == 0)
        {
            foreach (ref float value in values)
            {
                value = value <= centre ? 0 : top;
            }

            return;
        }

        // First what is near is made small, so that single precision is enough for narrow windows far from 0.
        TensorPrimitives.Subtract(values, (float)(centre - (width / 2)), values);
        TensorPrimitives.Multiply(values, top, values);
        TensorPrimitives.Divide(values, (float)width, values);
        TensorPrimitives.Max(values, 0, values);
        TensorPrimitives.Min(values, top, values);
    }
}

/// <summary>How a window maps values (PS3.3 C.11.2.1.3).</summary>
public enum VoiFunction
{
    /// <summary>LINEAR, the default.</summary>
    Linear,

    /// <summary>LINEAR_EXACT.</summary>
    LinearExact,

    /// <summary>SIGMOID.</summary>
    Sigmoid,
}
