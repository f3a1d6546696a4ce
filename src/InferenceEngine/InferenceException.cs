namespace MedicalAi.InferenceEngine;

/// <summary>A task cannot be carried out.</summary>
public sealed class InferenceException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="reason">Why, in words without patient data.</param>
    /// <param name="isTransient">Whether trying again can help.</param>
    /// <param name="inner">What caused it.</param>
    public InferenceException(string reason, bool isTransient = false, Exception? inner = null)
        : base(reason, inner) => IsTransient = isTransient;

    /// <summary>Whether trying again can help.</summary>
    public bool IsTransient { get; }
}
