using System.Numerics.Tensors;

namespace MedicalAi.InferenceEngine;

/// <summary>The steps that look at values alone, for images and volumes.</summary>
internal static class ValueSteps
{
    public static void Apply(PreprocessingStep step, Span<float> values)
    {
        switch (step)
        {
            case ScaleStep scale:
                TensorPrimitives.Multiply(values, (float)scale.Factor, values);
                TensorPrimitives.Add(values, (float)scale.Offset, values);
                break;
            case NormaliseStep { Method: NormaliseMethod.MinMax }:
                float low = TensorPrimitives.Min<float>(values);
                float range = TensorPrimitives.Max<float>(values) - low;
                TensorPrimitives.Subtract(values, low, values);
                if (range > 0)
                {
                    TensorPrimitives.Divide(values, range, values);
                }

                break;
            case NormaliseStep { Method: NormaliseMethod.ZScore }:
                Standardise(values);
                break;
        }
    }

    private static void Standardise(Span<float> values)
    {
        // In double precision: single sums over millions of voxels lose the small ones.
        double sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }

        double mean = sum / values.Length;
        double squares = 0;
        foreach (float value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        double deviation = Math.Sqrt(squares / values.Length);
        TensorPrimitives.Subtract(values, (float)mean, values);
        if (deviation > 0)
        {
            TensorPrimitives.Divide(values, (float)deviation, values);
        }
    }
}
