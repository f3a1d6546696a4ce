namespace MedicalAi.Dicom;

/// <summary>What became of an instance.</summary>
/// <param name="DataSet">The new data set; null when it was refused, because identity would have been left in it.</param>
/// <param name="Report">What was done and what was not.</param>
public sealed record DeidentificationResult(DicomDataSet? DataSet, DeidentificationReport Report);

/// <summary>What was done to the elements of an instance, those within sequences counted too, and what was not done.</summary>
public sealed class DeidentificationReport
{
    private readonly SortedDictionary<DicomTag, DeidentificationChange> _changes = [];
    private readonly List<string> _warnings = [];

    /// <summary>What was done, by attribute; of an attribute that stands in several places the last one. What was kept is not named.</summary>
    public IReadOnlyDictionary<DicomTag, DeidentificationChange> Changes => _changes;

    /// <summary>What a person should look at. Holds no values of the instance.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    internal void Add(DicomTag tag, DeidentificationChange change) => _changes[tag] = change;

    internal void Warn(string warning) => _warnings.Add(warning);
}

/// <summary>What was done to an element.</summary>
public enum DeidentificationChange
{
    /// <summary>Taken out.</summary>
    Removed,

    /// <summary>Left without a value.</summary>
    Emptied,

    /// <summary>Given a value that says nothing.</summary>
    Replaced,

    /// <summary>UIDs replaced, or a pseudonym put in, under the secret.</summary>
    Mapped,

    /// <summary>A date shifted under the secret.</summary>
    Shifted,

    /// <summary>Text of which a part was taken out.</summary>
    Cleaned,
}
