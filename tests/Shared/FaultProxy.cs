using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MedicalAi.Testing;

/// <summary>What a <see cref="FaultProxy"/> does with a request.</summary>
internal enum Fault
{
    /// <summary>Passes request and answer on.</summary>
    None,

    /// <summary>Answers 500 InternalError without asking the server.</summary>
    InternalError,

    /// <summary>Answers 503 SlowDown without asking the server.</summary>
    SlowDown,

    /// <summary>Cuts the connection after half of the request's body.</summary>
    CutRequest,

    /// <summary>Passes the request on, and cuts the connection instead of the answer.</summary>
    LoseAnswer,

    /// <summary>Cuts the connection after half of the answer's body.</summary>
    CutAnswer,

    /// <summary>Changes a byte of the request's body.</summary>
    ChangeRequest,

    /// <summary>Takes the request and says nothing.</summary>
    Hang,
}

/// <summary>A proxy before a HTTP server that passes bytes on unchanged, but for the faults that a test asks for.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Uri _server;
    private readonly Task _accepting;
    private readonly List<Task> _connections = [];
    private int _requests;

    /// <summary>A proxy before a server.</summary>
    public FaultProxy(Uri server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public Uri Endpoint => new($"http://{_listener.LocalEndpoint}");

    /// <summary>What happens to a request, by its first line.</summary>
    public Func<string, Fault> Choose { get; set; } = _ => Fault.None;

    /// <summary>How many requests came.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>The fault for the first so many requests whose first line begins so; the others pass.</summary>
    public void First(int count, string beginning, Fault fault)
    {
        int left = count;
        Choose = line => line.StartsWith(beginning, StringComparison.Ordinal) && Interlocked.Decrement(ref left) >= 0 ? fault : Fault.None;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_stop.Token);
                _connections.Add(ServeAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        using Socket client = socket;
        using Socket server = new(SocketType.Stream, ProtocolType.Tcp);
        client.NoDelay = server.NoDelay = true;
        client.LingerState = new LingerOption(true, 0); // Ends are cuts.
        try
        {
            await server.ConnectAsync(_server.Host, _server.Port, _stop.Token);
            await using NetworkStream fromClient = new(client);
            await using NetworkStream fromServer = new(server);
            while (await ReadHeadAsync(fromClient) is { } head && await PassAsync(head, fromClient, fromServer))
            {
                // The next request of the connection.
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // Either side has ended.
        }
    }

    private async Task<bool> PassAsync(string head, NetworkStream client, NetworkStream server)
    {
        Interlocked.Increment(ref _requests);
        string line = head[..head.IndexOf('\r', StringComparison.Ordinal)];
        Fault fault = Choose(line);
        long length = Length(head) ?? 0;
        switch (fault)
        {
            case Fault.Hang:
                await CopyAsync(client, Stream.Null, length);
                await Task.Delay(Timeout.Infinite, _stop.Token);
                return false;
            case Fault.InternalError or Fault.SlowDown:
                await CopyAsync(client, Stream.Null, length);
                string error = $"<Error><Code>{fault}</Code></Error>";
                string status = fault == Fault.SlowDown ? "503 Slow Down" : "500 Internal Server Error";
                await client.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {error.Length}\r\n\r\n{(line.StartsWith("HEAD", StringComparison.Ordinal) ? "" : error)}"), _stop.Token);
                return true;
        }

        await server.WriteAsync(Encoding.ASCII.GetBytes(head), _stop.Token);
        await CopyAsync(client, server, fault == Fault.CutRequest ? length / 2 : length, fault == Fault.ChangeRequest);
        if (fault == Fault.CutRequest)
        {
            return false;
        }

        if (await ReadHeadAsync(server) is not { } answer || fault == Fault.LoseAnswer)
        {
            return false;
        }

        await client.WriteAsync(Encoding.ASCII.GetBytes(answer), _stop.Token);
        bool hasNoBody = line.StartsWith("HEAD", StringComparison.Ordinal) || answer.Contains(" 204 ", StringComparison.Ordinal);
        if (hasNoBody)
        {
            return true;
        }

        if (Length(answer) is { } answered)
        {
            await CopyAsync(server, client, fault == Fault.CutAnswer ? answered / 2 : answered);
            await client.FlushAsync(_stop.Token);
            return fault != Fault.CutAnswer;
        }

        if (!answer.Contains("chunked", StringComparison.OrdinalIgnoreCase))
        {
            await server.CopyToAsync(client, _stop.Token);
            return false;
        }

        while (await ReadToAsync(server, "\r\n") is { } size)
        {
            long chunk = long.Parse(size.AsSpan().Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            await client.WriteAsync(Encoding.ASCII.GetBytes(size), _stop.Token);
            await CopyAsync(server, client, chunk + 2);
            if (chunk == 0)
            {
                return true;
            }
        }

        return false;
    }

    private async Task CopyAsync(Stream from, Stream to, long length, bool changes = false)
    {
        byte[] buffer = new byte[64 * 1024];
        while (length > 0)
        {
            int read = await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length)), _stop.Token);
            if (read == 0)
            {
                throw new IOException("The other side has ended.");
            }

            if (changes)
            {
                buffer[0] ^= 1;
                changes = false;
            }

            await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            length -= read;
        }
    }

    /// <summary>The lines up to the empty one; null at the end of the connection.</summary>
    private Task<string?> ReadHeadAsync(NetworkStream stream) => ReadToAsync(stream, "\r\n\r\n");

    private async Task<string?> ReadToAsync(NetworkStream stream, string end)
    {
        StringBuilder text = new();
        byte[] one = new byte[1];
        while (text.Length < end.Length || text.ToString(text.Length - end.Length, end.Length) != end)
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
            {
                return null;
            }

            text.Append((char)one[0]);
        }

        return text.ToString();
    }

    private static long? Length(string head) => head.Split("\r\n").Select(line => line.Split(':', 2)).FirstOrDefault(field => field.Length == 2 && field[0].Equals("Content-Length", StringComparison.OrdinalIgnoreCase)) is { } found
        ? long.Parse(found[1], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture)
        : null;
}
