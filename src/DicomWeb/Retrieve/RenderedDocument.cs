using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.DicomWeb;

/// <summary>What is shown as it is instead of being rendered: encapsulated PDF, and video (PS3.18 table 8.7.4-1).</summary>
/// <param name="MediaType">Its media type.</param>
/// <param name="Ranges">Where it stands in the data set, in order.</param>
internal sealed record RenderedDocument(string MediaType, IReadOnlyList<BulkLocation> Ranges)
{
    /// <summary>The bytes of it.</summary>
    public long Length => Ranges.Sum(range => range.Length);

    /// <summary>The document of an instance; null when it has none.</summary>
    /// <param name="row">The instance.</param>
    /// <param name="header">Its header.</param>
    /// <param name="map">Its bulk values.</param>
    public static RenderedDocument? Find(InstanceRow row, DicomDataSet header, BulkMap? map)
    {
        string video = MediaTypes.OfFrame(row.TransferSyntax);
        if (video.StartsWith("video/", StringComparison.Ordinal) && map?.Find("7FE00010")?.Fragments is { Count: > 0 } fragments)
        {
            return new RenderedDocument(video, fragments);
        }

        return header.GetString(DicomTags.MIMETypeOfEncapsulatedDocument) == "application/pdf" && map?.Find("00420011") is { } document
            ? new RenderedDocument("application/pdf", [document.Location])
            : null;
    }
}
