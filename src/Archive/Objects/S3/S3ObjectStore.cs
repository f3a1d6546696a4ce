using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Minio.DataModel;

namespace MedicalAi.Archive;

/// <summary>
/// Objects in a bucket of an S3 server, under readable names: plain Part 10 files. An object is staged in a local file, and sent
/// under its final name when its batch is published; a request that succeeded is the server's word that it is durable. Nothing is
/// ever overwritten, where the server knows conditional requests; where it does not, the same name means the same content.
/// </summary>
public sealed class S3ObjectStore : IObjectStore, IDisposable
{
    private readonly S3Options _options;
    private readonly S3Connection _connection;
    private readonly SemaphoreSlim _uploads;
    private readonly string _staging;
    private long _staged;

    /// <summary>A store in a bucket.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="folder">The folder in which objects are staged; made by <see cref="InitializeAsync"/> when it is missing.</param>
    /// <exception cref="InvalidDataException">The authorities for TLS cannot be read.</exception>
    public S3ObjectStore(S3Options options, string folder)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _connection = new S3Connection(options);
        _uploads = new SemaphoreSlim(options.ParallelUploads);
        _staging = Path.Combine(Path.GetFullPath(folder), "staging");
    }

    /// <inheritdoc />
    public bool PublishesSingly => true;

    /// <inheritdoc />
    /// <remarks>Makes the bucket when it is missing, and tries that an object can be written, read, removed, and is encrypted where that is configured.</remarks>
    public async ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_staging);
        foreach (string leftover in Directory.EnumerateFiles(_staging))
        {
            if (!OwnerMark.IsOfAnotherLivingProcess(Path.GetFileName(leftover)))
            {
                File.Delete(leftover);
            }
        }

        await _connection.Retry.RunAsync(
            0,
            async token =>
            {
                if (!await _connection.BucketExistsAsync(token))
                {
                    await _connection.MakeBucketAsync(token);
                }

                return true;
            },
            cancellationToken);
        await TryOutAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        if (!await _connection.Retry.RunAsync(0, _connection.BucketExistsAsync, cancellationToken))
        {
            throw new ArchiveUnavailableException("The bucket of the object store is missing.");
        }
    }

    /// <inheritdoc />
    public ValueTask<StagedObject> StageAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string path = Path.Combine(_staging, OwnerMark.Name($"{Interlocked.Increment(ref _staged).ToString(CultureInfo.InvariantCulture)}.part"));
        SafeFileHandle handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete);
        return ValueTask.FromResult<StagedObject>(new S3StagedObject(path, handle));
    }

    /// <inheritdoc />
    /// <exception cref="ArchiveUnavailableException">The server is away; some of the batch may have been published.</exception>
    public async ValueTask PublishAsync(IReadOnlyList<Publication> batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch is [Publication single])
        {
            await PublishAsync(single, cancellationToken);
            return;
        }

        // When the server is away the others need not find that out for themselves.
        using CancellationTokenSource failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Exception? failure = null;
        await Task.WhenAll(batch.Select(async publication =>
        {
            try
            {
                await PublishAsync(publication, failed.Token);
            }
            catch (Exception e) when (e is IOException or ArchiveUnavailableException or ArgumentException)
            {
                Interlocked.CompareExchange(ref failure, e, null);
                await failed.CancelAsync();
            }
            catch (OperationCanceledException) when (failure is not null)
            {
                // Told by the first.
            }
        }));
        if (failure is not null)
        {
            throw failure is ArchiveUnavailableException ? new ArchiveUnavailableException(failure.Message, failure) : new IOException(failure.Message, failure);
        }
    }

    /// <inheritdoc />
    public async ValueTask<Stream> OpenReadAsync(ObjectLocation location, CancellationToken cancellationToken)
    {
        string name = NameOf(location.Key);
        if (location.Length > 0)
        {
            return await S3ReadStream.OpenAsync(_connection, name, location, _options.RequestTimeout, cancellationToken);
        }

        // There is no request for a range without bytes.
        ObjectInfo found = await FindAsync(location.Key, cancellationToken) ?? throw new FileNotFoundException("The object is not in the store.");
        return location.Offset <= found.Length ? Stream.Null : throw new EndOfStreamException("The object is shorter than the range that was asked for.");
    }

    /// <inheritdoc />
    public async ValueTask<ObjectInfo?> FindAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        string name = NameOf(key);
        ObjectStat? found = await _connection.Retry.RunAsync(0, token => _connection.FindAsync(name, token), cancellationToken);
        return found is null ? null : new ObjectInfo(key, found.Size, found.LastModified.ToUniversalTime());
    }

    /// <inheritdoc />
    public async ValueTask<bool> DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (await FindAsync(key, cancellationToken) is null)
        {
            return false;
        }

        string name = NameOf(key);
        await _connection.Retry.RunAsync(0, token => DoAsync(_connection.DeleteAsync(name, token)), cancellationToken);
        return true;
    }

    /// <inheritdoc />
    /// <remarks>Names that are no keys of the archive are passed over.</remarks>
    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        string before = _options.Prefix.Length == 0 ? "" : _options.Prefix + "/";
        string beginning = before + (prefix.Length == 0 ? "" : prefix + "/");
        await foreach (Item item in S3Retry.TellAsync(_connection.ListAsync(beginning, cancellationToken), cancellationToken))
        {
            ObjectKey key = new(item.Key[before.Length..]);
            if (!item.IsDir && key.IsValid)
            {
                yield return new ObjectInfo(key, (long)item.Size, item.LastModifiedDateTime?.ToUniversalTime() ?? DateTime.UtcNow);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask<int> RemoveUnfinishedAsync(string prefix, DateTimeOffset before, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        string beginning = (_options.Prefix.Length == 0 ? "" : _options.Prefix + "/") + prefix;
        HashSet<string> old = [];
        int found = 0;
        await foreach (Upload upload in S3Retry.TellAsync(_connection.ListUnfinishedAsync(beginning, cancellationToken), cancellationToken))
        {
            if (DateTimeOffset.TryParse(upload.Initiated, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset begun) && begun < before)
            {
                old.Add(upload.Key);
                found++;
            }
        }

        foreach (string name in old)
        {
            await _connection.Retry.RunAsync(0, token => DoAsync(_connection.DeleteUnfinishedAsync(name, token)), cancellationToken);
        }

        return found;
    }

    /// <summary>Ends its connections.</summary>
    public void Dispose()
    {
        _connection.Dispose();
        _uploads.Dispose();
    }

    private static async Task<bool> DoAsync(Task request)
    {
        await request;
        return true;
    }

    private string NameOf(ObjectKey key) => !key.IsValid ? throw new ArgumentException("The key is not valid.", nameof(key))
        : _options.Prefix.Length == 0 ? key.Value
        : $"{_options.Prefix}/{key.Value}";

    private async Task PublishAsync(Publication publication, CancellationToken cancellationToken)
    {
        S3StagedObject staged = (S3StagedObject)publication.Object;
        string name = NameOf(publication.Key);
        await _uploads.WaitAsync(cancellationToken);
        try
        {
            await _connection.Retry.RunAsync(
                staged.Length,
                token => _connection.Encrypts || staged.Length > _options.MultipartAbove ? PutByClientAsync(name, staged, token) : PutAsync(name, staged, token),
                cancellationToken);
        }
        finally
        {
            _uploads.Release();
        }
    }

    private async Task<bool> PutAsync(string name, S3StagedObject staged, CancellationToken cancellationToken)
    {
        await using FileStream content = staged.OpenRead();
        byte[] md5 = staged.Md5;
        string? tag = await _connection.PutAsync(name, content, md5, cancellationToken);
        if (tag is null)
        {
            await AssertSameAsync(name, staged.Length, cancellationToken);
        }
        else if (IsMd5(tag) && !tag.Equals(Convert.ToHexStringLower(md5), StringComparison.OrdinalIgnoreCase) && !await _connection.IsEncryptedAsync(name, cancellationToken))
        {
            // Where the bucket's own rule encrypts, a tag need not be an MD5; then the server has compared the one that was sent with it.
            await RefuseAsync(name, cancellationToken);
        }

        return true;
    }

    /// <summary>Sends by the client: what is encrypted, which presigned URLs cannot ask for, and what goes in parts.</summary>
    private async Task<bool> PutByClientAsync(string name, S3StagedObject staged, CancellationToken cancellationToken)
    {
        if (await _connection.FindAsync(name, cancellationToken) is not null)
        {
            return await AssertSameAsync(name, staged.Length, cancellationToken);
        }

        await using S3PartStream content = new(staged.OpenRead(), S3Connection.PartLength);
        try
        {
            await _connection.PutByClientAsync(name, content, cancellationToken);
        }
        catch when (staged.Length > S3Connection.PartLength)
        {
            await RemovePartsAsync(name);
            throw;
        }

        ObjectStat? stored = await _connection.FindAsync(name, cancellationToken);
        bool hasPartTag = stored?.ETag?.Contains('-', StringComparison.Ordinal) == true;
        if (stored?.Size != staged.Length || (!_connection.Encrypts && hasPartTag && stored.ETag != content.EntityTag()))
        {
            await RefuseAsync(name, cancellationToken);
        }

        return true;
    }

    private static bool IsMd5(string tag) => tag.Length == 32 && tag.All(char.IsAsciiHexDigit);

    /// <summary>Removes what arrived changed, so that it is not taken for the object the next time.</summary>
    private async Task RefuseAsync(string name, CancellationToken cancellationToken)
    {
        await _connection.DeleteAsync(name, cancellationToken);
        throw new S3ErrorException(HttpStatusCode.OK, "BadDigest");
    }

    private async Task RemovePartsAsync(string name)
    {
        using CancellationTokenSource limit = new(_options.RequestTimeout);
        try
        {
            await _connection.DeleteUnfinishedAsync(name, limit.Token);
        }
        catch (Exception e) when (S3Retry.IsPassing(e, CancellationToken.None))
        {
            // They are found by the next start or check.
        }
    }

    private async Task<bool> AssertSameAsync(string name, long length, CancellationToken cancellationToken) =>
        await _connection.FindAsync(name, cancellationToken) is { } found && found.Size == length
            ? true
            : throw new IOException("An object of another length stands under the same key.");

    /// <summary>Puts, reads and removes an object of a name of its own.</summary>
    private async ValueTask TryOutAsync(CancellationToken cancellationToken)
    {
        ObjectKey key = new($".gateway/{OwnerMark.Name(Guid.NewGuid().ToString("N"))}");
        await using StagedObject staged = await StageAsync(cancellationToken);
        await staged.WriteAsync(new System.Buffers.ReadOnlySequence<byte>([0]), cancellationToken);
        await PublishAsync([new Publication(staged, key)], cancellationToken);
        string name = NameOf(key);
        bool isEncrypted = await _connection.Retry.RunAsync(0, token => _connection.IsEncryptedAsync(name, token), cancellationToken);
        await DeleteAsync(key, cancellationToken);
        if (_connection.Encrypts && !isEncrypted)
        {
            throw new IOException("The object store does not encrypt objects, although it is told to.");
        }
    }
}
