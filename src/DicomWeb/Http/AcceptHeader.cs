using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace MedicalAi.DicomWeb;

/// <summary>
/// What a client accepts (RFC 9110 12.5.1, PS3.18 8.7.5): the query parameter <c>accept</c>, which stands in for the header where
/// a client cannot set one, else the header.
/// </summary>
/// <param name="ranges">The media ranges.</param>
internal sealed class AcceptHeader(IReadOnlyList<AcceptHeader.Range> ranges)
{
    /// <summary>Reads what a request accepts; a request that says nothing, or nothing that can be read, accepts all.</summary>
    public static AcceptHeader Read(HttpRequest request)
    {
        // In a query string a plus sign that is not escaped is read as a space.
        IEnumerable<string?> values = request.Query.TryGetValue("accept", out var query) && query.Count > 0
            ? query.Select(value => value?.Replace("/dicom json", "/dicom+json", StringComparison.OrdinalIgnoreCase).Replace("/dicom xml", "/dicom+xml", StringComparison.OrdinalIgnoreCase))
            : request.Headers.Accept;
        List<Range> ranges = [.. values.OfType<string>().SelectMany(MediaType.ParseList).Select(Range.Make)];
        return new AcceptHeader(ranges.Count == 0 ? [new Range("*/*", null, [], 1)] : ranges);
    }

    /// <summary>The offer that the client likes best, the first of equals; null when it accepts none.</summary>
    /// <param name="offers">In the order of the server's liking.</param>
    public Offer? Choose(params IReadOnlyList<Offer> offers)
    {
        Offer? best = null;
        double bestQuality = 0;
        foreach (Offer offer in offers)
        {
            double quality = QualityOf(offer);
            if (quality > bestQuality)
            {
                (best, bestQuality) = (offer, quality);
            }
        }

        return best;
    }

    /// <summary>Whether an answer compressed by gzip is welcome.</summary>
    public static bool TakesGzip(HttpRequest request)
    {
        foreach (string part in request.Headers.AcceptEncoding.OfType<string>().SelectMany(value => value.Split(',')))
        {
            string[] pieces = part.Split(';', StringSplitOptions.TrimEntries);
            if (pieces[0].Equals("gzip", StringComparison.OrdinalIgnoreCase) || pieces[0] == "*")
            {
                return !pieces.Skip(1).Any(piece => piece.StartsWith("q=", StringComparison.OrdinalIgnoreCase) && ParseQuality(piece[2..]) == 0);
            }
        }

        return false;
    }

    // The most specific range decides (RFC 9110 12.5.1): "application/dicom;q=0, */*" refuses application/dicom.
    private double QualityOf(Offer offer)
    {
        int bestRank = -1;
        double quality = 0;
        foreach (Range range in ranges)
        {
            int rank = range.Rank(offer);
            if (rank > bestRank || (rank == bestRank && rank >= 0 && range.Quality > quality))
            {
                (bestRank, quality) = (rank, range.Quality);
            }
        }

        return quality;
    }

    private static double ParseQuality(string? text) =>
        text is null ? 1 : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double quality) ? Math.Clamp(quality, 0, 1) : 1;

    /// <summary>One media range.</summary>
    /// <param name="Media">The media type of the content or of the parts; may be <c>*/*</c> or <c>type/*</c>.</param>
    /// <param name="IsMultipart">Whether parts are asked for; null when both are welcome.</param>
    /// <param name="TransferSyntaxes">The transfer syntaxes asked for, <c>*</c> for any; empty when none is named.</param>
    /// <param name="Quality">0 to 1.</param>
    internal sealed record Range(string Media, bool? IsMultipart, IReadOnlyList<string> TransferSyntaxes, double Quality)
    {
        public static Range Make(MediaType type)
        {
            bool? multipart = type.Name == "*/*" ? null : type.Name is MediaTypes.MultipartRelated or "multipart/*";
            string media = multipart == true ? MediaType.Parse(type.Find("type"))?.Name ?? "*/*" : type.Name;
            return new Range(media, multipart, [.. type.FindAll("transfer-syntax")], ParseQuality(type.Find("q")));
        }

        /// <summary>How specifically this range takes an offer; -1 when it does not.</summary>
        public int Rank(Offer offer)
        {
            if (IsMultipart is { } parts && parts != offer.IsMultipart)
            {
                return -1;
            }

            bool any = TransferSyntaxes.Contains("*");
            int rank = Media == "*/*" ? 0
                : Media == offer.MediaType ? 2
                : Media.EndsWith("/*", StringComparison.Ordinal) && offer.MediaType.StartsWith(Media[..^1], StringComparison.Ordinal) ? 1
                : any && offer.IsStoredPixels && IsPixels(Media) ? 1
                : -1;
            bool fits = any || offer.TransferSyntaxes.Count == 0
                || (TransferSyntaxes.Count == 0 ? offer.IsDefault || Media == "*/*" : TransferSyntaxes.Any(offer.TransferSyntaxes.Contains));
            return rank < 0 || !fits ? -1 : (rank * 4) + (TransferSyntaxes.Count > 0 ? 2 : 0) + (IsMultipart is null ? 0 : 1);
        }

        private static bool IsPixels(string media) =>
            media == MediaTypes.OctetStream || media.StartsWith("image/", StringComparison.Ordinal) || media.StartsWith("video/", StringComparison.Ordinal);
    }
}
