using System.Data.Common;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>
/// C-FIND of the Query/Retrieve service class as SCP (PS3.4 annex C): Patient Root and Study Root over the index, hierarchical or, where
/// that is agreed on, relational.
/// </summary>
public sealed class FindService(IStudyIndex index, DicomServerOptions options) : DimseService
{
    // Identifiers are a few hundred bytes.
    private const int MaxIdentifierLength = 1024 * 1024;

    private static readonly TimeSpan s_listeningInterval = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass) => SupportedSopClasses.Find.Contains(sopClass);

    /// <inheritdoc />
    public override bool Supports(DicomUid sopClass, TransferSyntax transferSyntax) => SupportedSopClasses.FindTransferSyntaxes.Contains(transferSyntax);

    /// <inheritdoc />
    public override byte[]? NegotiateExtended(DicomUid sopClass, ReadOnlySpan<byte> proposed) => FindOptions.Accept(proposed);

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

        ParseResult<DicomDataSet> identifier = await request.ReadDataSetAsync(MaxIdentifierLength, cancellationToken);
        if (!identifier.Ok)
        {
            return identifier.Error!.Kind == DicomErrorKind.TooLarge
                ? new DimseResponse(DimseStatus.OutOfResources, "The identifier is longer than 1 MiB")
                : new DimseResponse(DimseStatus.CannotUnderstand, "The identifier cannot be read to its end");
        }

        bool isPatientRoot = request.AbstractSyntax == DicomUids.PatientRootQueryRetrieveInformationModelFind;
        if (FindQuery.Parse(identifier.Value, isPatientRoot, FindOptions.Parse(request.ExtendedNegotiation.Span), out DimseResponse failure) is not { } query)
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

    /// <summary>Sends the matches; false when the peer cancelled.</summary>
    private async ValueTask<bool> SendMatchesAsync(DimseRequest request, FindQuery query, CancellationToken cancellationToken)
    {
        FindMatchWriter writer = new(query, options.AeTitle.ToString());
        ushort status = query.HasUnsupportedKeys ? DimseStatus.PendingWithUnsupportedKeys : DimseStatus.Pending;
        using CancellationTokenSource searching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using IAsyncEnumerator<IndexMatch> matches = index.FindAsync(query.Query, searching.Token).GetAsyncEnumerator(searching.Token);
        while (await FindNextAsync(request, matches, searching))
        {
            await request.SendPendingAsync(writer.Write(matches.Current), status, cancellationToken);
        }

        return !request.IsCancelled;
    }

    /// <summary>Goes on to the next match; false when there is none or the peer cancelled, who is listened to meanwhile: where matches are rare it may be far.</summary>
    private static async ValueTask<bool> FindNextAsync(DimseRequest request, IAsyncEnumerator<IndexMatch> matches, CancellationTokenSource searching)
    {
        Task<bool> found = matches.MoveNextAsync().AsTask();
        while (!found.IsCompleted && await Task.WhenAny(found, Task.Delay(s_listeningInterval, CancellationToken.None)) != found)
        {
            if (request.IsCancelled)
            {
                await searching.CancelAsync();
                await ((Task)found).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return false;
            }
        }

        return await found && !request.IsCancelled;
    }
}
