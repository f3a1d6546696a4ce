using System.Text.Json;
using MedicalAi.Dicom;

namespace MedicalAi.DicomWeb;

/// <summary>Single attributes of DICOM JSON (PS3.18 F.2), for answers that are written as they are computed.</summary>
internal static class DicomJsonWriting
{
    /// <summary>Writes an attribute of text values; without values it is empty.</summary>
    public static void WriteAttribute(this Utf8JsonWriter writer, DicomTag tag, Vr vr, params ReadOnlySpan<string> values)
    {
        Begin(writer, tag, vr);
        if (values.Length > 0)
        {
            writer.WriteStartArray("Value");
            foreach (string value in values)
            {
                writer.WriteStringValue(value);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes an attribute of one number.</summary>
    public static void WriteAttribute(this Utf8JsonWriter writer, DicomTag tag, Vr vr, long value)
    {
        Begin(writer, tag, vr);
        writer.WriteStartArray("Value");
        writer.WriteNumberValue(value);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Begins a sequence; its items follow, then <see cref="EndSequence"/>.</summary>
    public static void BeginSequence(this Utf8JsonWriter writer, DicomTag tag)
    {
        Begin(writer, tag, Vr.SQ);
        writer.WriteStartArray("Value");
    }

    /// <summary>Ends a sequence.</summary>
    public static void EndSequence(this Utf8JsonWriter writer)
    {
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter writer, DicomTag tag, Vr vr)
    {
        writer.WriteStartObject(tag.ToHex());
        writer.WriteString("vr", vr.ToString());
    }
}
