using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;

namespace MedicalAi.DicomWeb;

/// <summary>
/// Writes a multipart body in the form that viewers read: no preamble, short headers, a random boundary that no pixel data will
/// hold, one line break before each boundary (PS3.18 8.6.1.2).
/// </summary>
/// <param name="output">The response's body.</param>
internal sealed class MultipartWriter(PipeWriter output)
{
    private readonly string _boundary = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private bool _hasParts;

    /// <summary>The bytes behind the last part.</summary>
    public int EndLength => _boundary.Length + 8;

    /// <summary>The Content-Type of the whole.</summary>
    /// <param name="type">The media type of the parts.</param>
    public string ContentTypeOf(string type) => $"multipart/related; type=\"{type}\"; boundary={_boundary}";

    /// <summary>The number of bytes that a part takes.</summary>
    public long LengthOf(string contentType, string? location, long length, bool isFirst) => Head(contentType, location, length, isFirst).Length + length;

    /// <summary>Writes one part.</summary>
    /// <param name="contentType">Its media type with parameters.</param>
    /// <param name="location">Its URL; null for none.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public async ValueTask WriteAsync(string contentType, string? location, long length, Stream content, CancellationToken cancellationToken)
    {
        Encoding.ASCII.GetBytes(Head(contentType, location, length, !_hasParts), output);
        _hasParts = true;
        await content.SendAsync(output, cancellationToken);
    }

    /// <summary>Writes the end.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        Encoding.ASCII.GetBytes($"\r\n--{_boundary}--\r\n", output);
        await output.FlushAsync(cancellationToken);
    }

    private string Head(string contentType, string? location, long length, bool isFirst) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(isFirst ? "" : "\r\n")}--{_boundary}\r\nContent-Type: {contentType}\r\nContent-Length: {length}\r\n{(location is null ? "" : $"Content-Location: {location}\r\n")}\r\n");
}
