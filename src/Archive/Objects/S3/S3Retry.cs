using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using Minio.Exceptions;

namespace MedicalAi.Archive;

/// <summary>Tries requests again that failed for reasons that may pass, with a wait that doubles, for a bounded time.</summary>
internal sealed class S3Retry(S3Options options)
{
    /// <summary>Does something until it succeeds, or fails for good.</summary>
    /// <param name="length">The bytes that are moved, which lengthen the limit of each attempt.</param>
    /// <param name="attempt">One attempt; it throws what <see cref="IsPassing"/> knows.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArchiveUnavailableException">The server is away, or refuses the credentials.</exception>
    /// <exception cref="IOException">The server is full, or refuses the request for another reason.</exception>
    public async ValueTask<T> RunAsync<T>(long length, Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
    {
        long startedAt = Stopwatch.GetTimestamp();
        TimeSpan moving = TimeSpan.FromSeconds(length >> 20);
        for (int tried = 1; ; tried++)
        {
            try
            {
                using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(options.RequestTimeout + moving);
                return await attempt(limit.Token);
            }
            catch (Exception e) when (IsPassing(e, cancellationToken))
            {
                TimeSpan wait = options.BackOff * (1 << Math.Min(tried - 1, 10)) * (0.5 + (Random.Shared.NextDouble() / 2));
                if (tried >= options.Attempts || Stopwatch.GetElapsedTime(startedAt) + wait >= options.GiveUpAfter + moving)
                {
                    throw new ArchiveUnavailableException("The object store is not available.", e);
                }

                await Task.Delay(wait, cancellationToken);
            }
            catch (Exception e) when (ForGood(e) is { } final)
            {
                throw final;
            }
        }
    }

    /// <summary>Passes on a listing; its failures are told as those of other requests.</summary>
    public static async IAsyncEnumerable<T> TellAsync<T>(IAsyncEnumerable<T> listing, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<T> items = listing.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await items.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (Exception e) when (IsPassing(e, cancellationToken))
            {
                throw new ArchiveUnavailableException("The object store is not available.", e);
            }
            catch (Exception e) when (ForGood(e) is { } final)
            {
                throw final;
            }

            yield return items.Current;
        }
    }

    /// <summary>Whether another attempt may succeed: the network, a timeout, a server that is busy or failed, bytes that were changed on their way.</summary>
    public static bool IsPassing(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        S3ErrorException e => e.Status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.Conflict
            || (e.Status >= HttpStatusCode.InternalServerError && e.Status != HttpStatusCode.InsufficientStorage)
            || e.Code is "BadDigest" or "RequestTimeout" or "SlowDown" or "XAmzContentSHA256Mismatch" or "IncompleteBody",
        ObjectNotFoundException or BucketNotFoundException or AccessDeniedException or ForbiddenException or AuthorizationException or PreconditionFailedException => false,
        InvalidBucketNameException or InvalidObjectNameException or InvalidEndpointException or EntityTooLargeException => false,
        MinioException or MalFormedXMLException => true,
        HttpRequestException or HttpIOException or EndOfStreamException => true,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,

        // The client stumbles over failures without a message, which are all of Ceph's, or without a body, which are all of HEAD's.
        _ => exception.Source == "Minio",
    };

    /// <summary>What callers of the archive are told of a failure that does not pass by itself; null for what is not a failure of the server.</summary>
    private static Exception? ForGood(Exception exception) => exception switch
    {
        S3ErrorException { Status: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } or AccessDeniedException or ForbiddenException or AuthorizationException =>
            new ArchiveUnavailableException("The object store refuses our credentials.", exception),
        S3ErrorException { Code: "NoSuchBucket" } or BucketNotFoundException => new ArchiveUnavailableException("The bucket of the object store is missing.", exception),
        S3ErrorException e => new IOException($"The object store refuses the request: {(int)e.Status} {e.Code}.", exception),
        ObjectNotFoundException or PreconditionFailedException => null,
        MinioException => new IOException("The object store refuses the request.", exception),
        _ => null,
    };
}

/// <summary>An answer of the server that is no success.</summary>
internal sealed class S3ErrorException(HttpStatusCode status, string? code) : Exception($"The object store answers {(int)status} {code}.")
{
    /// <summary>The status.</summary>
    public HttpStatusCode Status => status;

    /// <summary>The code of the error document; null when there is none.</summary>
    public string? Code => code;
}
