using System.Numerics.Tensors;

namespace MedicalAi.InferenceEngine;

/// <summary>Turns the numbers of an output into probabilities.</summary>
internal static class Activations
{
    /// <summary>The probabilities, each from 0 to 1.</summary>
    /// <exception cref="InferenceException">A number is none.</exception>
    public static float[] Apply(Activation activation, ReadOnlySpan<float> numbers)
    {
        float[] probabilities = numbers.ToArray();
        switch (activation)
        {
            case Activation.Sigmoid:
                TensorPrimitives.Sigmoid(probabilities, probabilities);
                break;
            case Activation.Softmax:
                TensorPrimitives.Subtract(probabilities, TensorPrimitives.Max<float>(probabilities), probabilities);
                TensorPrimitives.SoftMax(probabilities, probabilities);
                break;
        }

        foreach (ref float probability in probabilities.AsSpan())
        {
            if (!float.IsFinite(probability))
            {
                throw new InferenceException("The model yielded a number that is none.");
            }

            probability = Math.Clamp(probability, 0, 1);
        }

        return probabilities;
    }
}
