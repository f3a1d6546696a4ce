using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MedicalAi.Testing;

/// <summary>A PostgreSQL server in a folder of its own, as its packages bring it: it is started when it is first asked for, and ended with the tests.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly string s_bin = FindPrograms();
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"medicalai-postgres-{Guid.NewGuid():N}");
    private Process? _process;
    private int _databases;

    /// <summary>The port at 127.0.0.1.</summary>
    public int Port { get; private set; }

    /// <summary>The URL of a database.</summary>
    public string UrlOf(string database) => string.Create(CultureInfo.InvariantCulture, $"postgres://postgres@127.0.0.1:{Port}/{database}");

    /// <summary>Makes a database, empty or as another one.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateDatabaseAsync(string? template = null, string? name = null)
    {
        await EnsureStartedAsync();
        name ??= string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        await QueryAsync("postgres", $"CREATE DATABASE {name} TEMPLATE {template ?? "template0"}{(template is null ? " ENCODING 'UTF8' LOCALE 'C.UTF-8'" : "")}");
        return name;
    }

    /// <summary>Removes a database, whoever is connected to it.</summary>
    public Task DropDatabaseAsync(string name) => QueryAsync("postgres", $"DROP DATABASE IF EXISTS {name} WITH (FORCE)");

    /// <summary>Runs a statement, and gives what psql prints of its rows.</summary>
    public async Task<string> QueryAsync(string database, string statement)
    {
        ToolResult result = await ExternalTool.RunAsync(
            Path.Combine(s_bin, "psql"),
            ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "-d", database, "-c", statement],
            CancellationToken.None);
        return result.ExitCode == 0 ? result.Output.TrimEnd('\n') : throw new InvalidOperationException($"{statement}: {result}");
    }

    /// <summary>Starts it, unless it runs, and waits until it answers.</summary>
    public async Task EnsureStartedAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (_process is { HasExited: false })
            {
                return;
            }

            if (!Directory.Exists(_folder))
            {
                await RunAsServerAsync("initdb", "-D", _folder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions");
                Port = FreePort();
            }

            string[] arguments = ["-D", _folder, "-p", Port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={_folder}", "-c", "log_min_messages=fatal", "-c", "max_connections=200"];
            (string program, IEnumerable<string> all) = AsServer("postgres", arguments);
            _process = Process.Start(new ProcessStartInfo(program, all) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" }) ?? throw new InvalidOperationException("PostgreSQL did not start.");
            _process.OutputDataReceived += (_, _) => { };
            _process.ErrorDataReceived += (_, _) => { };
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
            for (int i = 0; ; i++)
            {
                try
                {
                    await QueryAsync("postgres", "SELECT 1");
                    return;
                }
                catch (InvalidOperationException) when (i < 300 && !_process.HasExited)
                {
                    await Task.Delay(50);
                }
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Ends it at once, as a crash does; its port and data stay for the next start.</summary>
    public async Task CrashAsync()
    {
        if (_process is { } process)
        {
            // The main process by KILL; the others end by themselves when it is gone.
            process.Kill();
            await process.WaitForExitAsync();
            for (int i = 0; i < 200 && Directory.Exists(_folder) && Children(process.Id).Length > 0; i++)
            {
                await Task.Delay(20);
            }

            process.Dispose();
            _process = null;
        }
    }

    /// <summary>Stops all its processes where they are; connections stay open, and nothing is answered.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>Lets them go on.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false } process)
        {
            // Children first learn of it by the main process, which ends all of them: QUIT is the immediate shutdown.
            await ExternalTool.RunAsync("kill", ["-QUIT", process.Id.ToString(CultureInfo.InvariantCulture)], CancellationToken.None);
            await process.WaitForExitAsync();
        }

        _process?.Dispose();
        _starting.Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task SignalAsync(string signal)
    {
        int main = _process?.Id ?? throw new InvalidOperationException("It does not run.");
        string[] all = [.. Children(main).Prepend(main).Select(id => id.ToString(CultureInfo.InvariantCulture))];
        await ExternalTool.RunAsync("kill", [$"-{signal}", .. all], CancellationToken.None);
    }

    private static int[] Children(int parent) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), out int id) ? id : 0).Where(id => id > 0 && ParentOf(id) == parent),
    ];

    private static int ParentOf(int id)
    {
        try
        {
            // pid (name) state ppid …; a name may hold anything.
            string stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static async Task RunAsServerAsync(string program, params string[] arguments)
    {
        (string name, IEnumerable<string> all) = AsServer(program, arguments);
        ToolResult result = await ExternalTool.RunAsync(name, all, CancellationToken.None, folder: "/");
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program}: {result}");
        }
    }

    // It refuses to run as root.
    private static (string Program, IEnumerable<string> Arguments) AsServer(string program, string[] arguments) => Environment.IsPrivilegedProcess
        ? ("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", Path.Combine(s_bin, program), .. arguments])
        : (Path.Combine(s_bin, program), arguments);

    private static string FindPrograms() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin")).Where(folder => File.Exists(Path.Combine(folder, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault() ?? ""
            : "";

    private static int FreePort()
    {
        using TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }
}
