namespace MedicalAi.DicomWeb;

/// <summary>A part of a multipart body.</summary>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">
/// Its bytes, to be read before the next part is asked for; what is left of them is passed over then. Reading throws
/// <see cref="MultipartFormatException"/> where the body ends within the part.
/// </param>
internal sealed record MultipartPart(IReadOnlyDictionary<string, string> Headers, MultipartBody Body)
{
    /// <summary>Its media type; null when it names none that can be read.</summary>
    public MediaType? ContentType => MediaType.Parse(Headers.GetValueOrDefault("Content-Type"));
}
