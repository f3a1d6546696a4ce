using System.Buffers;
using SkiaSharp;

namespace MedicalAi.Dicom.Imaging;

/// <summary>Makes pictures of frames, as a person would see them: look-up tables, window, palette and colour model applied.</summary>
public static class FrameRenderer
{
    private const int MaxSide = 16384;

    // Larger than any picture of one frame; drawing takes up to eight bytes a pixel.
    private const int MaxPixels = 128 * 1024 * 1024;

    /// <summary>Renders a frame.</summary>
    /// <param name="header">The instance's attributes with its look-up tables (see <see cref="DeferredTable"/>); pixel data is not read from it.</param>
    /// <param name="frame">The frame's pixels.</param>
    /// <param name="number">The frame, counted from 1, for which the header's functional groups are asked.</param>
    /// <param name="options">Format, window and size.</param>
    /// <returns>The picture, or why there can be none.</returns>
    public static ParseResult<RenderedFrame> Render(DicomDataSet header, NativeFrame frame, int number, RenderOptions options)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(options);
        PixelDescription pixels = frame.Pixels;
        if (pixels.PixelsPerFrame > MaxPixels)
        {
            return new DicomError(DicomErrorKind.TooLarge, "The frame is too large to be rendered.", 0, DicomTags.PixelData);
        }

        bool isGrey = pixels.PhotometricInterpretation is "MONOCHROME1" or "MONOCHROME2";
        SKImageInfo info = new(pixels.Columns, pixels.Rows, isGrey ? SKColorType.Gray8 : SKColorType.Rgba8888, SKAlphaType.Opaque);
        byte[] picture = ArrayPool<byte>.Shared.Rent(info.BytesSize);
        try
        {
            Span<byte> bytes = picture.AsSpan(0, info.BytesSize);
            DicomError? error = isGrey ? DrawGrey(header, frame, number, options.Window, bytes) : ColorConverter.Convert(header, frame, bytes);
            return error is null ? Encode(picture, info, options) : error;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(picture, clearArray: true);
        }
    }

    private static DicomError? DrawGrey(DicomDataSet header, NativeFrame frame, int number, VoiTransform? window, Span<byte> target)
    {
        ParseResult<GrayscaleTransform> transform = GrayscaleTransform.Read(header, frame.Pixels, number);
        if (!transform.Ok)
        {
            return transform.Error;
        }

        float[] rented = ArrayPool<float>.Shared.Rent(target.Length);
        try
        {
            Span<float> values = rented.AsSpan(0, target.Length);
            if (frame.ReadGrayscale(values) is { } error)
            {
                return error;
            }

            (window is null ? transform.Value : transform.Value with { Window = window, VoiTable = null }).Apply(values, byte.MaxValue);
            for (int i = 0; i < values.Length; i++)
            {
                target[i] = (byte)(Math.Clamp(values[i], 0, byte.MaxValue) + 0.5f); // Not a number becomes 0: it is no value to show.
            }

            return null;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented, clearArray: true);
        }
    }

    private static unsafe ParseResult<RenderedFrame> Encode(byte[] picture, SKImageInfo info, RenderOptions options)
    {
        RenderRegion region = options.Region ?? new RenderRegion(0, 0, info.Width, info.Height);
        SKRectI whole = new(0, 0, info.Width, info.Height);
        SKRectI part = SKRectI.Intersect(whole, Rectangle(region));
        if (part.Width <= 0 || part.Height <= 0)
        {
            return new DicomError(DicomErrorKind.InvalidLength, "The region is outside the image.");
        }

        fixed (byte* pointer = picture)
        {
            using SKPixmap pixmap = new(info, (nint)pointer);
            using SKPixmap? cut = pixmap.ExtractSubset(part);
            (int width, int height) = Fit(part.Width, part.Height, options);
            if (width == part.Width && height == part.Height && region is { Width: > 0, Height: > 0 })
            {
                return Encode(cut!, options);
            }

            using SKBitmap target = new(new SKImageInfo(width, height, info.ColorType, SKAlphaType.Opaque));
            using SKImage image = SKImage.FromPixels(cut!);
            using (SKCanvas canvas = new(target))
            using (SKPaint paint = new() { BlendMode = SKBlendMode.Src })
            {
                canvas.Scale(region.Width < 0 ? -1 : 1, region.Height < 0 ? -1 : 1, width / 2f, height / 2f);

                // A mean over what falls together when the picture gets smaller, a curve through the pixels when it gets larger.
                SKSamplingOptions sampling = width < part.Width ? new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear)
                    : width > part.Width ? new SKSamplingOptions(SKCubicResampler.CatmullRom)
                    : new SKSamplingOptions(SKFilterMode.Nearest);
                canvas.DrawImage(image, new SKRect(0, 0, part.Width, part.Height), new SKRect(0, 0, width, height), sampling, paint);
            }

            using SKPixmap drawn = target.PeekPixels();
            return Encode(drawn, options);
        }
    }

    private static ParseResult<RenderedFrame> Encode(SKPixmap pixmap, RenderOptions options)
    {
        using SKData? data = options.Format == RenderedFormat.Png
            ? pixmap.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Sub | SKPngEncoderFilterFlags.Up, 3))
            : pixmap.Encode(new SKJpegEncoderOptions(Math.Clamp(options.Quality, 1, 100), SKJpegEncoderDownsample.Downsample444, SKJpegEncoderAlphaOption.Ignore));
        return data is null
            ? new DicomError(DicomErrorKind.TooLarge, "The picture cannot be encoded.")
            : new RenderedFrame(data.ToArray(), options.Format == RenderedFormat.Png ? "image/png" : "image/jpeg", pixmap.Width, pixmap.Height);
    }

    private static SKRectI Rectangle(RenderRegion region)
    {
        // Bounds beyond these are outside every image; so no sum can overflow.
        int left = Math.Clamp(region.Left, -ushort.MaxValue - 1, ushort.MaxValue + 1);
        int top = Math.Clamp(region.Top, -ushort.MaxValue - 1, ushort.MaxValue + 1);
        return new SKRectI(left, top, left + Side(region.Width), top + Side(region.Height));

        static int Side(int value) => (int)Math.Min(Math.Abs((long)value), 4L * ushort.MaxValue);
    }

    private static (int Width, int Height) Fit(int width, int height, RenderOptions options)
    {
        if (options.Width is null && options.Height is null)
        {
            return (width, height);
        }

        double factor = Math.Min((options.Width ?? MaxSide) / (double)width, (options.Height ?? MaxSide) / (double)height);
        factor = Math.Min(factor, MaxSide / (double)Math.Max(width, height));
        return factor > 1 && !options.Enlarge
            ? (width, height)
            : ((int)Math.Max(1, Math.Round(width * factor)), (int)Math.Max(1, Math.Round(height * factor)));
    }
}
