using System.Runtime.InteropServices;
using System.Text;
using System.Xml;

namespace MedicalAi.Dicom;

/// <summary>The Native DICOM Model in XML (PS3.19 A.1), both ways.</summary>
public static class DicomXml
{
    /// <summary>The namespace of the model.</summary>
    public const string Namespace = "http://dicom.nema.org/PS3.19/models/NativeDICOM";

    /// <summary>What stands before the UUID of a BulkData that has no URI (RFC 9562 section 4).</summary>
    internal const string UuidNamespace = "urn:uuid:";

    /// <summary>What a writer needs that no character of a value be changed: UTF-8, and carriage returns as references.</summary>
    public static XmlWriterSettings Settings => new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), NewLineHandling = NewLineHandling.Entitize };

    /// <summary>
    /// Writes a data set as a <c>NativeDicomModel</c> element. Group lengths, command elements and file meta information are left out. Characters that
    /// XML cannot hold become U+FFFD. InlineBinary is little endian, as in DICOM JSON (PS3.18 F.2.7): the encoding rules of DICOM
    /// apply to the model (PS3.19 A.1.1), and all transfer syntaxes that are not retired are little endian (PS3.5 section 7.3).
    /// </summary>
    /// <param name="dataSet">The data set.</param>
    /// <param name="writer">Where to; made with <see cref="Settings"/>.</param>
    /// <param name="bulkUri">
    /// Gives the URI of a value of bytes, or null to have it inline. The path is hex tags and item numbers joined by <c>/</c>, as in
    /// DICOM JSON. Values that are not in memory have the URI that is given here, else the one that they were read with
    /// (<see cref="DicomElement.BulkDataUri"/>); without either they are written without value.
    /// </param>
    public static void Write(DicomDataSet dataSet, XmlWriter writer, Func<string, DicomElement, string?>? bulkUri = null)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentNullException.ThrowIfNull(writer);
        new DicomXmlWriter(writer, bulkUri).WriteModel(dataSet);
    }

    /// <summary>Writes a data set as a document in UTF-8 to a stream, block by block: memory does not grow with the data set.</summary>
    /// <exception cref="IOException">The stream cannot be written to.</exception>
    public static void Write(DicomDataSet dataSet, Stream output, Func<string, DicomElement, string?>? bulkUri = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        using XmlWriter writer = XmlWriter.Create(output, Settings);
        Write(dataSet, writer, bulkUri);
    }

    /// <summary>Writes a data set as a document in UTF-8.</summary>
    public static byte[] ToBytes(DicomDataSet dataSet, Func<string, DicomElement, string?>? bulkUri = null)
    {
        using MemoryStream output = new();
        Write(dataSet, output, bulkUri);
        return output.ToArray();
    }

    /// <summary>
    /// Reads a document, with the namespace of the model or without. It may have no document type, and nothing it names is followed. A tag not given is
    /// that of the keyword, a VR not given that of the dictionary; text is held as UTF-8; values that are left out are empty. Private elements come into the
    /// block of their creator, which is made where there is none. Of an element with BulkData, which is not followed, the URI is kept
    /// (<see cref="DicomElement.BulkDataUri"/>). Group lengths, command elements and file meta information are left out.
    /// </summary>
    /// <param name="document">The document.</param>
    /// <param name="hasBigEndianWords">
    /// Whether the words of InlineBinary (OW, OL, OV, OF, OD) are big endian, against the standard, as dcmtk's dcm2xml writes them. Nothing in the document tells.
    /// </param>
    /// <returns>The data set; or an error, whose offset is how much had been taken in and whose message names line and character.</returns>
    public static ParseResult<DicomDataSet> Parse(ReadOnlyMemory<byte> document, bool hasBigEndianWords = false)
    {
        ArraySegment<byte> bytes = MemoryMarshal.TryGetArray(document, out ArraySegment<byte> array) ? array : document.ToArray();
        using MemoryStream input = new(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
        return DicomXmlReader.Read(input, hasBigEndianWords);
    }

    /// <summary>Reads a document from a stream to its end, as <see cref="Parse"/> does; the text is not held.</summary>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static ParseResult<DicomDataSet> Read(Stream input, bool hasBigEndianWords = false)
    {
        ArgumentNullException.ThrowIfNull(input);
        return DicomXmlReader.Read(input, hasBigEndianWords);
    }
}
