using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MedicalAi.Testing;

/// <summary>RabbitMQ, the real one, with an epmd of its own, in a folder and on ports of its own; started when it is first asked for.</summary>
public sealed class RabbitMqBroker : IAsyncDisposable
{
    // Debian's script of the same name on the PATH changes the user; this one does not.
    private const string Programs = "/usr/lib/rabbitmq/bin";
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly TempFolder _folder = new();
    private readonly int[] _ports = FreePorts(3);
    private Process? _names;
    private Process? _script;
    private int _broker;

    /// <summary>Where it is.</summary>
    public Uri Url => new(string.Create(CultureInfo.InvariantCulture, $"amqp://guest:guest@127.0.0.1:{_ports[0]}/"));

    /// <summary>Starts it, if it does not run, and waits until it takes connections; on what it had before it was killed.</summary>
    public async Task<RabbitMqBroker> StartAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_script is { HasExited: false })
            {
                return this;
            }

            if (!File.Exists(Path.Combine(Programs, "rabbitmq-server")))
            {
                throw new InvalidOperationException("These tests need Debian's package rabbitmq-server, which ./test installs.");
            }

            await File.WriteAllTextAsync(_folder.File("plugins"), "[].", cancellationToken);
            await File.WriteAllTextAsync(_folder.File("environment"), "", cancellationToken);
            await File.WriteAllTextAsync(_folder.File("broker.conf"), "disk_free_limit.absolute = 1MB\nraft.wal_max_size_bytes = 16777216\nlog.file.level = warning\n", cancellationToken);
            _names ??= Run("epmd", ["-port", Text(_ports[2]), "-address", "127.0.0.1"]);
            File.Delete(_folder.File("pid"));
            _script = Run(Path.Combine(Programs, "rabbitmq-server"), []);
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(s_limit);
            while (!await TakesConnectionsAsync(limit.Token))
            {
                if (_script.HasExited)
                {
                    throw new InvalidOperationException("RabbitMQ did not start.");
                }

                await Task.Delay(50, limit.Token);
            }

            _broker = int.Parse(await File.ReadAllTextAsync(_folder.File("pid"), limit.Token), CultureInfo.InvariantCulture);
            return this;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Kills it (SIGKILL); what it has made durable is there when it is started again.</summary>
    public async Task KillAsync()
    {
        if (_script is { HasExited: false } script)
        {
            using Process broker = Process.GetProcessById(_broker);
            broker.Kill();
            await script.WaitForExitAsync(CancellationToken.None);
        }

        _script?.Dispose();
        _script = null;
    }

    /// <summary>Lets it neither run nor end (SIGSTOP), until <see cref="ResumeAsync"/>.</summary>
    public Task PauseAsync() => SignalAsync("-STOP");

    /// <summary>Lets it run again.</summary>
    public Task ResumeAsync() => SignalAsync("-CONT");

    /// <summary>Runs <c>rabbitmqctl</c>.</summary>
    public async Task ControlAsync(params string[] arguments)
    {
        using Process process = Run(Path.Combine(Programs, "rabbitmqctl"), arguments);
        using CancellationTokenSource limit = new(s_limit);
        await process.WaitForExitAsync(limit.Token);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"rabbitmqctl {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_names is not null)
        {
            _names.Kill();
            await _names.WaitForExitAsync(CancellationToken.None);
            _names.Dispose();
        }

        _turn.Dispose();
        _folder.Dispose();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        Array.ForEach(listeners, listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        Array.ForEach(listeners, listener => listener.Dispose());
        return ports;
    }

    private async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", [signal, Text(_broker)]);
        await kill.WaitForExitAsync(CancellationToken.None);
    }

    private async Task<bool> TakesConnectionsAsync(CancellationToken cancellationToken)
    {
        using TcpClient client = new();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, _ports[0], cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Process Run(string program, string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in new Dictionary<string, string>
        {
            ["HOME"] = _folder.Path,
            ["ERL_EPMD_PORT"] = Text(_ports[2]),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODENAME"] = $"gateway-test-{Text(_ports[0])}@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = Text(_ports[0]),
            ["RABBITMQ_DIST_PORT"] = Text(_ports[1]),
            ["RABBITMQ_MNESIA_BASE"] = _folder.File("data"),
            ["RABBITMQ_LOG_BASE"] = _folder.File("log"),
            ["RABBITMQ_PID_FILE"] = _folder.File("pid"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = _folder.File("plugins"),
            ["RABBITMQ_CONF_ENV_FILE"] = _folder.File("environment"),
            ["RABBITMQ_CONFIG_FILE"] = _folder.File("broker"),
        })
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
