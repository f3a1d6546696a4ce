using MedicalAi.Findings;

namespace MedicalAi.DicomReports;

/// <summary>The frames of a binary segmentation: one for each segment and source frame that has a pixel of it.</summary>
internal sealed class SegmentFrames
{
    private readonly LabelMap _map;

    /// <param name="map">The label map.</param>
    /// <param name="order">The frames of the label map in the order of their places.</param>
    public SegmentFrames(LabelMap map, IReadOnlyList<int> order)
    {
        _map = map;
        bool[,] present = new bool[map.Frames, LabelMap.MaximumSegments + 1];
        for (int frame = 0; frame < map.Frames; frame++)
        {
            foreach (byte label in map.GetFrame(frame).Span)
            {
                present[frame, label] = true;
            }
        }

        List<(int Segment, int Frame)> frames = [];
        foreach (Segment segment in map.Segments)
        {
            frames.AddRange(order.Where(frame => present[frame, segment.Number]).Select(frame => (segment.Number, frame)));
        }

        Frames = frames;
    }

    /// <summary>Segment number and frame of the label map, from 0, in the order of the segmentation's frames.</summary>
    public IReadOnlyList<(int Segment, int Frame)> Frames { get; }

    /// <summary>The pixels, one bit each, first pixel lowest, frames without a gap between them (PS3.5 section 8.1.1), padded to an even length.</summary>
    /// <exception cref="NotSupportedException">They are more than an element can hold in memory.</exception>
    public byte[] Pack()
    {
        int pixels = _map.Rows * _map.Columns;
        long length = (((long)pixels * Frames.Count) + 7) / 8;
        if (length >= Array.MaxLength)
        {
            throw new NotSupportedException($"A segmentation of {Frames.Count} frames of {_map.Rows} × {_map.Columns} is larger than 2 GB.");
        }

        byte[] packed = new byte[length + (length & 1)];
        long bit = 0;
        foreach ((int segment, int frame) in Frames)
        {
            foreach (byte label in _map.GetFrame(frame).Span)
            {
                if (label == segment)
                {
                    packed[bit >> 3] |= (byte)(1 << (int)(bit & 7));
                }

                bit++;
            }
        }

        return packed;
    }
}
