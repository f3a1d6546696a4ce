namespace MedicalAi.Archive;

/// <summary>A phase of a task cannot be carried out.</summary>
public class TaskFailedException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="reason">Why, in words without patient data; people see it.</param>
    /// <param name="isTransient">Whether trying again can help.</param>
    /// <param name="inner">What caused it.</param>
    public TaskFailedException(string reason, bool isTransient = false, Exception? inner = null)
        : base(reason, inner) => IsTransient = isTransient;

    /// <summary>Whether trying again can help.</summary>
    public bool IsTransient { get; }
}
