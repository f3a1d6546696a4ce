using System.Text.Json;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using Microsoft.AspNetCore.Http;

namespace MedicalAi.DicomWeb;

/// <summary>The answer to a store request: status (PS3.18 table 10.5.3-1) and the Store Instances Response Module (PS3.18 annex I).</summary>
/// <param name="request">The request, for URLs.</param>
internal sealed class StoreReport(DicomWebRequest request)
{
    // Failure and warning reasons of PS3.18 tables I.2-1 and I.2-2.
    private const int OutOfResources = 0xA700;
    private const int DoesNotMatch = 0xA900;
    private const int CannotUnderstand = 0xC000;
    private const int Duplicate = 0x0111;
    private const int DoesNotMatchSopClass = 0xB007;

    private readonly List<IngestResult> _results = [];

    /// <summary>How many instances were offered.</summary>
    public int Count => _results.Count;

    /// <summary>How many of them are in the archive.</summary>
    public int StoredCount { get; private set; }

    /// <summary>Whether none was stored, and at least one only because the archive could not.</summary>
    public bool IsUnavailable => StoredCount == 0 && _results.Exists(IsResources);

    /// <summary>200 for all, 202 for some or with warnings, 409 for none.</summary>
    public int Status => StoredCount == 0 ? StatusCodes.Status409Conflict
        : StoredCount == Count && !_results.Exists(result => result.Warnings.Count > 0) ? StatusCodes.Status200OK
        : StatusCodes.Status202Accepted;

    /// <summary>The Failure Reason of an outcome.</summary>
    public static int ReasonOf(IngestOutcome outcome) => outcome switch
    {
        IngestOutcome.Quarantined => Duplicate,
        IngestOutcome.Mismatch => DoesNotMatch,
        IngestOutcome.OutOfResources or IngestOutcome.Unavailable => OutOfResources,
        _ => CannotUnderstand,
    };

    /// <summary>Adds what came of one instance.</summary>
    public void Add(IngestResult result)
    {
        _results.Add(result);
        StoredCount += result.IsSuccess ? 1 : 0;
    }

    /// <summary>Answers.</summary>
    public async Task WriteAsync(Offer offer)
    {
        request.Response.StatusCode = Status;
        if (_results.Exists(IsResources))
        {
            request.Response.Headers.RetryAfter = "10";
        }

        await using Stream body = JsonBody.Open(request, offer);
        await using Utf8JsonWriter writer = new(body, JsonBody.WriterOptions);
        writer.WriteStartObject();
        WriteStudyUrl(writer);
        WriteFailures(writer);
        WriteStored(writer);
        WriteOtherFailures(writer);
        writer.WriteEndObject();
    }

    private static bool IsResources(IngestResult result) => result.Outcome is IngestOutcome.OutOfResources or IngestOutcome.Unavailable;

    private static bool IsIdentified(IngestResult result) => result.Identity is { SopInstance.Value: not null };

    private static void WriteReference(Utf8JsonWriter writer, InstanceIdentity identity)
    {
        if (identity.SopClass.Value is { } sopClass)
        {
            writer.WriteAttribute(DicomTags.ReferencedSOPClassUID, Vr.UI, sopClass);
        }

        writer.WriteAttribute(DicomTags.ReferencedSOPInstanceUID, Vr.UI, identity.SopInstance.Value);
    }

    private void WriteFailures(Utf8JsonWriter writer)
    {
        IngestResult[] failed = [.. _results.Where(result => !result.IsSuccess && IsIdentified(result))];
        if (failed.Length == 0)
        {
            return;
        }

        writer.BeginSequence(DicomTags.FailedSOPSequence);
        foreach (IngestResult result in failed)
        {
            writer.WriteStartObject();
            WriteReference(writer, result.Identity!.Value);
            writer.WriteAttribute(DicomTags.FailureReason, Vr.US, ReasonOf(result.Outcome));
            writer.WriteEndObject();
        }

        writer.EndSequence();
    }

    private void WriteStored(Utf8JsonWriter writer)
    {
        if (StoredCount == 0)
        {
            return;
        }

        writer.BeginSequence(DicomTags.ReferencedSOPSequence);
        foreach (IngestResult result in _results.Where(result => result.IsSuccess))
        {
            InstanceIdentity identity = result.Identity!.Value;
            writer.WriteStartObject();
            WriteReference(writer, identity);
            writer.WriteAttribute(DicomTags.RetrieveURL, Vr.UR, request.UrlOf(identity.Study, identity.Series, identity.SopInstance));
            if (result.Warnings.Count > 0)
            {
                // Nothing was changed or left out; what was odd is said in words, as other servers do.
                writer.WriteAttribute(DicomTags.WarningReason, Vr.US, DoesNotMatchSopClass);
                writer.BeginSequence(DicomTags.FailedAttributesSequence);
                foreach (string warning in result.Warnings)
                {
                    writer.WriteStartObject();
                    writer.WriteAttribute(DicomTags.ErrorComment, Vr.LO, warning);
                    writer.WriteEndObject();
                }

                writer.EndSequence();
            }

            writer.WriteEndObject();
        }

        writer.EndSequence();
    }

    /// <summary>Those of which not even the SOP Instance UID could be read.</summary>
    private void WriteOtherFailures(Utf8JsonWriter writer)
    {
        IngestResult[] others = [.. _results.Where(result => !result.IsSuccess && !IsIdentified(result))];
        if (others.Length == 0)
        {
            return;
        }

        writer.BeginSequence(DicomTags.OtherFailuresSequence);
        foreach (IngestResult result in others)
        {
            writer.WriteStartObject();
            writer.WriteAttribute(DicomTags.FailureReason, Vr.US, ReasonOf(result.Outcome));
            writer.WriteEndObject();
        }

        writer.EndSequence();
    }

    private void WriteStudyUrl(Utf8JsonWriter writer)
    {
        DicomUid[] studies = [.. _results.Where(result => result.IsSuccess).Select(result => result.Identity!.Value.Study).Distinct()];
        if (studies.Length == 1)
        {
            writer.WriteAttribute(DicomTags.RetrieveURL, Vr.UR, request.UrlOf(studies[0]));
        }
    }
}
