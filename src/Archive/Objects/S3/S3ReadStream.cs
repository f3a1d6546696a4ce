namespace MedicalAi.Archive;

/// <summary>A range of an object, read from front to back. A connection that breaks off is taken up again where it broke.</summary>
internal sealed class S3ReadStream : Stream
{
    private const int MaximumResumptions = 3;
    private readonly S3Connection _connection;
    private readonly string _name;
    private readonly ObjectLocation _location;
    private readonly TimeSpan _timeout;
    private HttpResponseMessage _response;
    private Stream _body;
    private long _position;
    private int _resumptions;

    private S3ReadStream(S3Connection connection, string name, ObjectLocation location, TimeSpan timeout, (HttpResponseMessage Response, Stream Body) opened)
    {
        _connection = connection;
        _name = name;
        _location = location;
        _timeout = timeout;
        (_response, _body) = opened;
    }

    /// <summary>Opens a range of at least one byte.</summary>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    /// <exception cref="EndOfStreamException">The object is shorter than the range.</exception>
    public static async ValueTask<Stream> OpenAsync(S3Connection connection, string name, ObjectLocation location, TimeSpan timeout, CancellationToken cancellationToken) =>
        new S3ReadStream(connection, name, location, timeout, await RequestAsync(connection, name, location, cancellationToken));

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => _location.Length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Reads without taking up a broken connection.</summary>
    public override int Read(Span<byte> buffer)
    {
        Span<byte> part = buffer[..(int)Math.Min(buffer.Length, Length - _position)];
        if (part.IsEmpty)
        {
            return 0;
        }

        int read = _body.Read(part);
        _position += read;
        return read > 0 ? read : throw new EndOfStreamException("The object store broke off.");
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Memory<byte> part = buffer[..(int)Math.Min(buffer.Length, Length - _position)];
        if (part.IsEmpty)
        {
            return 0;
        }

        while (true)
        {
            Exception? failure = null;
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(_timeout);
            try
            {
                int read = await _body.ReadAsync(part, limit.Token);
                if (read > 0)
                {
                    _position += read;
                    return read;
                }
            }
            catch (Exception e) when (e is IOException or HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                failure = e;
            }

            await ResumeAsync(failure, cancellationToken);
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _body.Dispose();
            _response.Dispose();
        }

        base.Dispose(disposing);
    }

    private static async ValueTask<(HttpResponseMessage Response, Stream Body)> RequestAsync(S3Connection connection, string name, ObjectLocation range, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await connection.Retry.RunAsync(0, token => connection.GetAsync(name, range.Offset, range.Length, token), cancellationToken);
        }
        catch (IOException e) when (e.InnerException is S3ErrorException { Code: "NoSuchKey" })
        {
            throw new FileNotFoundException("The object is not in the store.", e);
        }
        catch (IOException e) when (e.InnerException is S3ErrorException { Status: System.Net.HttpStatusCode.RequestedRangeNotSatisfiable })
        {
            throw new EndOfStreamException("The object is shorter than the range that was asked for.", e);
        }

        if (response.Content.Headers.ContentRange is not { From: { } from, To: { } to } || from != range.Offset || to != range.Offset + range.Length - 1)
        {
            response.Dispose();
            throw new EndOfStreamException("The object is shorter than the range that was asked for.");
        }

        return (response, await response.Content.ReadAsStreamAsync(cancellationToken));
    }

    private async ValueTask ResumeAsync(Exception? failure, CancellationToken cancellationToken)
    {
        if (++_resumptions > MaximumResumptions)
        {
            throw new IOException("The object store breaks off again and again.", failure);
        }

        await _body.DisposeAsync();
        _response.Dispose();
        (_response, _body) = await RequestAsync(_connection, _name, _location.Slice(_position, Length - _position), cancellationToken);
    }
}
