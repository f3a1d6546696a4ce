using System.Buffers;
using System.Text.Json;

namespace MedicalAi.Dicom;

/// <summary>The DICOM JSON model (PS3.18 annex F), both ways.</summary>
public static class DicomJson
{
    private static readonly JsonWriterOptions s_options = new() { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Of an element as text.
    private const int TypicalLength = 64;

    /// <summary>
    /// Writes a data set as one JSON object. Group lengths, command elements and file meta information are left out (PS3.18 F.2.2). Numbers of DS
    /// and IS keep their digits; those that are no numbers, and whole ones over 2^53, are strings (PS3.18 F.2.3.1). InlineBinary is little endian
    /// (PS3.18 F.2.7, PS3.5 section 7.3). The writer is flushed as it fills: one made on a stream holds a block of the text at a time and not all of it.
    /// </summary>
    /// <param name="dataSet">The data set.</param>
    /// <param name="writer">Where to.</param>
    /// <param name="bulkUri">
    /// Gives the BulkDataURI of a value of bytes, or null to have it inline. The path is hex tags and item numbers joined by
    /// <c>/</c>, for example <c>52009229/0/00282112</c>. Values that are not in memory have the URI that is given here, else the one that they were read
    /// with (<see cref="DicomElement.BulkDataUri"/>); without either they are written without value.
    /// </param>
    public static void Write(DicomDataSet dataSet, Utf8JsonWriter writer, Func<string, DicomElement, string?>? bulkUri = null)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentNullException.ThrowIfNull(writer);
        new DicomJsonWriter(writer, bulkUri).WriteDataSet(dataSet, "");
    }

    /// <summary>Writes a data set as UTF-8 to a stream. Memory does not grow with the data set: what is written is handed on in blocks.</summary>
    /// <exception cref="IOException">The stream cannot be written to.</exception>
    public static void Write(DicomDataSet dataSet, Stream output, Func<string, DicomElement, string?>? bulkUri = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        using Utf8JsonWriter writer = new(output, s_options);
        Write(dataSet, writer, bulkUri);
    }

    /// <summary>Writes a data set as UTF-8.</summary>
    public static byte[] ToBytes(DicomDataSet dataSet, Func<string, DicomElement, string?>? bulkUri = null)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArrayBufferWriter<byte> output = new(4096 + (dataSet.Count * TypicalLength));
        using (Utf8JsonWriter writer = new(output, s_options))
        {
            Write(dataSet, writer, bulkUri);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reads one JSON object. A VR not given is that of the dictionary; text is held as UTF-8; of an element with a BulkDataURI, which
    /// is not followed, the URI is kept (<see cref="DicomElement.BulkDataUri"/>). Group lengths, command elements and file meta information are left out.
    /// </summary>
    public static ParseResult<DicomDataSet> Parse(ReadOnlySpan<byte> utf8) => DicomJsonReader.ReadObject(utf8);

    /// <summary>Reads a JSON array of objects; one object alone is an array of one.</summary>
    public static ParseResult<IReadOnlyList<DicomDataSet>> ParseArray(ReadOnlySpan<byte> utf8) => DicomJsonReader.ReadArray(utf8);

    /// <summary>
    /// Reads a JSON array of objects, or one object alone, from a stream. One data set at a time is in memory, which may be up to 512 MiB of text.
    /// </summary>
    /// <returns>The data sets as they come. An object that is no data set is an error in its place; after text that is not well-formed nothing follows.</returns>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static IAsyncEnumerable<ParseResult<DicomDataSet>> ReadArrayAsync(Stream input, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        return DicomJsonArrayReader.ReadAsync(input, cancellationToken);
    }

    /// <summary>Whether an element belongs to the model: no group length, no element of a command and none of the file meta information.</summary>
    internal static bool IsOfModel(DicomTag tag) => tag.Group is not (0x0000 or 0x0002) && !tag.IsGroupLength;
}
