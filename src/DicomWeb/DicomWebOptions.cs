namespace MedicalAi.DicomWeb;

/// <summary>The settings of DICOMweb.</summary>
public sealed record DicomWebOptions
{
    /// <summary>
    /// The URL of the services as clients reach them, for example <c>https://pacs.example.org/dicomweb</c>; null takes scheme and
    /// host of each request, as they are after forwarded headers were applied.
    /// </summary>
    public string? PublicBaseUrl { get; init; }

    /// <summary>The origins of web pages that may use the services (CORS), <c>*</c> for any; empty for none but the same origin.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>The most bytes of one STOW-RS request; null for no limit.</summary>
    public long? MaximumRequestLength { get; init; }

    /// <summary>The most parts of one STOW-RS request.</summary>
    public int MaximumParts { get; init; } = 100_000;

    /// <summary>The most matches of one search, whatever the client asks for.</summary>
    public int MaximumResults { get; init; } = 10_000;
}
