using System.Globalization;
using MedicalAi.Dicom;
using MedicalAi.Findings;

namespace MedicalAi.DicomReports;

/// <summary>
/// The frames of a label map in space: their order and index along the second dimension of the segmentation. Frames without a
/// place of their own (a radiograph, or several at one place) are indexed as a stack in the order of the label map.
/// </summary>
internal sealed class SegmentationGeometry
{
    // Two positions that differ by less, in mm, are the same place.
    private const double Tolerance = 1e-4;

    private readonly FramePlane?[] _planes;
    private readonly int[] _indices;

    public SegmentationGeometry(LabelMap map, SourceHeaders sources)
    {
        _planes = new FramePlane?[map.Frames];
        _indices = new int[map.Frames];
        Order = [.. Enumerable.Range(0, map.Frames)];
        for (int i = 0; i < map.Frames; i++)
        {
            DicomDataSet header = sources[map.Sources[i]];
            if (header.GetInt32(DicomTags.Rows) != map.Rows || header.GetInt32(DicomTags.Columns) != map.Columns)
            {
                throw new NotSupportedException($"The label map has {map.Rows} rows and {map.Columns} columns, and its source {map.Sources[i].SopInstance} has others.");
            }

            _planes[i] = FramePlane.Read(header, map.Sources[i].Frame);
            _indices[i] = i + 1;
        }

        HasPlanes = Array.TrueForAll(_planes, plane => plane is not null);
        if (!HasPlanes)
        {
            return;
        }

        FramePlane first = _planes[0]!;
        SharesOrientation = Array.TrueForAll(_planes, plane => plane!.HasOrientationOf(first));
        SharesMeasures = Array.TrueForAll(_planes, plane => plane!.HasMeasuresOf(first));
        double[] positions = Array.ConvertAll(_planes, plane => plane!.Project(first));
        int[] order = [.. Order.OrderBy(i => positions[i])];
        if (!SharesOrientation || order.Zip(order.Skip(1)).Any(pair => positions[pair.Second] - positions[pair.First] < Tolerance))
        {
            return;
        }

        IsOrderedByPosition = true;
        Order = order;
        for (int i = 0; i < order.Length; i++)
        {
            _indices[order[i]] = i + 1;
        }

        if (order.Length > 1)
        {
            double spacing = (positions[order[^1]] - positions[order[0]]) / (order.Length - 1);
            bool even = order.Zip(order.Skip(1)).All(pair => Math.Abs(positions[pair.Second] - positions[pair.First] - spacing) < Math.Max(Tolerance, spacing * 0.01));
            Spacing = even ? spacing : null;
        }
    }

    /// <summary>Whether every frame has a place in space.</summary>
    public bool HasPlanes { get; }

    public bool SharesOrientation { get; }

    public bool SharesMeasures { get; }

    /// <summary>Whether the frames are parallel at places of their own; else they are a stack.</summary>
    public bool IsOrderedByPosition { get; }

    /// <summary>The distance of neighbouring frames in mm where it is even; null else.</summary>
    public double? Spacing { get; }

    /// <summary>The frames of the label map, from 0, in the order of their indices.</summary>
    public IReadOnlyList<int> Order { get; }

    /// <summary>The index of a frame of the label map in the second dimension, from 1.</summary>
    public int IndexOf(int frame) => _indices[frame];

    /// <summary>Plane Position of a frame.</summary>
    public DicomDataSet Position(int frame, DicomDataSet scope) => new DicomDataSet(scope).SetString(DicomTags.ImagePositionPatient, _planes[frame]!.Position);

    /// <summary>Plane Orientation of a frame.</summary>
    public DicomDataSet Orientation(int frame, DicomDataSet scope) => new DicomDataSet(scope).SetString(DicomTags.ImageOrientationPatient, _planes[frame]!.Orientation);

    /// <summary>Pixel Measures of a frame. Slice Thickness is required: where the source has none, it is the distance of the frames.</summary>
    public DicomDataSet Measures(int frame, DicomDataSet scope)
    {
        FramePlane plane = _planes[frame]!;
        DicomDataSet measures = new DicomDataSet(scope)
            .SetString(DicomTags.SliceThickness, plane.Thickness ?? DecimalString.Format(Spacing ?? double.Parse(plane.Spacing[0], NumberStyles.Float, CultureInfo.InvariantCulture)))
            .SetString(DicomTags.PixelSpacing, plane.Spacing);
        return Spacing is { } spacing ? measures.SetDouble(DicomTags.SpacingBetweenSlices, spacing) : measures;
    }
}
