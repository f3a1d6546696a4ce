using System.Buffers;
using System.Text.Json;

namespace MedicalAi.Dicom;

/// <summary>The DICOM JSON model (PS3.18 annex F), both ways.</summary>
public static class DicomJson
{
    private static readonly JsonWriterOptions s_options = new() { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Writes a data set as one JSON object. Group lengths, command elements and file meta information are left out (PS3.18 F.2.2). Numbers of DS
    /// and IS keep their digits; those that are no numbers, and whole ones over 2^53, are strings (PS3.18 F.2.3.1).
    /// </summary>
    /// <param name="dataSet">The data set.</param>
    /// <param name="writer">Where to.</param>
    /// <param name="bulkUri">
    /// Gives the BulkDataURI of a value of bytes, or null to have it inline. The path is hex tags and item numbers joined by
    /// <c>/</c>, for example <c>52009229/0/00282112</c>. A value that is neither in memory nor has a URI is written without value.
    /// </param>
    public static void Write(DicomDataSet dataSet, Utf8JsonWriter writer, Func<string, DicomElement, string?>? bulkUri = null)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentNullException.ThrowIfNull(writer);
        new DicomJsonWriter(writer, bulkUri).WriteDataSet(dataSet, "");
    }

    /// <summary>Writes a data set as UTF-8.</summary>
    public static byte[] ToBytes(DicomDataSet dataSet, Func<string, DicomElement, string?>? bulkUri = null)
    {
        ArrayBufferWriter<byte> output = new(4096);
        using (Utf8JsonWriter writer = new(output, s_options))
        {
            Write(dataSet, writer, bulkUri);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reads one JSON object. A VR not given is that of the dictionary; text is held as UTF-8; an element with a BulkDataURI, which
    /// is not followed, is left out, and so are group lengths, command elements and file meta information.
    /// </summary>
    public static ParseResult<DicomDataSet> Parse(ReadOnlySpan<byte> utf8) => DicomJsonReader.ReadObject(utf8);

    /// <summary>Reads a JSON array of objects; one object alone is an array of one.</summary>
    public static ParseResult<IReadOnlyList<DicomDataSet>> ParseArray(ReadOnlySpan<byte> utf8) => DicomJsonReader.ReadArray(utf8);

    /// <summary>Whether an element belongs to the model: no group length, no element of a command and none of the file meta information.</summary>
    internal static bool IsOfModel(DicomTag tag) => tag.Group is not (0x0000 or 0x0002) && !tag.IsGroupLength;
}
