namespace MedicalAi.Archive;

/// <summary>The levels of a query (PS3.4 C.6.1, PS3.18 10.6), from the top.</summary>
public enum IndexLevel
{
    /// <summary>One match a patient.</summary>
    Patient,

    /// <summary>One match a study.</summary>
    Study,

    /// <summary>One match a series.</summary>
    Series,

    /// <summary>One match an instance.</summary>
    Instance,
}
