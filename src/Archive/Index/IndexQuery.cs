using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>
/// A query of the index. All keys must match. The order is stable, and matches stay where they are while instances arrive: what comes
/// in meanwhile may be among the matches or not, and none of the others is left out or told twice.
/// </summary>
/// <param name="Level">What is to be found.</param>
public sealed record IndexQuery(IndexLevel Level)
{
    /// <summary>The matching keys; keys of the levels above <see cref="Level"/> are allowed.</summary>
    public IReadOnlyList<AttributeMatch> Matches { get; init; } = [];

    /// <summary>How the keys match.</summary>
    public MatchingOptions Options { get; init; }

    /// <summary>
    /// Whether keys of the levels below <see cref="Level"/> match too: there has to be a series, or an instance, for which all of them do
    /// (PS3.4 C.4.1.3.2.2).
    /// </summary>
    public bool IsRelational { get; init; }

    /// <summary>The most matches wanted.</summary>
    public int Limit { get; init; } = int.MaxValue;

    /// <summary>The number of matches passed over.</summary>
    public int Offset { get; init; }

    /// <summary>Whether <see cref="IndexMatch.Metadata"/> is wanted; only at the instance level.</summary>
    public bool IncludeMetadata { get; init; }

    /// <summary>Whether <see cref="IndexMatch.Patient"/> is wanted; only at the patient level.</summary>
    public bool IncludePatientCounts { get; init; }

    /// <summary>The query with one key more.</summary>
    /// <param name="tag">The attribute.</param>
    /// <param name="value">The key.</param>
    public IndexQuery With(DicomTag tag, string value) => this with { Matches = [.. Matches, new AttributeMatch(tag, value)] };
}
