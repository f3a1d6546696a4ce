namespace MedicalAi.DicomWeb;

/// <summary>A representation that the server could answer with.</summary>
/// <param name="MediaType">The media type of the content, or of each part.</param>
/// <param name="IsMultipart">Whether it comes in parts.</param>
internal sealed record Offer(string MediaType, bool IsMultipart)
{
    /// <summary>The transfer syntaxes that it can be called; none where they have no meaning.</summary>
    public IReadOnlyList<string> TransferSyntaxes { get; init; } = [];

    /// <summary>Whether it is what a client gets that names no transfer syntax.</summary>
    public bool IsDefault { get; init; } = true;

    /// <summary>Whether it is pixel data as stored, which <c>transfer-syntax=*</c> asks for whatever media type of pixels it is written with.</summary>
    public bool IsStoredPixels { get; init; }

    /// <inheritdoc />
    public override string ToString()
    {
        string syntax = TransferSyntaxes.Count > 0 ? $"; transfer-syntax={TransferSyntaxes[0]}" : "";
        return IsMultipart ? $"multipart/related; type=\"{MediaType}\"{syntax}" : MediaType + syntax;
    }
}
