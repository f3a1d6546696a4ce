using MedicalAi.Dicom;
using Microsoft.AspNetCore.Http;

namespace MedicalAi.DicomWeb;

/// <summary>A request to one of the resources.</summary>
/// <param name="Context">The HTTP request and its response.</param>
/// <param name="BaseUrl">The URL of the service as clients reach it, without a slash at the end.</param>
/// <param name="Study">Study Instance UID of the path.</param>
/// <param name="Series">Series Instance UID of the path.</param>
/// <param name="Instance">SOP Instance UID of the path.</param>
internal sealed record DicomWebRequest(HttpContext Context, string BaseUrl, DicomUid? Study, DicomUid? Series, DicomUid? Instance)
{
    /// <summary>What the client accepts.</summary>
    public AcceptHeader Accept { get; } = AcceptHeader.Read(Context.Request);

    /// <summary>Whether only the headers of the answer are wanted.</summary>
    public bool IsHead => HttpMethods.IsHead(Context.Request.Method);

    /// <summary>Ends when the client is gone.</summary>
    public CancellationToken Aborted => Context.RequestAborted;

    /// <summary>The response.</summary>
    public HttpResponse Response => Context.Response;

    /// <summary>The URL of a study.</summary>
    public string UrlOf(DicomUid study) => $"{BaseUrl}/studies/{study}";

    /// <summary>The URL of a series.</summary>
    public string UrlOf(DicomUid study, DicomUid series) => $"{BaseUrl}/studies/{study}/series/{series}";

    /// <summary>The URL of an instance.</summary>
    public string UrlOf(DicomUid study, DicomUid series, DicomUid instance) => $"{BaseUrl}/studies/{study}/series/{series}/instances/{instance}";

    /// <summary>A value of the path; null when the resource has none of this name.</summary>
    public string? FindRouteValue(string name) => Context.Request.RouteValues.TryGetValue(name, out object? value) ? value as string : null;
}
