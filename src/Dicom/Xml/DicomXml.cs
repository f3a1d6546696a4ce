using System.Runtime.InteropServices;
using System.Text;
using System.Xml;

namespace MedicalAi.Dicom;

/// <summary>The Native DICOM Model in XML (PS3.19 A.1), both ways.</summary>
public static class DicomXml
{
    /// <summary>The namespace of the model.</summary>
    public const string Namespace = "http://dicom.nema.org/PS3.19/models/NativeDICOM";

    /// <summary>What a writer needs that no character of a value be changed: UTF-8, and carriage returns as references.</summary>
    public static XmlWriterSettings Settings => new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), NewLineHandling = NewLineHandling.Entitize };

    /// <summary>
    /// Writes a data set as a <c>NativeDicomModel</c> element. Group lengths, command elements and file meta information are left out. Characters that
    /// XML cannot hold become U+FFFD.
    /// </summary>
    /// <param name="dataSet">The data set.</param>
    /// <param name="writer">Where to; made with <see cref="Settings"/>.</param>
    /// <param name="bulkUri">
    /// Gives the URI of a value of bytes, or null to have it inline. The path is hex tags and item numbers joined by <c>/</c>, as in
    /// <see cref="DicomJson.Write"/>. A value that is neither in memory nor has a URI is written without value.
    /// </param>
    public static void Write(DicomDataSet dataSet, XmlWriter writer, Func<string, DicomElement, string?>? bulkUri = null)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentNullException.ThrowIfNull(writer);
        new DicomXmlWriter(writer, bulkUri).WriteModel(dataSet);
    }

    /// <summary>Writes a data set as a document in UTF-8.</summary>
    public static byte[] ToBytes(DicomDataSet dataSet, Func<string, DicomElement, string?>? bulkUri = null)
    {
        using MemoryStream output = new();
        using (XmlWriter writer = XmlWriter.Create(output, Settings))
        {
            Write(dataSet, writer, bulkUri);
        }

        return output.ToArray();
    }

    /// <summary>
    /// Reads a document, with the namespace of the model or without. It may have no document type, and nothing it names is followed. A tag not given is
    /// that of the keyword, a VR not given that of the dictionary; text is held as UTF-8; values that are left out are empty. Private elements come into the
    /// block of their creator, which is made where there is none. An element with BulkData is left out, and so are group lengths, command
    /// elements and file meta information.
    /// </summary>
    /// <returns>The data set; or an error, whose offset is how much had been taken in and whose message names line and character.</returns>
    public static ParseResult<DicomDataSet> Parse(ReadOnlyMemory<byte> document)
    {
        ArraySegment<byte> bytes = MemoryMarshal.TryGetArray(document, out ArraySegment<byte> array) ? array : document.ToArray();
        using MemoryStream input = new(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
        return DicomXmlReader.Read(input);
    }
}
