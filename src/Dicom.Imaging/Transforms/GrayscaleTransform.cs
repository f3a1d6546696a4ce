using System.Numerics.Tensors;

namespace MedicalAi.Dicom.Imaging;

/// <summary>
/// The way from the stored values of a grayscale frame to grey values to look at (PS3.4 N.2): Modality LUT, VOI LUT and whether
/// low values are to be seen white. Grey values run from 0 for black to a top for white.
/// </summary>
public sealed record GrayscaleTransform
{
    /// <summary>Slope and intercept, where there is no table.</summary>
    public ModalityTransform Modality { get; init; } = new(1, 0);

    /// <summary>The Modality LUT as a table; null when slope and intercept apply.</summary>
    public LookUpTable? ModalityTable { get; init; }

    /// <summary>The window; null when there is a table, or none at all: then the range of the values is used.</summary>
    public VoiTransform? Window { get; init; }

    /// <summary>The VOI LUT as a table; null when there is a window.</summary>
    public LookUpTable? VoiTable { get; init; }

    /// <summary>Whether low values are white: MONOCHROME1, or a presentation LUT shape INVERSE.</summary>
    public bool IsInverse { get; init; }

    /// <summary>Stored values that are no part of the image, lowest and highest (0028,0120 and 0028,0121); null when there are none.</summary>
    public (int Low, int High)? Padding { get; init; }

    /// <summary>Reads how a frame is to be shown: its first window, or its first VOI LUT where it has no window.</summary>
    /// <param name="dataSet">The instance.</param>
    /// <param name="pixels">How its pixels are stored.</param>
    /// <param name="frame">The frame, counted from 1.</param>
    /// <returns>The transform, or what is wrong with a look-up table.</returns>
    public static ParseResult<GrayscaleTransform> Read(DicomDataSet dataSet, PixelDescription pixels, int frame = 1)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentNullException.ThrowIfNull(pixels);
        GrayscaleTransform transform = new()
        {
            IsInverse = pixels.PhotometricInterpretation == "MONOCHROME1" || dataSet.GetString(DicomTags.PresentationLUTShape) == "INVERSE",
            Padding = ReadPadding(dataSet, pixels),
        };

        DicomDataSet modality = FunctionalGroups.Find(dataSet, frame, DicomTags.PixelValueTransformationSequence);
        if (modality.GetItems(DicomTags.ModalityLUTSequence) is [DicomDataSet modalityItem, ..])
        {
            ParseResult<LookUpTable> table = LookUpTable.Read(modalityItem, DicomTags.LUTDescriptor, DicomTags.LUTData, pixels.IsSigned);
            if (!table.Ok)
            {
                return table.Error;
            }

            transform = transform with { ModalityTable = table.Value };
        }
        else
        {
            transform = transform with { Modality = ModalityTransform.Read(modality) };
        }

        DicomDataSet voi = FunctionalGroups.Find(dataSet, frame, DicomTags.FrameVOILUTSequence);
        if (VoiTransform.Read(voi) is { } window)
        {
            return transform with { Window = window };
        }

        if (voi.GetItems(DicomTags.VOILUTSequence) is [DicomDataSet voiItem, ..])
        {
            bool mayBeNegative = transform.ModalityTable is null && (pixels.IsSigned || transform.Modality.Intercept < 0);
            ParseResult<LookUpTable> table = LookUpTable.Read(voiItem, DicomTags.LUTDescriptor, DicomTags.LUTData, mayBeNegative);
            return table.Ok ? transform with { VoiTable = table.Value } : table.Error;
        }

        // Unsigned values of up to 8 bits without a window are grey values already: their whole range is shown, so that a dark
        // image stays dark. Of longer values only the range that is used can be meant.
        return pixels is { IsFloat: false, IsSigned: false, BitsStored: <= 8 } && transform is { ModalityTable: null, Modality: { Slope: 1, Intercept: 0 } }
            ? transform with { Window = VoiTransform.OfRange(0, (1 << pixels.BitsStored) - 1) }
            : transform;
    }

    /// <summary>Changes stored values in place to grey values from 0, black, to <paramref name="top"/>, white.</summary>
    public void Apply(Span<float> values, float top)
    {
        bool[]? outside = FindPadding(values);
        ApplyModality(values);
        ApplyVoi(values, top, outside);
        ApplyInverse(values, top);
        Blacken(values, outside);
    }

    /// <summary>Which of the stored values are no part of the image; null when there are none.</summary>
    public bool[]? FindPadding(ReadOnlySpan<float> storedValues)
    {
        bool[]? outside = null;
        for (int i = 0; Padding is { } padding && i < storedValues.Length; i++)
        {
            if (storedValues[i] >= padding.Low && storedValues[i] <= padding.High)
            {
                outside ??= new bool[storedValues.Length];
                outside[i] = true;
            }
        }

        return outside;
    }

    /// <summary>The first step: stored values to values of the modality.</summary>
    public void ApplyModality(Span<float> values)
    {
        if (ModalityTable is { } table)
        {
            table.Apply(values);
        }
        else
        {
            Modality.Apply(values);
        }
    }

    /// <summary>The second step: values of the modality to grey values from 0 to <paramref name="top"/>.</summary>
    /// <param name="values">The values.</param>
    /// <param name="top">The highest grey value.</param>
    /// <param name="outside">What <see cref="FindPadding"/> found; does not count for the range.</param>
    public void ApplyVoi(Span<float> values, float top, bool[]? outside = null)
    {
        if (VoiTable is { } table)
        {
            table.Apply(values);
            TensorPrimitives.Multiply(values, top / table.Top, values);
        }
        else
        {
            (Window ?? RangeOf(values, outside)).Apply(values, top);
        }
    }

    /// <summary>The third step: low values, which are to be seen white, become high ones.</summary>
    public void ApplyInverse(Span<float> values, float top)
    {
        if (IsInverse)
        {
            TensorPrimitives.Subtract(top, values, values);
        }
    }

    /// <summary>The last step: what is outside the image is dark, inverted or not.</summary>
    public static void Blacken(Span<float> values, bool[]? outside)
    {
        for (int i = 0; outside is not null && i < outside.Length; i++)
        {
            if (outside[i])
            {
                values[i] = 0;
            }
        }
    }

    private static (int Low, int High)? ReadPadding(DicomDataSet dataSet, PixelDescription pixels)
    {
        if (Signed(dataSet, DicomTags.PixelPaddingValue, pixels) is not { } value)
        {
            return null;
        }

        int limit = Signed(dataSet, DicomTags.PixelPaddingRangeLimit, pixels) ?? value;
        return (Math.Min(value, limit), Math.Max(value, limit));
    }

    // US or SS by Pixel Representation; in implicit VR the reader could not always know (PS3.3 C.7.5.1.1.2).
    private static int? Signed(DicomDataSet dataSet, DicomTag tag, PixelDescription pixels) =>
        dataSet.GetInt32(tag) is not { } value ? null : pixels.IsSigned ? (short)value : (ushort)value;

    private static VoiTransform RangeOf(ReadOnlySpan<float> values, bool[]? outside)
    {
        float low = float.MaxValue;
        float high = float.MinValue;
        for (int i = 0; i < values.Length; i++)
        {
            if ((outside is null || !outside[i]) && float.IsFinite(values[i]))
            {
                low = Math.Min(low, values[i]);
                high = Math.Max(high, values[i]);
            }
        }

        return high < low ? new VoiTransform(0.5, 1, VoiFunction.LinearExact) : VoiTransform.OfRange(low, high);
    }
}
