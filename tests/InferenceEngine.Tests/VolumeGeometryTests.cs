using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json.Nodes;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Imaging;
using MedicalAi.Findings;
using MedicalAi.Testing;

namespace MedicalAi.InferenceEngine.Tests;

/// <summary>
/// A body of known shape in the patient, imaged in different planes, must be labelled where it is. It has no symmetry, so that an
/// axis that is swapped or turned over shows.
/// </summary>
public sealed class VolumeGeometryTests
{
    private const double Slope = 0.5;
    private const double Intercept = -100;

    // Centres and radii in mm, about the isocentre: volumes of 33.5, 14.1 and 4.2 ml.
    private static readonly (Vector3 Centre, double Radius)[] s_balls = [(new(10, -5, 20), 20), (new(-30, 10, -10), 15), (new(15, 32, -25), 10)];

    public static TheoryData<string, double[], double[], double, int, int, int> Planes => new()
    {
        // Name; along rows; along columns; distance of slices (negative: against the normal); slices, rows, columns.
        { "axial", [1, 0, 0], [0, 1, 0], 2.5, 52, 100, 110 },
        { "axial from the head down", [1, 0, 0], [0, 1, 0], -2, 64, 100, 110 },
        { "sagittal", [0, 1, 0], [0, 0, -1], 1.5, 84, 100, 90 },
        { "coronal, feet first", [-1, 0, 0], [0, 0, 1], 2, 64, 90, 100 },
        { "oblique", [0.8660254, 0.5, 0], [-0.3535534, 0.6123724, 0.7071068], 2, 70, 110, 110 },
    };

    [Theory]
    [MemberData(nameof(Planes))]
    public async Task A_body_is_labelled_where_it_is(string name, double[] row, double[] column, double distance, int slices, int rows, int columns)
    {
        using TempFolder models = new();
        ModelFolder.Add(models, "threshold", "meshnet_model5_gw_ae", OnnxFile.Threshold(0.5f), manifest =>
        {
            manifest["select"]!["minimumInstances"] = 2;
            manifest["input"]!["steps"]![1]!["size"] = new JsonArray(128, 128, 128);
            manifest["output"]!["segments"]!.AsArray().RemoveAt(1);
        });
        SliceGeometry first = First(row, column, distance, slices, rows, columns);
        Vector3 step = first.Normal * distance;
        await using EngineHost engine = await EngineHost.StartAsync(models.Path, EngineHost.OfSeries);
        await engine.StoreAsync(Enumerable.Range(0, slices).Reverse().Select(i => Slice(first with { Position = first.Position + (step * i) }, rows, columns, i)));

        InferenceTask task = Assert.Single(await engine.WaitAsync(1, task => task.HasFindings || task.Status == InferenceTaskStatus.Failed));
        Assert.Null(task.Error);
        StudyFindings findings = await engine.ReadFindingsAsync(task);
        LabelMap labels = findings.Segmentation!;

        (int inside, int missed, int wrong) = Compare(labels, first, step, rows, columns);
        Assert.True(inside > 10_000, name);
        Assert.Equal(0, missed);
        Assert.Equal(0, wrong);
        Assert.Equal(51.84, Assert.Single(findings.Measurements).Value, 1.0);
    }

    [Fact]
    public async Task A_model_that_is_not_the_one_of_its_manifest_fails_its_task_with_the_reason()
    {
        using TempFolder models = new();
        ModelFolder.Add(models, "threshold", "meshnet_model5_gw_ae", OnnxFile.Threshold(0.5f), manifest =>
        {
            manifest["select"]!["minimumInstances"] = 2;
            manifest["select"]!["maximumInstances"] = 10;
            manifest["output"]!["name"] = "labels_of_another_name";
        });
        SliceGeometry first = First([1, 0, 0], [0, 1, 0], 2, 4, 32, 32);
        await using EngineHost engine = await EngineHost.StartAsync(models.Path, EngineHost.OfSeries);
        await engine.StoreAsync(Enumerable.Range(0, 4).Select(i => Slice(first with { Position = first.Position + (first.Normal * 2 * i) }, 32, 32, i)));

        InferenceTask task = Assert.Single(await engine.WaitAsync(1, task => task.Status == InferenceTaskStatus.Failed));

        Assert.Contains("has the outputs labels", task.Error, StringComparison.Ordinal);
    }

    private static SliceGeometry First(double[] row, double[] column, double distance, int slices, int rows, int columns)
    {
        SliceGeometry plane = new(default, new(row[0], row[1], row[2]), new(column[0], column[1], column[2]), 1.2, 1.1);
        Vector3 middle = (plane.RowDirection * (plane.ColumnSpacing * (columns - 1) / 2.0)) + (plane.ColumnDirection * (plane.RowSpacing * (rows - 1) / 2.0)) + (plane.Normal * (distance * (slices - 1) / 2.0));
        return plane with { Position = middle * -1 };
    }

    /// <summary>Labels of the pixels whose centre is 1.5 mm or more inside or outside; nearer ones may go either way.</summary>
    private static (int Inside, int Missed, int Wrong) Compare(LabelMap labels, SliceGeometry first, Vector3 step, int rows, int columns)
    {
        (int inside, int missed, int wrong) = (0, 0, 0);
        for (int frame = 0; frame < labels.Frames; frame++)
        {
            // The instance tells which slice the frame lies on.
            int index = int.Parse(labels.Sources[frame].SopInstance.Value.Split('.')[^1], CultureInfo.InvariantCulture);
            ReadOnlySpan<byte> plane = labels.GetFrame(frame).Span;
            for (int pixel = 0; pixel < plane.Length; pixel++)
            {
                double depth = Depth(At(first with { Position = first.Position + (step * index) }, pixel / columns, pixel % columns));
                inside += depth > 1.5 ? 1 : 0;
                missed += depth > 1.5 && plane[pixel] != 1 ? 1 : 0;
                wrong += depth < -1.5 && plane[pixel] != 0 ? 1 : 0;
            }
        }

        Assert.Equal((rows, columns), (labels.Rows, labels.Columns));
        return (inside, missed, wrong);
    }

    private static Vector3 At(SliceGeometry slice, int row, int column) =>
        slice.Position + (slice.RowDirection * (slice.ColumnSpacing * column)) + (slice.ColumnDirection * (slice.RowSpacing * row));

    /// <summary>How deep a point lies in the body, in mm; negative outside.</summary>
    private static double Depth(Vector3 point) => s_balls.Max(ball => ball.Radius - (point - ball.Centre).Length);

    private static byte[] Slice(SliceGeometry slice, int rows, int columns, int index)
    {
        // Values rise over 4 mm at the border, 0 outside and 1 inside, half of it at the border; stored by slope and intercept.
        byte[] pixels = new byte[rows * columns * 2];
        for (int pixel = 0; pixel < rows * columns; pixel++)
        {
            double share = Math.Clamp((Depth(At(slice, pixel / columns, pixel % columns)) / 4) + 0.5, 0, 1);
            BinaryPrimitives.WriteInt16LittleEndian(pixels.AsSpan(pixel * 2), (short)Math.Round(((share * 1000) - Intercept) / Slope));
        }

        DicomDataSet image = new DicomDataSet()
            .SetUid(DicomTags.SOPClassUID, DicomUids.MRImageStorage)
            .SetUid(DicomTags.SOPInstanceUID, new DicomUid(string.Create(CultureInfo.InvariantCulture, $"2.25.4.{index}")))
            .SetUid(DicomTags.StudyInstanceUID, new DicomUid("2.25.4"))
            .SetUid(DicomTags.SeriesInstanceUID, new DicomUid("2.25.44"))
            .SetString(DicomTags.Modality, "MR")
            .SetString(DicomTags.SeriesDescription, "T1")
            .SetString(DicomTags.ImageType, "ORIGINAL", "PRIMARY")
            .SetString(DicomTags.PhotometricInterpretation, "MONOCHROME2")
            .SetInt(DicomTags.Rows, (long)rows)
            .SetInt(DicomTags.Columns, (long)columns)
            .SetInt(DicomTags.BitsAllocated, 16L)
            .SetInt(DicomTags.BitsStored, 16L)
            .SetInt(DicomTags.HighBit, 15L)
            .SetInt(DicomTags.PixelRepresentation, 1L)
            .SetDouble(DicomTags.RescaleSlope, Slope)
            .SetDouble(DicomTags.RescaleIntercept, Intercept)
            .SetDouble(DicomTags.PixelSpacing, slice.RowSpacing, slice.ColumnSpacing)
            .SetDouble(DicomTags.ImagePositionPatient, slice.Position.X, slice.Position.Y, slice.Position.Z)
            .SetDouble(DicomTags.ImageOrientationPatient, slice.RowDirection.X, slice.RowDirection.Y, slice.RowDirection.Z, slice.ColumnDirection.X, slice.ColumnDirection.Y, slice.ColumnDirection.Z)
            .SetBytes(DicomTags.PixelData, Vr.OW, pixels);
        return DicomFile.ToBytes(image, TransferSyntax.ExplicitVrLittleEndian);
    }
}
