using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace MedicalAi.Testing;

/// <summary>
/// A real S3 server: Ceph's RADOS Gateway with one monitor and one store in a folder of its own, on loopback, as whoever runs the
/// tests. Takes about 13 s to start. Its end is by process id; it can be stopped and started again in between.
/// </summary>
internal sealed class CephServer : IAsyncDisposable
{
    /// <summary>The access key of its one user.</summary>
    public const string AccessKey = "gateway";

    /// <summary>The secret key of its one user.</summary>
    public const string SecretKey = "gateway-secret";

    /// <summary>The name of a key in its key management.</summary>
    public const string EncryptionKey = "test-key-1";

    private readonly TempFolder _folder;
    private readonly List<Process> _daemons = [];
    private readonly string _configuration;

    private CephServer(TempFolder folder, int monitorPort, int port)
    {
        _folder = folder;
        _configuration = folder.File("ceph.conf");
        MonitorPort = monitorPort;
        Endpoint = new Uri($"http://127.0.0.1:{port}");
    }

    /// <summary>Where it answers.</summary>
    public Uri Endpoint { get; }

    private int MonitorPort { get; }

    /// <summary>Whether its programs are installed.</summary>
    public static bool IsInstalled => new[] { "ceph-mon", "ceph-osd", "radosgw", "radosgw-admin" }.All(program => File.Exists($"/usr/bin/{program}"));

    /// <summary>Makes a new one, and waits until it answers.</summary>
    public static async Task<CephServer> StartAsync(CancellationToken cancellationToken)
    {
        TcpListener[] free = [new(IPAddress.Loopback, 0), new(IPAddress.Loopback, 0)];
        foreach (TcpListener listener in free)
        {
            listener.Start();
        }

        CephServer server = new(new TempFolder(), ((IPEndPoint)free[0].LocalEndpoint).Port, ((IPEndPoint)free[1].LocalEndpoint).Port);
        foreach (TcpListener listener in free)
        {
            listener.Dispose();
        }

        try
        {
            await server.BuildAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (Process daemon in Enumerable.Reverse(_daemons))
        {
            if (!daemon.HasExited)
            {
                daemon.Kill();
            }

            await daemon.WaitForExitAsync(CancellationToken.None);
            daemon.Dispose();
        }

        _folder.Dispose();
    }

    private async Task BuildAsync(CancellationToken cancellationToken)
    {
        foreach (string name in new[] { "run", "log", "mon", "osd" })
        {
            Directory.CreateDirectory(_folder.File(name));
        }

        Guid cluster = Guid.NewGuid();
        string store = Guid.NewGuid().ToString();
        string keyring = _folder.File("keyring");
        string map = _folder.File("monmap");
        await File.WriteAllTextAsync(_configuration, Configuration(cluster, keyring), cancellationToken);
        await RunAsync("ceph-authtool", ["--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *"]);
        await RunAsync("ceph-authtool", [keyring, "--gen-key", "-n", "client.admin", "--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *"]);
        await RunAsync("ceph-authtool", [keyring, "--gen-key", "-n", "client.rgw", "--cap", "mon", "allow rw", "--cap", "osd", "allow rwx"]);
        await RunAsync("ceph-authtool", [keyring, "--gen-key", "-n", "osd.0", "--cap", "mon", "allow profile osd", "--cap", "osd", "allow *"]);
        await RunAsync("monmaptool", ["--create", "--clobber", "--fsid", cluster.ToString(), "--addv", "a", $"[v2:127.0.0.1:{MonitorPort}/0]", map]);
        await RunAsync("ceph-mon", ["-c", _configuration, "--mkfs", "-i", "a", "--monmap", map, "--keyring", keyring]);
        StartDaemon("ceph-mon", ["-i", "a"]);
        await RunAsync("ceph", ["-c", _configuration, "osd", "new", store, "0"]);
        await RunAsync("ceph-osd", ["-c", _configuration, "-i", "0", "--mkfs", "--osd-uuid", store, "--keyring", keyring]);
        StartDaemon("ceph-osd", ["-i", "0"]);
        await RunAsync("radosgw-admin", ["-c", _configuration, "user", "create", "--uid=gateway", "--display-name=gateway", $"--access-key={AccessKey}", $"--secret-key={SecretKey}"]);
        Process gateway = StartDaemon("radosgw", ["-n", "client.rgw"]);
        using HttpClient http = new();
        for (int i = 0; ; i++)
        {
            try
            {
                await http.GetStringAsync(Endpoint, cancellationToken);
                return;
            }
            catch (HttpRequestException) when (i < 600 && !gateway.HasExited)
            {
                await Task.Delay(50, cancellationToken);
            }
        }

        async Task RunAsync(string program, IEnumerable<string> arguments)
        {
            ToolResult result = await ExternalTool.RunAsync(program, arguments, cancellationToken);
            if (result.ExitCode != 0)
            {
                throw new InvalidOperationException($"{program}: {result}");
            }
        }
    }

    private Process StartDaemon(string program, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program, ["-f", "-c", _configuration, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _daemons.Add(process);
        return process;
    }

    private string Configuration(Guid cluster, string keyring) => $"""
        [global]
        fsid = {cluster}
        mon host = [v2:127.0.0.1:{MonitorPort}/0]
        mon initial members = a
        ms bind ipv6 = false
        public addr = 127.0.0.1
        cluster addr = 127.0.0.1
        auth cluster required = cephx
        auth service required = cephx
        auth client required = cephx
        auth allow insecure global id reclaim = false
        keyring = {keyring}
        run dir = {_folder.File("run")}
        pid file = {_folder.File("run")}/$name.pid
        admin socket = {_folder.File("run")}/$name.$pid.asok
        log file = {_folder.File("log")}/$name.log
        crash dir = {_folder.File("log")}
        osd pool default size = 1
        osd pool default min size = 1
        osd pool default pg num = 8
        osd pool default pgp num = 8
        osd pool default pg autoscale mode = off
        osd crush chooseleaf type = 0
        mon allow pool size one = true
        mon max pg per osd = 1000
        mon data avail warn = 1
        mon data avail crit = 1
        [mon.a]
        mon data = {_folder.File("mon")}
        [osd.0]
        osd data = {_folder.File("osd")}
        osd objectstore = bluestore
        bluestore block size = 10737418240
        bluestore block create = true
        osd memory target = 1073741824
        osd class update on start = false
        [client.rgw]
        rgw frontends = beast endpoint={Endpoint.Authority} tcp_nodelay=1
        rgw dns name = localhost
        rgw crypt require ssl = false
        rgw crypt s3 kms backend = testing
        rgw crypt s3 kms encryption keys = {EncryptionKey}={Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}

        """;
}
