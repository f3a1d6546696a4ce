namespace MedicalAi.DicomWeb;

/// <summary>A resource and a method of it that the gateway serves: a row of the conformance statement.</summary>
/// <param name="Transaction">The transaction of PS3.18.</param>
/// <param name="Method">The HTTP method; GET includes HEAD.</param>
/// <param name="Template">The path below the base URL, with the variables of PS3.18 in braces.</param>
/// <param name="RequestMediaTypes">What bodies are taken; none for requests without one.</param>
/// <param name="ResponseMediaTypes">What is answered, the first when the client leaves it open.</param>
public sealed record DicomWebResource(
    DicomWebTransaction Transaction,
    string Method,
    string Template,
    IReadOnlyList<string> RequestMediaTypes,
    IReadOnlyList<string> ResponseMediaTypes)
{
    private static readonly string[] s_none = [];
    private static readonly string[] s_json = [MediaTypes.DicomJson, MediaTypes.Json];
    private static readonly string[] s_parts = ["multipart/related; type=\"application/dicom\""];
    private static readonly string[] s_stored = ["multipart/related; type=\"application/dicom\"", MediaTypes.Dicom];
    private static readonly string[] s_thumbnail = [MediaTypes.Jpeg, MediaTypes.Png];
    private static readonly string[] s_rendered = [MediaTypes.Jpeg, MediaTypes.Png, "application/pdf of an encapsulated document", "video/mp4, video/mpeg2 or video/H265 of a video"];
    private static readonly string[] s_bulk = [MediaTypes.OctetStream, "multipart/related; type=\"application/octet-stream\"", "the media type of an encapsulated document"];

    private static readonly string[] s_frames =
    [
        "multipart/related; type=\"application/octet-stream\"",
        "multipart/related with the media type of the stored transfer syntax (image/jpeg, image/jls, image/jp2, image/jpx, image/jphc, image/jxl, image/dicom-rle, video/mpeg2, video/mp4, video/H265)",
        "the same as a single part for one frame",
    ];

    /// <summary>All that is served.</summary>
    public static IReadOnlyList<DicomWebResource> All { get; } =
    [
        new(DicomWebTransaction.RetrieveCapabilities, "OPTIONS", "/", s_none, [MediaTypes.Json]),
        new(DicomWebTransaction.RetrieveCapabilities, "GET", "/", s_none, [MediaTypes.Json]),
        new(DicomWebTransaction.Store, "POST", "/studies", s_stored, s_json),
        new(DicomWebTransaction.Store, "POST", "/studies/{study}", s_stored, s_json),
        new(DicomWebTransaction.SearchStudies, "GET", "/studies", s_none, s_json),
        new(DicomWebTransaction.SearchSeries, "GET", "/series", s_none, s_json),
        new(DicomWebTransaction.SearchSeries, "GET", "/studies/{study}/series", s_none, s_json),
        new(DicomWebTransaction.SearchInstances, "GET", "/instances", s_none, s_json),
        new(DicomWebTransaction.SearchInstances, "GET", "/series/{series}/instances", s_none, s_json),
        new(DicomWebTransaction.SearchInstances, "GET", "/studies/{study}/instances", s_none, s_json),
        new(DicomWebTransaction.SearchInstances, "GET", "/studies/{study}/series/{series}/instances", s_none, s_json),
        new(DicomWebTransaction.RetrieveInstances, "GET", "/studies/{study}", s_none, s_parts),
        new(DicomWebTransaction.RetrieveInstances, "GET", "/studies/{study}/series/{series}", s_none, s_parts),
        new(DicomWebTransaction.RetrieveInstances, "GET", "/studies/{study}/series/{series}/instances/{instance}", s_none, s_stored),
        new(DicomWebTransaction.RetrieveMetadata, "GET", "/studies/{study}/metadata", s_none, s_json),
        new(DicomWebTransaction.RetrieveMetadata, "GET", "/studies/{study}/series/{series}/metadata", s_none, s_json),
        new(DicomWebTransaction.RetrieveMetadata, "GET", "/studies/{study}/series/{series}/instances/{instance}/metadata", s_none, s_json),
        new(DicomWebTransaction.RetrieveFrames, "GET", "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}", s_none, s_frames),
        new(DicomWebTransaction.RetrieveBulkData, "GET", "/studies/{study}/series/{series}/instances/{instance}/bulkdata/{**path}", s_none, s_bulk),
        new(DicomWebTransaction.RetrieveRendered, "GET", "/studies/{study}/series/{series}/instances/{instance}/rendered", s_none, s_rendered),
        new(DicomWebTransaction.RetrieveRendered, "GET", "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/rendered", s_none, s_rendered),
        new(DicomWebTransaction.RetrieveRendered, "GET", "/studies/{study}/series/{series}/instances/{instance}/rendered/{frames}", s_none, s_rendered),
        new(DicomWebTransaction.RetrieveThumbnail, "GET", "/studies/{study}/thumbnail", s_none, s_thumbnail),
        new(DicomWebTransaction.RetrieveThumbnail, "GET", "/studies/{study}/series/{series}/thumbnail", s_none, s_thumbnail),
        new(DicomWebTransaction.RetrieveThumbnail, "GET", "/studies/{study}/series/{series}/instances/{instance}/thumbnail", s_none, s_thumbnail),
        new(DicomWebTransaction.RetrieveThumbnail, "GET", "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/thumbnail", s_none, s_thumbnail),
        new(DicomWebTransaction.RetrieveThumbnail, "GET", "/studies/{study}/series/{series}/instances/{instance}/thumbnail/{frames}", s_none, s_thumbnail),
    ];
}
