using MedicalAi.Archive;

namespace MedicalAi.InferenceEngine;

/// <summary>A model cannot be run, or not on these inputs.</summary>
public sealed class InferenceException : TaskFailedException
{
    /// <summary>Makes one.</summary>
    /// <param name="reason">Why, in words without patient data.</param>
    /// <param name="isTransient">Whether trying again can help.</param>
    /// <param name="inner">What caused it.</param>
    public InferenceException(string reason, bool isTransient = false, Exception? inner = null)
        : base(reason, isTransient, inner)
    {
    }
}
