using MedicalAi.Archive;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>
/// Hands out instances to be sent, their data sets open; the next one is opened while those before it are sent. Several may take at once.
/// </summary>
internal sealed class InstanceSupply : IAsyncDisposable
{
    private readonly ArchiveReader _archive;
    private readonly IAsyncEnumerator<InstanceRow> _rows;
    private readonly Queue<(InstanceRow Row, int Attempts)> _returned = [];
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Task<SuppliedInstance?>? _ahead;
    private DimseAssociation? _association;

    /// <summary>Makes one.</summary>
    /// <param name="rows">The instances.</param>
    /// <param name="archive">Where they are read.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    public InstanceSupply(IAsyncEnumerable<InstanceRow> rows, ArchiveReader archive, CancellationToken cancellationToken)
    {
        _archive = archive;
        _rows = rows.GetAsyncEnumerator(cancellationToken);
    }

    /// <summary>Says on which association they will be sent: what it does not take is not opened.</summary>
    public void SendOn(DimseAssociation association) => _association = association;

    /// <summary>The next instance; null when there is none left.</summary>
    public async ValueTask<SuppliedInstance?> TakeAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_returned.TryDequeue(out (InstanceRow Row, int Attempts) again))
            {
                return await OpenAsync(again.Row, again.Attempts, cancellationToken);
            }

            SuppliedInstance? taken = await (_ahead ?? NextAsync(cancellationToken));
            _ahead = taken is null ? Task.FromResult<SuppliedInstance?>(null) : Task.Run(() => NextAsync(cancellationToken), CancellationToken.None);
            return taken;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Takes an instance back that was lost with its association.</summary>
    public async ValueTask ReturnAsync(SuppliedInstance instance)
    {
        await _gate.WaitAsync(CancellationToken.None);
        _returned.Enqueue((instance.Row, instance.Attempts + 1));
        _gate.Release();
    }

    /// <summary>The next instance without its data set; null when there is none left.</summary>
    public async ValueTask<InstanceRow?> SkipAsync()
    {
        if (_returned.TryDequeue(out (InstanceRow Row, int Attempts) again))
        {
            return again.Row;
        }

        if (_ahead is { } ahead)
        {
            _ahead = null;
            await using SuppliedInstance? opened = await ahead;
            return opened?.Row;
        }

        return await _rows.MoveNextAsync() ? _rows.Current : null;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_ahead is { } ahead)
        {
            await ((Task)ahead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ahead.IsCompletedSuccessfully && await ahead is { } unused)
            {
                await unused.DisposeAsync();
            }
        }

        await _rows.DisposeAsync();
        _gate.Dispose();
    }

    private async Task<SuppliedInstance?> NextAsync(CancellationToken cancellationToken) =>
        await _rows.MoveNextAsync() ? await OpenAsync(_rows.Current, 0, cancellationToken) : null;

    private async ValueTask<SuppliedInstance> OpenAsync(InstanceRow row, int attempts, CancellationToken cancellationToken)
    {
        if (_association?.CanStore(row.Identity.SopClass, row.TransferSyntax) == false)
        {
            return new SuppliedInstance(row, Stream.Null, null, attempts);
        }

        try
        {
            return new SuppliedInstance(row, await _archive.OpenDataSetAsync(row, cancellationToken), null, attempts);
        }
        catch (FileNotFoundException)
        {
            return new SuppliedInstance(row, null, "Its object is not in the store", attempts);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArchiveUnavailableException)
        {
            return new SuppliedInstance(row, null, "Its object cannot be read from the store", attempts);
        }
    }
}

/// <summary>An instance to be sent.</summary>
/// <param name="Row">The instance.</param>
/// <param name="DataSet">Its data set; null when it cannot be read.</param>
/// <param name="Problem">Why it cannot be read.</param>
/// <param name="Attempts">How often an association was lost on which it was to be sent.</param>
internal sealed record SuppliedInstance(InstanceRow Row, Stream? DataSet, string? Problem, int Attempts) : IAsyncDisposable
{
    /// <inheritdoc />
    public ValueTask DisposeAsync() => DataSet?.DisposeAsync() ?? ValueTask.CompletedTask;
}
