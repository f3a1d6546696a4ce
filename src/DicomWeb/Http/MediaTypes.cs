using MedicalAi.Dicom;

namespace MedicalAi.DicomWeb;

/// <summary>The media types of PS3.18 section 8.7.3.</summary>
internal static class MediaTypes
{
    public const string Dicom = "application/dicom";

    public const string DicomJson = "application/dicom+json";

    public const string Json = "application/json";

    public const string OctetStream = "application/octet-stream";

    public const string MultipartRelated = "multipart/related";

    public const string Jpeg = "image/jpeg";

    public const string Png = "image/png";

    public const string Problem = "application/problem+json";

    /// <summary>The media type of one frame in a transfer syntax (PS3.18 tables 8.7.3-4 to 8.7.3-7).</summary>
    public static string OfFrame(TransferSyntax syntax)
    {
        string uid = syntax.Uid.Value;
        if (!syntax.IsEncapsulated || !uid.StartsWith("1.2.840.10008.1.2.4.", StringComparison.Ordinal))
        {
            return uid == "1.2.840.10008.1.2.5" ? "image/dicom-rle" : OctetStream;
        }

        string process = uid["1.2.840.10008.1.2.4.".Length..];
        int dot = process.IndexOf('.', StringComparison.Ordinal);
        return int.Parse(dot < 0 ? process : process[..dot], System.Globalization.CultureInfo.InvariantCulture) switch
        {
            <= 70 => Jpeg,
            80 or 81 => "image/jls",
            90 or 91 => "image/jp2",
            92 or 93 => "image/jpx",
            100 or 101 => "video/mpeg2",
            >= 102 and <= 106 => "video/mp4",
            107 or 108 => "video/H265",
            110 or 111 or 112 => "image/jxl",
            201 or 202 => "image/jphc",
            203 => "image/jphc",
            _ => OctetStream,
        };
    }
}
