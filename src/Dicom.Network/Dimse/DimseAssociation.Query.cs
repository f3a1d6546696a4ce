using System.Runtime.CompilerServices;

namespace MedicalAi.Dicom.Network;

/// <content>Query and retrieve as SCU (PS3.4 annexes C and K).</content>
public abstract partial class DimseAssociation
{
    /// <summary>
    /// C-FIND (PS3.7 9.1.2): the matches as they come. Who stops to enumerate, or cancels, ends the operation by C-CANCEL; the association
    /// goes on.
    /// </summary>
    /// <param name="model">The SOP class: the information model that is queried.</param>
    /// <param name="identifier">The keys.</param>
    /// <param name="priority">0 medium, 1 high, 2 low.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <exception cref="DimseFailureException">The peer answered with a failure, after the matches that it gave.</exception>
    /// <exception cref="DicomNetworkException">The model was not accepted, or the association failed.</exception>
    public async IAsyncEnumerable<DicomDataSet> FindAsync(DicomUid model, DicomDataSet identifier, ushort priority = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        NegotiatedContext context = RequireContext(model);
        DimseCommand command = new() { CommandField = DimseCommand.CFindRequest, SopClass = model, Priority = priority, HasDataSet = true };
        InvokedOperation operation = await BeginGuardedAsync(context, command, identifier, cancellationToken);
        bool hasEnded = false;
        try
        {
            while (!hasEnded)
            {
                DimseResponse response = Read(context, await NextAsync(operation, cancellationToken));
                hasEnded = !DimseStatus.IsPending(response.Status);
                if (hasEnded && response.Status is not (DimseStatus.Success or DimseStatus.Cancel))
                {
                    throw new DimseFailureException(response);
                }

                if (!hasEnded && response.DataSet is { } match)
                {
                    yield return match;
                }
            }
        }
        finally
        {
            if (!hasEnded)
            {
                await CancelAsync(operation);
            }
        }
    }

    /// <summary>C-MOVE (PS3.7 9.1.4): the peer sends what the identifier names to another AE.</summary>
    /// <param name="model">The SOP class.</param>
    /// <param name="identifier">The level and the unique keys.</param>
    /// <param name="destination">The AE title to which it is sent, which the peer must know.</param>
    /// <param name="progress">Told the numbers of sub-operations as the peer tells them.</param>
    /// <param name="cancellationToken">Ends the operation by C-CANCEL; the association goes on.</param>
    /// <returns>The last response, with the numbers of sub-operations and, in its data set, the instances that failed.</returns>
    /// <exception cref="DicomNetworkException">The model was not accepted, or the association failed.</exception>
    public ValueTask<DimseResponse> MoveAsync(DicomUid model, DicomDataSet identifier, AeTitle destination, IProgress<SubOperations>? progress, CancellationToken cancellationToken) =>
        RetrieveAsync(model, identifier, new DimseCommand { CommandField = DimseCommand.CMoveRequest, SopClass = model, MoveDestination = destination.Value, HasDataSet = true }, progress, cancellationToken);

    /// <summary>
    /// C-GET (PS3.7 9.1.3): the peer sends what the identifier names on this association, whose storage contexts must have been proposed
    /// with <see cref="AssociationRoles.Scp"/> and have a service.
    /// </summary>
    /// <inheritdoc cref="MoveAsync"/>
    public ValueTask<DimseResponse> GetAsync(DicomUid model, DicomDataSet identifier, IProgress<SubOperations>? progress, CancellationToken cancellationToken) =>
        RetrieveAsync(model, identifier, new DimseCommand { CommandField = DimseCommand.CGetRequest, SopClass = model, HasDataSet = true }, progress, cancellationToken);

    private async ValueTask<DimseResponse> RetrieveAsync(DicomUid model, DicomDataSet identifier, DimseCommand command, IProgress<SubOperations>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        NegotiatedContext context = RequireContext(model);
        InvokedOperation operation = await BeginGuardedAsync(context, command, identifier, cancellationToken);
        bool hasEnded = false;
        try
        {
            while (true)
            {
                DimseResponse response = Read(context, await NextAsync(operation, cancellationToken));
                hasEnded = !DimseStatus.IsPending(response.Status);
                if (response.SubOperations is { } counts)
                {
                    progress?.Report(counts);
                }

                if (hasEnded)
                {
                    return response;
                }
            }
        }
        finally
        {
            if (!hasEnded)
            {
                await CancelAsync(operation);
            }
        }
    }

    // Before all of it is sent, giving up leaves the association in the middle of a message.
    private async ValueTask<InvokedOperation> BeginGuardedAsync(NegotiatedContext context, DimseCommand command, DicomDataSet identifier, CancellationToken cancellationToken)
    {
        byte[] bytes = DicomDataSetWriter.ToBytes(identifier, RequireSyntax(context));
        try
        {
            return await BeginAsync(context, command, (id, request, token) => Messages.SendAsync(id, request, bytes, token), cancellationToken);
        }
        catch (DicomNetworkException exception)
        {
            throw await EndAsync(exception);
        }
        catch
        {
            await EndAsync(new DicomNetworkException(NetworkFailure.ConnectionLost, "We gave the association up."));
            throw;
        }
    }

    private async ValueTask<ReceivedResponse> NextAsync(InvokedOperation operation, CancellationToken cancellationToken)
    {
        try
        {
            return await operation.NextAsync(cancellationToken);
        }
        catch (DicomNetworkException exception)
        {
            throw await EndAsync(exception);
        }
    }

    // What still comes is dropped until the last response (PS3.7 9.3.2.3).
    private async ValueTask CancelAsync(InvokedOperation operation)
    {
        operation.Abandon();
        if (IsEstablished)
        {
            try
            {
                DimseCommand cancel = new() { CommandField = DimseCommand.CCancelRequest, MessageId = operation.MessageId };
                await Messages.SendAsync(operation.Context.Id, cancel, default(ReadOnlyMemory<byte>), CancellationToken.None);
            }
            catch (DicomNetworkException exception)
            {
                await EndAsync(exception);
            }
        }
    }
}
