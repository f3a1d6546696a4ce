using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>
/// What the index keeps of an instance's header: the columns, the attributes of study and series, the metadata and the bulk map.
/// All of it is computed once, on the way in, on the thread of the sender.
/// </summary>
internal sealed class InstanceDescription
{
    // Served as application/dicom+json, never within a page, so that only what JSON itself asks for is escaped.
    private static readonly JsonWriterOptions s_json = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly DicomDataSet _header;
    private readonly InstanceIdentity _identity;
    private readonly ArrayBufferWriter<byte> _buffer = new(16 * 1024);
    private readonly string _bulkRoot;

    /// <param name="header">The header as parsed, large values left in place. Available Transfer Syntax UID is set in it.</param>
    /// <param name="identity">Its identifiers.</param>
    /// <param name="syntax">The syntax in which it is stored.</param>
    public InstanceDescription(DicomDataSet header, InstanceIdentity identity, TransferSyntax syntax)
    {
        _header = header;
        _identity = identity;
        _bulkRoot = $"/dicomweb/studies/{identity.Study}/series/{identity.Series}/instances/{identity.SopInstance}/bulkdata/";
        header.SetUid(DicomTags.AvailableTransferSyntaxUID, syntax.Uid);
        Columns = ReadColumns(header);
        Metadata = InstanceMetadata.Deflate(WriteJson(header));
        StudyAttributes = Select(ModuleAttributes.Study);
        SeriesAttributes = Select(ModuleAttributes.Series);
        List<BulkEntry> bulk = [];
        CollectBulk(header, "", bulk);
        Bulk = new BulkMap(bulk, syntax.IsDeflated).Write();
    }

    public InstanceColumns Columns { get; }

    public ReadOnlyMemory<byte> StudyAttributes { get; }

    public ReadOnlyMemory<byte> SeriesAttributes { get; }

    public ReadOnlyMemory<byte> Metadata { get; }

    public ReadOnlyMemory<byte> Bulk { get; }

    private static InstanceColumns ReadColumns(DicomDataSet header) => new()
    {
        PatientId = Text(header, DicomTags.PatientID),
        IssuerOfPatientId = Text(header, DicomTags.IssuerOfPatientID),
        PatientName = Text(header, DicomTags.PatientName),
        PatientBirthDate = Date(header, DicomTags.PatientBirthDate),
        PatientSex = Text(header, DicomTags.PatientSex),
        StudyDate = Date(header, DicomTags.StudyDate),
        StudyTime = Time(header, DicomTags.StudyTime),
        AccessionNumber = Text(header, DicomTags.AccessionNumber),
        StudyId = Text(header, DicomTags.StudyID),
        StudyDescription = Text(header, DicomTags.StudyDescription),
        ReferringPhysicianName = Text(header, DicomTags.ReferringPhysicianName),
        Modality = Text(header, DicomTags.Modality),
        SeriesNumber = header.GetInt64(DicomTags.SeriesNumber),
        SeriesDescription = Text(header, DicomTags.SeriesDescription),
        BodyPartExamined = Text(header, DicomTags.BodyPartExamined),
        SeriesDate = Date(header, DicomTags.SeriesDate),
        SeriesTime = Time(header, DicomTags.SeriesTime),
        PerformedProcedureStepStartDate = Date(header, DicomTags.PerformedProcedureStepStartDate),
        PerformedProcedureStepStartTime = Time(header, DicomTags.PerformedProcedureStepStartTime),
        InstanceNumber = header.GetInt64(DicomTags.InstanceNumber),
        NumberOfFrames = Number(header, DicomTags.NumberOfFrames),
        Rows = Number(header, DicomTags.Rows),
        Columns = Number(header, DicomTags.Columns),
        BitsAllocated = Number(header, DicomTags.BitsAllocated),
        ContentDate = Date(header, DicomTags.ContentDate),
        ContentTime = Time(header, DicomTags.ContentTime),
    };

    private static string? Text(DicomDataSet header, DicomTag tag)
    {
        string[] values = header.GetStrings(tag);
        string text = values.Length == 1 ? values[0] : string.Join('\\', values);
        return text.Length == 0 ? null : text;
    }

    private static string? Date(DicomDataSet header, DicomTag tag) => ComparableDates.Date(header.GetString(tag));

    private static string? Time(DicomDataSet header, DicomTag tag) => ComparableDates.Time(header.GetString(tag));

    private static int? Number(DicomDataSet header, DicomTag tag) => header.GetInt64(tag) is { } value and >= 0 and <= int.MaxValue ? (int)value : null;

    private static bool IsBulk(DicomElement element) => element.Bulk is not null || element.Fragments is not null;

    private static void CollectBulk(DicomDataSet dataSet, string prefix, List<BulkEntry> entries)
    {
        foreach (DicomElement element in dataSet)
        {
            if (element.Items is { } items)
            {
                for (int i = 0; i < items.Count; i++)
                {
                    CollectBulk(items[i], string.Create(CultureInfo.InvariantCulture, $"{prefix}{element.Tag.ToHex()}/{i}/"), entries);
                }
            }
            else if (element.Bulk is { } location)
            {
                entries.Add(new BulkEntry(prefix + element.Tag.ToHex(), element.Vr, location, null, []));
            }
            else if (element.Fragments is { } fragments)
            {
                BulkLocation[] places = [.. fragments.Items.Select(fragment => fragment.Location)];
                const int ItemHeader = 8;
                long begin = places.Length == 0 ? 0 : places[0].Offset - ItemHeader;
                long end = places.Length == 0 ? 0 : places[^1].Offset + places[^1].Length;
                entries.Add(new BulkEntry(prefix + element.Tag.ToHex(), element.Vr, new BulkLocation(begin, end - begin), places, [.. fragments.ReadOffsets().Select(offset => (long)offset)]));
            }
        }
    }

    private byte[] Select(FrozenSet<DicomTag> tags)
    {
        DicomDataSet selected = new();
        foreach (DicomElement element in _header)
        {
            if (element.Tag == DicomTags.SpecificCharacterSet || tags.Contains(element.Tag))
            {
                selected.Set(element);
            }
        }

        return WriteJson(selected).ToArray();
    }

    private ReadOnlySpan<byte> WriteJson(DicomDataSet dataSet)
    {
        _buffer.ResetWrittenCount();
        using (Utf8JsonWriter writer = new(_buffer, s_json))
        {
            DicomJson.Write(dataSet, writer, (path, element) => IsBulk(element) ? _bulkRoot + path : null);
        }

        return _buffer.WrittenSpan;
    }
}
