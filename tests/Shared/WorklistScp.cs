using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MedicalAi.Testing;

/// <summary>One entry of a worklist.</summary>
internal sealed record WorklistEntry(string PatientId, string Accession, string Study, string Priority, string Code, string Modality = "OT", string Name = "Doe^Jane");

/// <summary>dcmtk's wlmscpfs, a Modality Worklist SCP over files, which dcmtk's dump2dcm makes.</summary>
internal sealed class WorklistScp : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TempFolder _folder;

    private WorklistScp(Process process, TempFolder folder, int port) => (_process, _folder, Port) = (process, folder, port);

    /// <summary>Its AE title.</summary>
    public const string AeTitle = "RIS";

    /// <summary>Its port at 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Starts it with some entries.</summary>
    public static async Task<WorklistScp> StartAsync(CancellationToken cancellationToken, params WorklistEntry[] entries)
    {
        TempFolder folder = new();
        string list = Directory.CreateDirectory(folder.File(AeTitle)).FullName;
        await File.WriteAllTextAsync(Path.Combine(list, "lockfile"), "", cancellationToken);
        for (int i = 0; i < entries.Length; i++)
        {
            string dump = folder.File($"{i}.dump");
            await File.WriteAllTextAsync(dump, Dump(entries[i], i), cancellationToken);
            ToolResult made = await ExternalTool.RunAsync("dump2dcm", [dump, Path.Combine(list, $"{i}.wl")], cancellationToken);
            Assert.True(made.ExitCode == 0, made.ToString());
        }

        int port;
        using (TcpListener free = new(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        ProcessStartInfo start = new("wlmscpfs", ["-q", "-dfp", folder.Path, $"{port}"]);
        start.Environment["TCP_NODELAY"] = "1";
        Process process = Process.Start(start)!;
        for (int i = 0; ; i++)
        {
            try
            {
                using TcpClient probe = new();
                await probe.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return new WorklistScp(process, folder, port);
            }
            catch (SocketException) when (i < 200)
            {
                await Task.Delay(25, cancellationToken);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _folder.Dispose();
    }

    private static string Dump(WorklistEntry entry, int number) => $"""
        (0008,0005) CS [ISO_IR 192]
        (0008,0050) SH [{entry.Accession}]
        (0010,0010) PN [{entry.Name}]
        (0010,0020) LO [{entry.PatientId}]
        (0010,0030) DA [19700101]
        (0010,0040) CS [F]
        (0020,000d) UI [{entry.Study}]
        (0032,1032) PN [Who^Asks]
        (0032,1060) LO [Something]
        (0032,1064) SQ
        (fffe,e000) -
        (0008,0100) SH [{entry.Code}]
        (0008,0102) SH [99RIS]
        (0008,0104) LO [Procedure {entry.Code}]
        (fffe,e00d) -
        (fffe,e0dd) -
        (0040,0100) SQ
        (fffe,e000) -
        (0008,0060) CS [{entry.Modality}]
        (0040,0001) AE [MODALITY]
        (0040,0002) DA [20260101]
        (0040,0003) TM [120000]
        (0040,0006) PN [Who^Does]
        (0040,0007) LO [A step]
        (0040,0009) SH [SPS{number}]
        (0040,0008) SQ
        (fffe,e000) -
        (0008,0100) SH [P-{entry.Code}]
        (0008,0102) SH [99RIS]
        (0008,0104) LO [Protocol {entry.Code}]
        (fffe,e00d) -
        (fffe,e0dd) -
        (fffe,e00d) -
        (fffe,e0dd) -
        (0040,1001) SH [RP{number}]
        (0040,1003) SH [{entry.Priority}]

        """;
}
