using System.Globalization;
using MedicalAi.Dicom;

namespace MedicalAi.DicomReports;

/// <summary>
/// Where a frame lies in space (PS3.3 C.7.6.2): as text, so that a result repeats its source to the last digit.
/// </summary>
/// <param name="Position">Image Position (Patient): x, y, z in mm.</param>
/// <param name="Orientation">Image Orientation (Patient): direction cosines of row and column.</param>
/// <param name="Spacing">Pixel Spacing: between rows and between columns in mm.</param>
/// <param name="Thickness">Slice Thickness in mm; null when the source does not say it.</param>
internal sealed record FramePlane(string[] Position, string[] Orientation, string[] Spacing, string? Thickness)
{
    /// <summary>Reads it from the header's top level, or from the functional groups of a multi-frame image; null when it has none.</summary>
    /// <param name="header">The header of the source instance.</param>
    /// <param name="frame">The frame, from 1; 0 for the only one.</param>
    public static FramePlane? Read(DicomDataSet header, int frame)
    {
        IReadOnlyList<DicomDataSet> perFrame = header.GetItems(DicomTags.PerFrameFunctionalGroupsSequence);
        if (perFrame.Count == 0)
        {
            // Without functional groups a position is that of a single frame.
            return (header.GetInt32(DicomTags.NumberOfFrames) ?? 1) > 1 ? null : Read(header, header, header);
        }

        int index = Math.Max(frame, 1) - 1;
        if (index >= perFrame.Count)
        {
            return null;
        }

        DicomDataSet? shared = header.GetItems(DicomTags.SharedFunctionalGroupsSequence) is [{ } first, ..] ? first : null;
        return Group(DicomTags.PlanePositionSequence) is { } position && Group(DicomTags.PlaneOrientationSequence) is { } orientation && Group(DicomTags.PixelMeasuresSequence) is { } measures
            ? Read(position, orientation, measures)
            : null;

        DicomDataSet? Group(DicomTag tag) => perFrame[index].GetItems(tag) is [{ } own, ..] ? own
            : shared?.GetItems(tag) is [{ } common, ..] ? common
            : null;
    }

    /// <summary>The position along the normal of an orientation, in mm.</summary>
    public double Project(FramePlane reference)
    {
        double[] o = Numbers(reference.Orientation);
        double[] p = Numbers(Position);
        return (((o[1] * o[5]) - (o[2] * o[4])) * p[0]) + (((o[2] * o[3]) - (o[0] * o[5])) * p[1]) + (((o[0] * o[4]) - (o[1] * o[3])) * p[2]);
    }

    public bool HasOrientationOf(FramePlane other) => Orientation.AsSpan().SequenceEqual(other.Orientation);

    public bool HasMeasuresOf(FramePlane other) => Spacing.AsSpan().SequenceEqual(other.Spacing) && Thickness == other.Thickness;

    private static FramePlane? Read(DicomDataSet position, DicomDataSet orientation, DicomDataSet measures)
    {
        string[] at = position.GetStrings(DicomTags.ImagePositionPatient);
        string[] cosines = orientation.GetStrings(DicomTags.ImageOrientationPatient);
        string[] spacing = measures.GetStrings(DicomTags.PixelSpacing);
        return at.Length == 3 && cosines.Length == 6 && spacing.Length == 2 && AreNumbers(at) && AreNumbers(cosines) && AreNumbers(spacing)
            ? new FramePlane(at, cosines, spacing, measures.GetString(DicomTags.SliceThickness))
            : null;
    }

    private static bool AreNumbers(string[] texts) =>
        Array.TrueForAll(texts, text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number));

    private static double[] Numbers(string[] texts) => Array.ConvertAll(texts, text => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
}
