namespace MedicalAi.Dicom.Imaging;

/// <summary>The colours of PALETTE COLOR images (PS3.3 C.7.9).</summary>
/// <param name="Red">From stored values to red.</param>
/// <param name="Green">From stored values to green.</param>
/// <param name="Blue">From stored values to blue.</param>
public sealed record PaletteColor(LookUpTable Red, LookUpTable Green, LookUpTable Blue)
{
    /// <summary>Reads an image's palette, written out or in segments.</summary>
    /// <returns>The palette, or which part of it is missing or cannot be.</returns>
    public static ParseResult<PaletteColor> Read(DicomDataSet dataSet)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        bool isSigned = dataSet.GetInt32(DicomTags.PixelRepresentation) == 1;
        ParseResult<LookUpTable> red = ReadColor(dataSet, DicomTags.RedPaletteColorLookupTableDescriptor, DicomTags.RedPaletteColorLookupTableData, DicomTags.SegmentedRedPaletteColorLookupTableData, isSigned);
        ParseResult<LookUpTable> green = ReadColor(dataSet, DicomTags.GreenPaletteColorLookupTableDescriptor, DicomTags.GreenPaletteColorLookupTableData, DicomTags.SegmentedGreenPaletteColorLookupTableData, isSigned);
        ParseResult<LookUpTable> blue = ReadColor(dataSet, DicomTags.BluePaletteColorLookupTableDescriptor, DicomTags.BluePaletteColorLookupTableData, DicomTags.SegmentedBluePaletteColorLookupTableData, isSigned);
        return (red.Error ?? green.Error ?? blue.Error) is { } error ? error : new PaletteColor(red.Value, green.Value, blue.Value);
    }

    /// <summary>The colours of a stored value, 8 bits each.</summary>
    public (byte Red, byte Green, byte Blue) Map(int value) => (To8(Red, value), To8(Green, value), To8(Blue, value));

    private static byte To8(LookUpTable table, int value) => (byte)(table.Bits >= 8 ? table.Map(value) >> (table.Bits - 8) : table.Map(value) * 255 / table.Top);

    private static ParseResult<LookUpTable> ReadColor(DicomDataSet dataSet, DicomTag descriptor, DicomTag data, DicomTag segments, bool isSigned) =>
        !dataSet.Contains(data) && dataSet.Contains(segments)
            ? LookUpTable.ReadSegmented(dataSet, descriptor, segments, isSigned)
            : LookUpTable.Read(dataSet, descriptor, data, isSigned);
}
