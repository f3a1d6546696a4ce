using System.Text.Json;
using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.DicomWeb;

/// <summary>Writes matches of a search as DICOM JSON: attributes that the archive keeps as JSON, and those that are computed.</summary>
/// <param name="request">The request, for URLs.</param>
/// <param name="query">What was asked for.</param>
internal sealed class MatchWriter(DicomWebRequest request, SearchQuery query) : IDisposable
{
    // Matches come study by study and series by series, so that the last ones parsed are nearly always the next ones needed.
    private ((DicomUid Study, DicomUid Series) Key, JsonDocument? Json) _study;
    private ((DicomUid Study, DicomUid Series) Key, JsonDocument? Json) _series;
    private readonly HashSet<DicomTag> _required = SearchAttributes.Of(query.Query.Level, request.Study is not null, request.Series is not null);

    /// <summary>Whether the metadata of the instances is needed for what was asked for.</summary>
    public static bool NeedsMetadata(SearchQuery query) =>
        query.Query.Level == IndexLevel.Instance && (query.IncludesAll || query.Included.Any(tag => !SearchAttributes.IsInRows(tag)));

    /// <summary>Writes one match.</summary>
    public void Write(Utf8JsonWriter writer, IndexMatch match)
    {
        Keep(ref _study, (match.Study.Study, default), match.Study.Attributes);
        if (match.Series is { } series)
        {
            Keep(ref _series, (match.Study.Study, series.Series), series.Attributes);
        }

        using JsonDocument? instance = Parse(match.Metadata);
        JsonElement?[] sources = [instance?.RootElement, match.Series is null ? null : _series.Json?.RootElement, _study.Json?.RootElement];
        SortedSet<DicomTag> tags = [.. _required, .. query.Included];
        if (query.IncludesAll)
        {
            // All attributes of the level itself.
            AddTags(tags, query.Query.Level switch { IndexLevel.Study => sources[2], IndexLevel.Series => sources[1], _ => sources[0] });
        }

        writer.WriteStartObject();
        foreach (DicomTag tag in tags)
        {
            if (!TryWriteComputed(writer, tag, match))
            {
                WriteStored(writer, tag, sources);
            }
        }

        writer.WriteEndObject();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _study.Json?.Dispose();
        _series.Json?.Dispose();
    }

    private static void Keep(ref ((DicomUid Study, DicomUid Series) Key, JsonDocument? Json) kept, (DicomUid Study, DicomUid Series) key, ReadOnlyMemory<byte> attributes)
    {
        if (kept.Key != key)
        {
            kept.Json?.Dispose();
            kept = (key, Parse(attributes));
        }
    }

    private static JsonDocument? Parse(ReadOnlyMemory<byte> json) => json.IsEmpty ? null : JsonDocument.Parse(json);

    private static void AddTags(SortedSet<DicomTag> tags, JsonElement? source)
    {
        foreach (JsonProperty property in source?.EnumerateObject() ?? default)
        {
            if (DicomTag.TryParse(property.Name, out DicomTag tag))
            {
                tags.Add(tag);
            }
        }
    }

    private void WriteStored(Utf8JsonWriter writer, DicomTag tag, JsonElement?[] sources)
    {
        string name = tag.ToHex();
        foreach (JsonElement? source in sources)
        {
            if (source is { } json && json.TryGetProperty(name, out JsonElement value))
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
                return;
            }
        }

        if (_required.Contains(tag) && SearchAttributes.IsSentEmpty(tag))
        {
            writer.WriteAttribute(tag, DicomDictionary.FindVr(tag));
        }
    }

    private bool TryWriteComputed(Utf8JsonWriter writer, DicomTag tag, IndexMatch match)
    {
        InstanceRow? instance = match.Instance;
        switch (tag)
        {
            case var _ when tag == DicomTags.SpecificCharacterSet:
                writer.WriteAttribute(tag, Vr.CS, "ISO_IR 192"); // JSON is UTF-8, whatever the instances are.
                return true;
            case var _ when tag == DicomTags.InstanceAvailability:
                writer.WriteAttribute(tag, Vr.CS, "ONLINE");
                return true;
            case var _ when tag == DicomTags.RetrieveURL:
                writer.WriteAttribute(tag, Vr.UR, UrlOf(match));
                return true;
            case var _ when tag == DicomTags.StudyInstanceUID:
                writer.WriteAttribute(tag, Vr.UI, match.Study.Study.Value);
                return true;
            case var _ when tag == DicomTags.ModalitiesInStudy:
                writer.WriteAttribute(tag, Vr.CS, [.. match.Study.Modalities]);
                return true;
            case var _ when tag == DicomTags.SOPClassesInStudy:
                writer.WriteAttribute(tag, Vr.UI, [.. match.Study.SopClasses]);
                return true;
            case var _ when tag == DicomTags.NumberOfStudyRelatedSeries:
                writer.WriteAttribute(tag, Vr.IS, match.Study.NumberOfSeries);
                return true;
            case var _ when tag == DicomTags.NumberOfStudyRelatedInstances:
                writer.WriteAttribute(tag, Vr.IS, match.Study.NumberOfInstances);
                return true;
            case var _ when tag == DicomTags.SeriesInstanceUID && match.Series is { } series:
                writer.WriteAttribute(tag, Vr.UI, series.Series.Value);
                return true;
            case var _ when tag == DicomTags.NumberOfSeriesRelatedInstances && match.Series is { } series:
                writer.WriteAttribute(tag, Vr.IS, series.NumberOfInstances);
                return true;
            case var _ when instance is not null && tag == DicomTags.SOPClassUID:
                writer.WriteAttribute(tag, Vr.UI, instance.Identity.SopClass.Value);
                return true;
            case var _ when instance is not null && tag == DicomTags.SOPInstanceUID:
                writer.WriteAttribute(tag, Vr.UI, instance.Identity.SopInstance.Value);
                return true;
            case var _ when instance is not null && tag == DicomTags.AvailableTransferSyntaxUID:
                writer.WriteAttribute(tag, Vr.UI, instance.TransferSyntax.Uid.Value);
                return true;
            case var _ when FindNumber(tag, instance) is { } number:
                writer.WriteAttribute(tag, DicomDictionary.FindVr(tag), number);
                return true;
            default:
                return false;
        }
    }

    private static long? FindNumber(DicomTag tag, InstanceRow? row) => row is null ? null
        : tag == DicomTags.InstanceNumber ? row.InstanceNumber
        : tag == DicomTags.NumberOfFrames ? row.NumberOfFrames
        : tag == DicomTags.Rows ? row.Rows
        : tag == DicomTags.Columns ? row.Columns
        : tag == DicomTags.BitsAllocated ? row.BitsAllocated
        : null;

    private string UrlOf(IndexMatch match) => match switch
    {
        { Instance.Identity: var identity } => request.UrlOf(identity.Study, identity.Series, identity.SopInstance),
        { Series: { } series } => request.UrlOf(series.Study, series.Series),
        _ => request.UrlOf(match.Study.Study),
    };
}
