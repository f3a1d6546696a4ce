using System.Globalization;
using MedicalAi.Dicom.Imaging;
using Microsoft.AspNetCore.Http;

namespace MedicalAi.DicomWeb;

/// <summary>The query parameters of rendered resources (PS3.18 8.3.5), read.</summary>
internal static class RenderedQuery
{
    /// <summary>The side of a thumbnail for which no viewport is given.</summary>
    public const int ThumbnailSide = 200;

    private const int MaximumSide = 8192;

    /// <summary>Reads the parameters of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isThumbnail">Whether a thumbnail is asked for.</param>
    /// <param name="problem">Why they cannot be read or followed; null when they can.</param>
    public static RenderOptions? Parse(HttpRequest request, bool isThumbnail, out Problem? problem)
    {
        RenderOptions options = isThumbnail ? new RenderOptions { Width = ThumbnailSide, Height = ThumbnailSide, Enlarge = false } : new RenderOptions();
        problem = null;
        foreach ((string name, var values) in request.Query)
        {
            string value = values.ToString();
            RenderOptions? read = name.ToLowerInvariant() switch
            {
                "window" => ReadWindow(options, value),
                "quality" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int quality) && quality is >= 1 and <= 100 ? options with { Quality = quality } : null,
                "viewport" => ReadViewport(options, value),
                "annotation" or "presentationuid" => null,
                "iccprofile" => value == "no" ? options : null,
                _ => options,
            };
            if (read is null)
            {
                problem = Problem.BadRequest(name.ToLowerInvariant() switch
                {
                    "window" => "window is centre,width,function: two numbers, a width of 1 or more, and linear, linear-exact or sigmoid.",
                    "quality" => "quality is a whole number from 1 to 100.",
                    "viewport" => $"viewport is vw,vh or vw,vh,sx,sy,sw,sh: sides of 1 to {MaximumSide} pixels, and a part of the image.",
                    "iccprofile" => "iccprofile can be \"no\" only: pictures carry no profile.",
                    _ => $"{name} is not supported: pictures are rendered without annotations and presentation states.",
                });
                return null;
            }

            options = read;
        }

        return options;
    }

    private static RenderOptions? ReadWindow(RenderOptions options, string value)
    {
        string[] parts = value.Split(',', StringSplitOptions.TrimEntries);
        VoiFunction? function = parts.Length == 2 ? VoiFunction.Linear : parts.Length != 3 ? null : parts[2].ToLowerInvariant() switch
        {
            "linear" => VoiFunction.Linear,
            "linear-exact" => VoiFunction.LinearExact,
            "sigmoid" => VoiFunction.Sigmoid,
            _ => null,
        };
        return function is { } known && TryNumber(parts[0], out double centre) && TryNumber(parts[1], out double width) && width >= (known == VoiFunction.Linear ? 1 : double.Epsilon)
            ? options with { Window = new VoiTransform(centre, width, known) }
            : null;
    }

    private static RenderOptions? ReadViewport(RenderOptions options, string value)
    {
        string[] parts = value.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length is not (2 or 6) || !TrySide(parts[0], out int width) || !TrySide(parts[1], out int height))
        {
            return null;
        }

        options = options with { Width = width, Height = height, Enlarge = true };
        if (parts.Length == 2)
        {
            return options;
        }

        // A part that is left out is that of the whole image (PS3.18 8.3.5.1.3).
        int[] region = new int[4];
        for (int i = 0; i < 4; i++)
        {
            int whole = i < 2 ? 0 : ushort.MaxValue;
            if (parts[i + 2].Length > 0 && !(TryNumber(parts[i + 2], out double number) && Math.Abs(number) <= ushort.MaxValue))
            {
                return null;
            }

            region[i] = parts[i + 2].Length == 0 ? whole : (int)double.Parse(parts[i + 2], CultureInfo.InvariantCulture);
        }

        return region[2] == 0 || region[3] == 0 ? null : options with { Region = new RenderRegion(region[0], region[1], region[2], region[3]) };
    }

    private static bool TrySide(string text, out int side) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out side) && side is >= 1 and <= MaximumSide;

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number) && Math.Abs(number) < 1e9;
}
