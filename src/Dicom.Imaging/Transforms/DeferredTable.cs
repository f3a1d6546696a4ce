namespace MedicalAi.Dicom.Imaging;

/// <summary>
/// A look-up table of a header whose entries were left where they came from, because of their length. Before the header is used
/// to render, read the bytes of <see cref="Location"/> and give them to <see cref="Fill"/>.
/// </summary>
/// <param name="Owner">The data set that holds the table: the header or an item of it.</param>
/// <param name="Element">The element.</param>
public readonly record struct DeferredTable(DicomDataSet Owner, DicomElement Element)
{
    private static readonly DicomTag[] s_palettes =
    [
        DicomTags.RedPaletteColorLookupTableData,
        DicomTags.GreenPaletteColorLookupTableData,
        DicomTags.BluePaletteColorLookupTableData,
        DicomTags.SegmentedRedPaletteColorLookupTableData,
        DicomTags.SegmentedGreenPaletteColorLookupTableData,
        DicomTags.SegmentedBluePaletteColorLookupTableData,
    ];

    /// <summary>The longest table that there can be, in bytes; longer ones are not listed.</summary>
    public const int MaxLength = 2 * 65536;

    /// <summary>Where the entries stand in the data set that the header was read from.</summary>
    public BulkLocation Location => Element.Bulk!.Value;

    /// <summary>The tables that rendering a frame needs and that were left where they came from.</summary>
    public static IReadOnlyList<DeferredTable> List(DicomDataSet header, int frame)
    {
        ArgumentNullException.ThrowIfNull(header);
        List<DeferredTable> found = [];
        foreach (DicomTag tag in s_palettes)
        {
            Add(found, header, tag);
        }

        DicomDataSet modality = FunctionalGroups.Find(header, frame, DicomTags.PixelValueTransformationSequence);
        DicomDataSet voi = FunctionalGroups.Find(header, frame, DicomTags.FrameVOILUTSequence);
        foreach (DicomDataSet item in (IEnumerable<DicomDataSet>)[.. modality.GetItems(DicomTags.ModalityLUTSequence), .. voi.GetItems(DicomTags.VOILUTSequence)])
        {
            Add(found, item, DicomTags.LUTData);
        }

        return found;
    }

    /// <summary>Puts the entries into the header.</summary>
    /// <param name="bytes">The bytes at <see cref="Location"/>; they are kept.</param>
    /// <param name="syntax">The transfer syntax that they stand in.</param>
    public void Fill(Memory<byte> bytes, TransferSyntax syntax)
    {
        ArgumentNullException.ThrowIfNull(syntax);
        if (syntax.IsBigEndian)
        {
            ByteOrder.Reverse(bytes.Span, sizeof(ushort));
        }

        Owner.Set(new DicomElement(Element.Tag, Element.Vr, bytes));
    }

    private static void Add(List<DeferredTable> found, DicomDataSet owner, DicomTag tag)
    {
        if (owner.Find(tag) is { Bulk.Length: <= MaxLength } element)
        {
            found.Add(new DeferredTable(owner, element));
        }
    }
}
