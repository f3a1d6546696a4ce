using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>A query of the index. All keys must match; the order is stable, so that pages do not overlap.</summary>
/// <param name="Level">What is to be found.</param>
public sealed record IndexQuery(IndexLevel Level)
{
    /// <summary>The most matches of one page.</summary>
    public const int MaximumLimit = 10_000;

    /// <summary>The matching keys; keys of the levels above <see cref="Level"/> are allowed.</summary>
    public IReadOnlyList<AttributeMatch> Matches { get; init; } = [];

    /// <summary>The most matches wanted; capped at <see cref="MaximumLimit"/>.</summary>
    public int Limit { get; init; } = MaximumLimit;

    /// <summary>The number of matches passed over.</summary>
    public int Offset { get; init; }

    /// <summary>Whether a person's name also matches when each word of the key begins a word of the name (PS3.18 8.3.4.2).</summary>
    public bool FuzzyMatching { get; init; }

    /// <summary>Whether <see cref="IndexMatch.Metadata"/> is wanted; only at the instance level.</summary>
    public bool IncludeMetadata { get; init; }

    /// <summary>The query with one key more.</summary>
    /// <param name="tag">The attribute.</param>
    /// <param name="value">The key.</param>
    public IndexQuery With(DicomTag tag, string value) => this with { Matches = [.. Matches, new AttributeMatch(tag, value)] };
}
