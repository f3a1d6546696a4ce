using System.Text.Json.Serialization;

namespace MedicalAi.InferenceEngine;

/// <summary>A step from stored pixels to a tensor.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "step")]
[JsonDerivedType(typeof(RescaleStep), "rescale")]
[JsonDerivedType(typeof(VoiStep), "voi")]
[JsonDerivedType(typeof(PhotometricStep), "photometric")]
[JsonDerivedType(typeof(CropStep), "crop")]
[JsonDerivedType(typeof(ResizeStep), "resize")]
[JsonDerivedType(typeof(ResampleStep), "resample")]
[JsonDerivedType(typeof(ScaleStep), "scale")]
[JsonDerivedType(typeof(NormaliseStep), "normalise")]
public abstract record PreprocessingStep;

/// <summary>The Modality LUT: Rescale Slope and Intercept, or a table.</summary>
public sealed record RescaleStep : PreprocessingStep;

/// <summary>The image's first window or VOI LUT, to grey values; without one, see <see cref="MedicalAi.Dicom.Imaging.GrayscaleTransform.Read"/>.</summary>
public sealed record VoiStep : PreprocessingStep
{
    /// <summary>The highest grey value.</summary>
    public double Top { get; init; } = 255;
}

/// <summary>What shows low values white is turned to MONOCHROME2, and padding is made black.</summary>
public sealed record PhotometricStep : PreprocessingStep
{
    /// <summary>The highest grey value.</summary>
    public double Top { get; init; } = 255;
}

/// <summary>The largest square around the middle.</summary>
public sealed record CropStep : PreprocessingStep;

/// <summary>To a number of rows and columns, by area.</summary>
public sealed record ResizeStep : PreprocessingStep
{
    /// <summary>The rows.</summary>
    public required int Rows { get; init; }

    /// <summary>The columns.</summary>
    public required int Columns { get; init; }
}

/// <summary>To a grid along the patient's axes around the middle of the series.</summary>
public sealed record ResampleStep : PreprocessingStep
{
    /// <summary>Where the tensor's axes run to, slowest first.</summary>
    public required string Orientation { get; init; }

    /// <summary>The number of voxels along each axis.</summary>
    public required IReadOnlyList<int> Size { get; init; }

    /// <summary>The distance of two voxels along each axis, in mm.</summary>
    public required IReadOnlyList<double> Spacing { get; init; }

    /// <summary>The value outside the series, at this step: for CT in Hounsfield units that of air.</summary>
    public double Outside { get; init; }
}

/// <summary>A factor and an offset.</summary>
public sealed record ScaleStep : PreprocessingStep
{
    /// <summary>The factor.</summary>
    public required double Factor { get; init; }

    /// <summary>Added after it.</summary>
    public double Offset { get; init; }
}

/// <summary>To a common range.</summary>
public sealed record NormaliseStep : PreprocessingStep
{
    /// <summary>How.</summary>
    public required NormaliseMethod Method { get; init; }
}

/// <summary>How values are brought to a common range.</summary>
public enum NormaliseMethod
{
    /// <summary>To 0 to 1.</summary>
    [JsonStringEnumMemberName("min-max")]
    MinMax,

    /// <summary>To mean 0 and standard deviation 1.</summary>
    [JsonStringEnumMemberName("z-score")]
    ZScore,
}
