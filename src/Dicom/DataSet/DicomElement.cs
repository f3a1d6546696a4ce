namespace MedicalAi.Dicom;

/// <summary>
/// A data element (PS3.5 section 7.1) of a data set in memory. It holds exactly one of: bytes, items, fragments, the place
/// where a large value was left, or the URI from which the value can be had.
/// </summary>
public sealed class DicomElement
{
    // Items, fragments, a place or a URI: one field for the four, for a data set can have a million elements.
    private readonly object? _content;

    /// <summary>An element with a value in memory, little-endian.</summary>
    public DicomElement(DicomTag tag, Vr vr, ReadOnlyMemory<byte> value)
    {
        Tag = tag;
        Vr = vr;
        Value = value;
    }

    /// <summary>A sequence of items.</summary>
    public DicomElement(DicomTag tag, IReadOnlyList<DicomDataSet> items)
    {
        Tag = tag;
        Vr = Vr.SQ;
        _content = items;
    }

    /// <summary>Encapsulated pixel data.</summary>
    public DicomElement(DicomTag tag, Vr vr, DicomFragments fragments)
    {
        Tag = tag;
        Vr = vr;
        _content = fragments;
    }

    /// <summary>A value that was left where it came from.</summary>
    public DicomElement(DicomTag tag, Vr vr, BulkLocation bulk)
    {
        Tag = tag;
        Vr = vr;
        _content = bulk;
    }

    /// <summary>A value that is elsewhere and was named by its URI, as DICOM JSON and XML do (PS3.18 F.2.6, PS3.19 A.1.5).</summary>
    public DicomElement(DicomTag tag, Vr vr, string bulkDataUri)
    {
        ArgumentNullException.ThrowIfNull(bulkDataUri);
        Tag = tag;
        Vr = vr;
        _content = bulkDataUri;
    }

    /// <summary>The tag.</summary>
    public DicomTag Tag { get; }

    /// <summary>The value representation, as read or from the dictionary.</summary>
    public Vr Vr { get; }

    /// <summary>The value's bytes, always little-endian; empty for the other kinds.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>The items of a sequence; null for the other kinds.</summary>
    public IReadOnlyList<DicomDataSet>? Items => _content as IReadOnlyList<DicomDataSet>;

    /// <summary>The fragments of encapsulated pixel data; null for the other kinds.</summary>
    public DicomFragments? Fragments => _content as DicomFragments;

    /// <summary>Where the value was left; null for the other kinds.</summary>
    public BulkLocation? Bulk => _content is BulkLocation bulk ? bulk : null;

    /// <summary>The URI of a value that is elsewhere, as it was given: it is not followed, and not to be trusted. Null for the other kinds.</summary>
    public string? BulkDataUri => _content as string;

    /// <summary>Whether there is a value that is not here: it was left where it came from, or is named by a URI.</summary>
    public bool IsElsewhere => _content is BulkLocation or string;

    /// <summary>Whether there is no value: no bytes, no items, no fragments (PS3.5 section 7.4.5, type 2).</summary>
    public bool IsEmpty => _content is null ? Value.IsEmpty : _content is IReadOnlyList<DicomDataSet> { Count: 0 };
}
