using System.Buffers;
using System.Text;
using System.Text.Json;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>Takes single attributes out of a data set in DICOM JSON, without reading the others.</summary>
internal static class AttributeSelection
{
    /// <summary>Reads attributes of a data set; those that it does not have, and values that are kept elsewhere, are left out.</summary>
    /// <param name="json">The data set.</param>
    /// <param name="tags">The attributes wanted.</param>
    /// <exception cref="InvalidDataException">The text is no data set.</exception>
    public static DicomDataSet Read(ReadOnlySpan<byte> json, IReadOnlySet<DicomTag> tags)
    {
        ArrayBufferWriter<byte> selected = new();
        Select(json, tags, selected);
        ParseResult<DicomDataSet> parsed = DicomJson.Parse(selected.WrittenSpan);
        return parsed.Ok ? parsed.Value : throw new InvalidDataException(parsed.Error!.ToString());
    }

    /// <summary>Writes attributes of a data set, digit for digit as they stand.</summary>
    /// <param name="json">The data set.</param>
    /// <param name="tags">The attributes wanted.</param>
    /// <param name="target">Where to.</param>
    /// <exception cref="InvalidDataException">The text is no data set.</exception>
    public static void Select(ReadOnlySpan<byte> json, IReadOnlySet<DicomTag> tags, IBufferWriter<byte> target)
    {
        target.Write("{"u8);
        try
        {
            Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 1024 });
            reader.Read();
            bool isFirst = true;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isWanted = reader.ValueSpan.Length == 8
                    && uint.TryParse(reader.ValueSpan, System.Globalization.NumberStyles.AllowHexSpecifier, null, out uint tag)
                    && tags.Contains(DicomTag.FromValue(tag));
                int start = (int)reader.TokenStartIndex;
                reader.Read();
                reader.Skip();
                if (isWanted)
                {
                    target.Write(isFirst ? [] : ","u8);
                    target.Write(json[start..(int)reader.BytesConsumed]);
                    isFirst = false;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException("The index holds no DICOM JSON.", e);
        }

        target.Write("}"u8);
    }

    /// <summary>The same as text.</summary>
    public static string SelectText(ReadOnlySpan<byte> json, IReadOnlySet<DicomTag> tags)
    {
        ArrayBufferWriter<byte> selected = new();
        Select(json, tags, selected);
        return Encoding.UTF8.GetString(selected.WrittenSpan);
    }
}
