namespace MedicalAi.Archive;

/// <summary>The priorities of work, in the words of PS3.3 (Requested Procedure Priority); higher goes first.</summary>
public enum TaskPriority
{
    /// <summary>When there is nothing else to do.</summary>
    Low = 0,

    /// <summary>In turn.</summary>
    Routine = 1,

    /// <summary>Before routine work.</summary>
    High = 2,

    /// <summary>At once.</summary>
    Stat = 3,
}
