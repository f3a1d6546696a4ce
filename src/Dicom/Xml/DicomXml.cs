using System.Text;
using System.Xml;

namespace MedicalAi.Dicom;

/// <summary>The Native DICOM Model in XML (PS3.19 A.1), out.</summary>
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
}
