namespace MedicalAi.Dicom.Imaging;

/// <summary>How a frame is to be rendered (PS3.18 section 8.3.5).</summary>
public sealed record RenderOptions
{
    /// <summary>PNG or JPEG.</summary>
    public RenderedFormat Format { get; init; }

    /// <summary>The quality of JPEG, 1 to 100.</summary>
    public int Quality { get; init; } = 90;

    /// <summary>A window instead of the image's own; null for its own.</summary>
    public VoiTransform? Window { get; init; }

    /// <summary>The part of the image to show, in pixels; null for all of it. What is outside the image is left out.</summary>
    public RenderRegion? Region { get; init; }

    /// <summary>The most columns of the result; null for as many as there are. The ratio of width to height is kept.</summary>
    public int? Width { get; init; }

    /// <summary>The most rows of the result; null for as many as there are.</summary>
    public int? Height { get; init; }

    /// <summary>Whether a result smaller than <see cref="Width"/> and <see cref="Height"/> is enlarged to them.</summary>
    public bool Enlarge { get; init; } = true;
}

/// <summary>The formats that frames are rendered to.</summary>
public enum RenderedFormat
{
    /// <summary>image/png, without loss.</summary>
    Png,

    /// <summary>image/jpeg.</summary>
    Jpeg,
}

/// <summary>A part of an image in pixels.</summary>
/// <param name="Left">The first column, from 0.</param>
/// <param name="Top">The first row, from 0.</param>
/// <param name="Width">The columns; negative turns the part over left to right.</param>
/// <param name="Height">The rows; negative turns the part over top to bottom.</param>
public readonly record struct RenderRegion(int Left, int Top, int Width, int Height);

/// <summary>A frame as a picture.</summary>
/// <param name="Bytes">The file.</param>
/// <param name="MediaType">image/png or image/jpeg.</param>
/// <param name="Width">Its columns.</param>
/// <param name="Height">Its rows.</param>
public sealed record RenderedFrame(ReadOnlyMemory<byte> Bytes, string MediaType, int Width, int Height);
