namespace MedicalAi.Dicom.Imaging;

/// <summary>How the pixels of an instance are stored: the Image Pixel module (PS3.3 C.7.6.3) and the number of frames.</summary>
public sealed record PixelDescription
{
    private const int MaxFrames = 1 << 24;

    /// <summary>Rows (0028,0010): the height in pixels.</summary>
    public required int Rows { get; init; }

    /// <summary>Columns (0028,0011): the width in pixels.</summary>
    public required int Columns { get; init; }

    /// <summary>Samples per Pixel (0028,0002): 1, 3 or 4.</summary>
    public int SamplesPerPixel { get; init; } = 1;

    /// <summary>Bits Allocated (0028,0100): 1, 8, 16, 32 or 64.</summary>
    public required int BitsAllocated { get; init; }

    /// <summary>Bits Stored (0028,0101).</summary>
    public required int BitsStored { get; init; }

    /// <summary>High Bit (0028,0102).</summary>
    public required int HighBit { get; init; }

    /// <summary>Pixel Representation (0028,0103): whether samples are in two's complement.</summary>
    public bool IsSigned { get; init; }

    /// <summary>Whether samples are floating point numbers: Float (7FE0,0008) or Double Float Pixel Data (7FE0,0009).</summary>
    public bool IsFloat { get; init; }

    /// <summary>Photometric Interpretation (0028,0004).</summary>
    public string PhotometricInterpretation { get; init; } = "MONOCHROME2";

    /// <summary>Planar Configuration (0028,0006): 1 when each sample has a plane of its own.</summary>
    public int PlanarConfiguration { get; init; }

    /// <summary>Number of Frames (0028,0008); 1 when it is absent.</summary>
    public int NumberOfFrames { get; init; } = 1;

    /// <summary>The pixels of a frame.</summary>
    public int PixelsPerFrame => Rows * Columns;

    /// <summary>The bits of a native frame. Frames of 1 bit follow each other without padding (PS3.5 section 8.1.1).</summary>
    public long FrameBits => (PhotometricInterpretation is "YBR_FULL_422" or "YBR_PARTIAL_422" ? 2L : SamplesPerPixel) * Rows * Columns * BitsAllocated;

    /// <summary>The bytes of a native frame, rounded up.</summary>
    public long FrameLength => (FrameBits + 7) / 8;

    /// <summary>Reads the description of an instance.</summary>
    /// <returns>The description, or which attribute is missing or cannot be.</returns>
    public static ParseResult<PixelDescription> Read(DicomDataSet dataSet)
    {
        ArgumentNullException.ThrowIfNull(dataSet);

        // Float pixel data tells its bits by its tag (PS3.3 C.7.6.24 and C.7.6.25).
        int? floatBits = dataSet.Contains(DicomTags.FloatPixelData) ? 32 : dataSet.Contains(DicomTags.DoubleFloatPixelData) ? 64 : null;
        int? bitsAllocated = floatBits ?? dataSet.GetInt32(DicomTags.BitsAllocated);
        int bitsStored = floatBits ?? dataSet.GetInt32(DicomTags.BitsStored) ?? bitsAllocated ?? 0;
        PixelDescription pixels = new()
        {
            Rows = dataSet.GetInt32(DicomTags.Rows) ?? 0,
            Columns = dataSet.GetInt32(DicomTags.Columns) ?? 0,
            SamplesPerPixel = dataSet.GetInt32(DicomTags.SamplesPerPixel) ?? 1,
            BitsAllocated = bitsAllocated ?? 0,
            BitsStored = bitsStored,
            HighBit = floatBits - 1 ?? dataSet.GetInt32(DicomTags.HighBit) ?? bitsStored - 1,
            IsFloat = floatBits is not null,
            IsSigned = dataSet.GetInt32(DicomTags.PixelRepresentation) == 1,
            PhotometricInterpretation = dataSet.GetString(DicomTags.PhotometricInterpretation) ?? "MONOCHROME2",
            PlanarConfiguration = dataSet.GetInt32(DicomTags.PlanarConfiguration) ?? 0,
            NumberOfFrames = dataSet.GetInt32(DicomTags.NumberOfFrames) ?? 1,
        };
        return pixels.FindProblem() is { } problem ? problem : pixels;
    }

    private DicomError? FindProblem() =>
        Check(Rows is > 0 and <= ushort.MaxValue, DicomTags.Rows)
        ?? Check(Columns is > 0 and <= ushort.MaxValue, DicomTags.Columns)
        ?? Check(SamplesPerPixel is 1 or 3 or 4, DicomTags.SamplesPerPixel)
        ?? Check(BitsAllocated is 1 or 8 or 16 or 32 or 64, DicomTags.BitsAllocated)
        ?? Check(BitsStored > 0 && BitsStored <= BitsAllocated, DicomTags.BitsStored)
        ?? Check(HighBit >= BitsStored - 1 && HighBit < BitsAllocated, DicomTags.HighBit)
        ?? Check(NumberOfFrames is > 0 and <= MaxFrames, DicomTags.NumberOfFrames)
        ?? Check((long)Rows * Columns <= int.MaxValue && FrameBits / 8 <= int.MaxValue, DicomTags.Rows);

    private static DicomError? Check(bool holds, DicomTag tag) =>
        holds ? null : new DicomError(DicomErrorKind.InvalidLength, "The image's attributes are missing or cannot be.", 0, tag);
}
