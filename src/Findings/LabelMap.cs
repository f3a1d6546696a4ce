using System.Text.Json.Serialization;

namespace MedicalAi.Findings;

/// <summary>A label for each pixel of a number of source frames.</summary>
public sealed record LabelMap
{
    /// <summary>The most segments, since a label is a byte.</summary>
    public const int MaximumSegments = 255;

    /// <summary>The rows of a frame.</summary>
    public required int Rows { get; init; }

    /// <summary>The columns of a frame.</summary>
    public required int Columns { get; init; }

    /// <summary>The number of frames.</summary>
    public required int Frames { get; init; }

    /// <summary>
    /// <see cref="Frames"/> × <see cref="Rows"/> × <see cref="Columns"/> labels, frame by frame and row by row: the number of
    /// the segment, 0 for none.
    /// </summary>
    [JsonIgnore]
    public ReadOnlyMemory<byte> Labels { get; init; }

    /// <summary>The source of each frame, on whose pixels the labels lie.</summary>
    public required IReadOnlyList<SourceInstance> Sources { get; init; }

    /// <summary>The segments, by number from 1.</summary>
    public required IReadOnlyList<Segment> Segments { get; init; }

    /// <summary>The labels of a frame, row by row.</summary>
    /// <param name="index">The frame, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    public ReadOnlyMemory<byte> GetFrame(int index) => Labels.Slice(index * Rows * Columns, Rows * Columns);
}
