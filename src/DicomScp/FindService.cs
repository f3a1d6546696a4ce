using System.Buffers;
using System.Data.Common;
using System.Runtime.CompilerServices;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>
/// C-FIND of the Query/Retrieve service class as SCP (PS3.4 annex C): Patient Root and Study Root over the index, hierarchical.
/// The index has no patients of its own: those of the PATIENT level are the distinct ones of the studies that match.
/// </summary>
public sealed class FindService(IStudyIndex index, DicomServerOptions options) : DimseService
{
    // Identifiers are a few hundred bytes.
    private const int MaxIdentifierLength = 1024 * 1024;

    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass) => SupportedSopClasses.Find.Contains(sopClass);

    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass, TransferSyntax transferSyntax) => SupportedSopClasses.FindTransferSyntaxes.Contains(transferSyntax);

    /// <inheritdoc />
    public override async ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        DimseCommand command = request.Command;
        if (command.CommandField != DimseCommand.CFindRequest)
        {
            return new DimseResponse(DimseStatus.UnrecognizedOperation, "The SOP class knows C-FIND only");
        }

        if (command.SopClass is { } sopClass && sopClass != request.AbstractSyntax)
        {
            return new DimseResponse(DimseStatus.SopClassNotSupported, "The SOP class is not that of the presentation context", DicomTags.AffectedSOPClassUID);
        }

        if (!command.HasDataSet)
        {
            return new DimseResponse(DimseStatus.CannotUnderstand, "The request has no identifier", DicomTags.CommandDataSetType);
        }

        if (await ReadIdentifierAsync(request, cancellationToken) is not { } bytes)
        {
            return new DimseResponse(DimseStatus.OutOfResources, "The identifier is longer than 1 MiB");
        }

        ParseResult<DicomDataSet> identifier = DicomDataSet.Parse(bytes, request.TransferSyntax);
        if (!identifier.Ok)
        {
            return new DimseResponse(DimseStatus.CannotUnderstand, "The identifier cannot be read to its end");
        }

        if (FindQuery.Parse(identifier.Value, request.AbstractSyntax == DicomUids.PatientRootQueryRetrieveInformationModelFind, index, out DimseResponse failure) is not { } query)
        {
            return failure;
        }

        try
        {
            return new DimseResponse(await SendMatchesAsync(request, query, cancellationToken) ? DimseStatus.Success : DimseStatus.Cancel);
        }
        catch (Exception exception) when (exception is ArchiveUnavailableException or DbException)
        {
            return new DimseResponse(DimseStatus.OutOfResources, "The index cannot be read");
        }
    }

    /// <summary>The identifier; null when it is too long.</summary>
    private static async ValueTask<ReadOnlyMemory<byte>?> ReadIdentifierAsync(DimseRequest request, CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> bytes = new();
        while (await request.ReadDataSetAsync(cancellationToken) is { } part)
        {
            if (bytes.WrittenCount + part.Length > MaxIdentifierLength)
            {
                return null;
            }

            foreach (ReadOnlyMemory<byte> segment in part)
            {
                bytes.Write(segment.Span);
            }
        }

        return bytes.WrittenMemory;
    }

    /// <summary>Sends the matches; false when the peer cancelled.</summary>
    private async ValueTask<bool> SendMatchesAsync(DimseRequest request, FindQuery query, CancellationToken cancellationToken)
    {
        FindMatchWriter writer = new(query, options.AeTitle.ToString());
        HashSet<PatientKey> patients = [];
        ushort status = query.HasUnsupportedKeys ? DimseStatus.PendingWithUnsupportedKeys : DimseStatus.Pending;
        await foreach (IndexMatch match in FindAsync(query.Query, cancellationToken))
        {
            if (request.IsCancelled)
            {
                return false;
            }

            (long Studies, long Series, long Instances) counts = default;
            if (query.Level == QueryLevel.Patient)
            {
                PatientKey patient = PatientKey.Of(writer.StudyOf(match));
                if (!patients.Add(patient))
                {
                    continue;
                }

                counts = query.NeedsPatientCounts ? await CountAsync(patient, cancellationToken) : default;
            }

            await request.SendPendingAsync(writer.Write(match, counts), status, cancellationToken);
        }

        return true;
    }

    private async ValueTask<(long Studies, long Series, long Instances)> CountAsync(PatientKey patient, CancellationToken cancellationToken)
    {
        (long studies, long series, long instances) = (0L, 0L, 0L);

        // A Patient ID that itself looks like a wild card finds more than its own: the key decides.
        await foreach (IndexMatch match in FindAsync(new IndexQuery(IndexLevel.Study).With(DicomTags.PatientID, patient.Id), cancellationToken))
        {
            if (PatientKey.Of(DicomJson.Parse(match.Study.Attributes.Span).Value) == patient)
            {
                studies++;
                series += match.Study.NumberOfSeries;
                instances += match.Study.NumberOfInstances;
            }
        }

        return (studies, series, instances);
    }

    /// <summary>All matches, page by page. What comes in meanwhile moves the pages on: what the last one had is not told twice.</summary>
    private async IAsyncEnumerable<IndexMatch> FindAsync(IndexQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        HashSet<(DicomUid Study, DicomUid? Series, DicomUid? Instance)> last = [], page = [];
        int count;
        do
        {
            count = 0;
            await foreach (IndexMatch match in index.FindAsync(query, cancellationToken))
            {
                count++;
                (DicomUid, DicomUid?, DicomUid?) key = (match.Study.Study, match.Series?.Series, match.Instance?.Identity.SopInstance);
                if (page.Add(key) && !last.Contains(key))
                {
                    yield return match;
                }
            }

            query = query with { Offset = query.Offset + count };
            (last, page) = (page, last);
            page.Clear();
        }
        while (count >= query.Limit);
    }

    // Without a Patient ID, other attributes have to tell patients apart.
    private readonly record struct PatientKey(string Id, string Issuer, string Name, string BirthDate, string Sex)
    {
        public static PatientKey Of(DicomDataSet study)
        {
            string id = Text(DicomTags.PatientID);
            string issuer = Text(DicomTags.IssuerOfPatientID);
            return id.Length > 0
                ? new PatientKey(id, issuer, "", "", "")
                : new PatientKey("", issuer, Text(DicomTags.PatientName), Text(DicomTags.PatientBirthDate), Text(DicomTags.PatientSex));

            string Text(DicomTag tag) => study.GetString(tag) ?? "";
        }
    }
}
