using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;

namespace MedicalAi.Gateway.Tests;

/// <summary>DICOM over TLS as SCP and as SCU, with dcmtk at the other end.</summary>
[UnsupportedOSPlatform("windows")]
[UnsupportedOSPlatform("android")]
public sealed class DicomTlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_modality_with_a_certificate_of_our_authority_echoes_and_stores()
    {
        await using ServedGateway gateway = await StartAsync(mutual: true);
        string file = TestData.Path("dicom/pydicom/test_files/CT_small.dcm");
        ToolResult echo = await RunDcmtkAsync("echoscu", gateway, WithCertificate(_certificates));
        Assert.True(echo.ExitCode == 0, echo.ToString());
        ToolResult store = await RunDcmtkAsync("storescu", gateway, WithCertificate(_certificates), file);
        Assert.True(store.ExitCode == 0, store.ToString());
        Assert.Contains("1.3.6.1.4.1.5962.1.2.1.20040119072730.12322", await gateway.Http.GetStringAsync("/dicomweb/studies", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_authorities_configured_a_peer_needs_no_certificate()
    {
        await using ServedGateway gateway = await StartAsync(mutual: false);
        ToolResult echo = await RunDcmtkAsync("echoscu", gateway, ["+tla", "+cf", _certificates.Authority]);
        Assert.True(echo.ExitCode == 0, echo.ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Queries_and_retrieves_go_over_TLS_and_a_move_goes_on_to_a_destination_with_TLS(bool mutual)
    {
        const string Study = "1.3.6.1.4.1.5962.1.2.1.20040119072730.12322";
        string[] security = mutual ? WithCertificate(_certificates) : ["+tla", "+cf", _certificates.Authority];
        using TempFolder moved = new(), got = new();
        await using ServedGateway gateway = await StartAsync(mutual);
        await using StoreScp destination = await StartPeerAsync(moved.Path, "modality");
        using StringContent entry = new(
            $$"""{ "host": "127.0.0.1", "port": {{destination.Port}}, "tls": { "ca": "{{_certificates.Authority}}", "certificate": "{{_certificates.Certificate("gateway")}}", "key": "{{_certificates.Key("gateway")}}" } }""",
            Encoding.UTF8,
            "application/json");
        (await gateway.Http.PutAsync("/api/destinations/VIEWER", entry, Token)).EnsureSuccessStatusCode();
        AssertDone(await RunDcmtkAsync("storescu", gateway, security, TestData.Path("dicom/pydicom/test_files/CT_small.dcm")));

        ToolResult found = await RunDcmtkAsync("findscu", gateway, [.. security, "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={Study}", "-k", "PatientName"]);
        AssertDone(found);
        Assert.Contains("CompressedSamples^CT1", found.ToString(), StringComparison.Ordinal);

        // dcmtk's movescu and getscu know no TLS.
        string[] certificates = [_certificates.Authority, .. mutual ? (string[])[_certificates.Certificate("modality"), _certificates.Key("modality")] : []];
        JsonElement[] answers = await DcmjsDimse.AskAsync(
            gateway.Dicom!.Value.Port,
            certificates,
            new { operation = "C-GET", folder = got.Path, keys = new { QueryRetrieveLevel = "STUDY", StudyInstanceUID = Study } },
            new { operation = "C-MOVE", to = "VIEWER", keys = new { QueryRetrieveLevel = "STUDY", StudyInstanceUID = Study } });
        Assert.All(answers, answer => Assert.Equal((0, 1), (answer.GetProperty("status").GetInt32(), answer.GetProperty("completed").GetInt32())));
        AssertSamePixels(got.Path);
        AssertSamePixels(moved.Path);

        // Our own command, with the same certificates.
        File.Delete(Directory.GetFiles(moved.Path).Single());
        string[] flags = ["--tls-ca", _certificates.Authority, .. mutual ? (string[])["--tls-certificate", _certificates.Certificate("modality"), "--tls-key", _certificates.Key("modality")] : []];
        AssertDone(await RunGatewayAsync(["move", $"MEDICALAI@127.0.0.1:{gateway.Dicom!.Value.Port}", "--to", "VIEWER", "-k", $"StudyInstanceUID={Study}", .. flags]));
        AssertSamePixels(moved.Path);
        AssertDone(await RunGatewayAsync(["find", $"MEDICALAI@127.0.0.1:{gateway.Dicom!.Value.Port}", "-k", $"StudyInstanceUID={Study}", .. flags]));
        string other = Path.Combine(got.Path, "ours");
        AssertDone(await RunGatewayAsync(["get", $"MEDICALAI@127.0.0.1:{gateway.Dicom!.Value.Port}", other, "-k", $"StudyInstanceUID={Study}", .. flags]));
        AssertSamePixels(other);
    }

    [Fact]
    public async Task A_move_to_a_destination_whose_certificate_is_of_others_sends_nothing_and_says_why()
    {
        using TestCertificates others = new();
        using TempFolder moved = new();
        await using ServedGateway gateway = await StartAsync(mutual: true);
        await using StoreScp destination = await StartPeerAsync(moved.Path, "modality");
        using StringContent entry = new($$"""{ "host": "127.0.0.1", "port": {{destination.Port}}, "tls": { "ca": "{{others.Authority}}" } }""", Encoding.UTF8, "application/json");
        (await gateway.Http.PutAsync("/api/destinations/VIEWER", entry, Token)).EnsureSuccessStatusCode();
        AssertDone(await RunDcmtkAsync("storescu", gateway, WithCertificate(_certificates), TestData.Path("dicom/pydicom/test_files/CT_small.dcm")));
        ToolResult move = await RunGatewayAsync(
            "move", $"MEDICALAI@127.0.0.1:{gateway.Dicom!.Value.Port}", "--to", "VIEWER", "-k", "StudyInstanceUID=1.3.6.1.4.1.5962.1.2.1.20040119072730.12322",
            "--tls-ca", _certificates.Authority, "--tls-certificate", _certificates.Certificate("modality"), "--tls-key", _certificates.Key("modality"));
        Assert.True(move.ExitCode == 1, move.ToString());
        Assert.Contains("A702", move.Error, StringComparison.Ordinal);
        Assert.Contains($"1 of 1 not sent: There is no TLS with 127.0.0.1:{destination.Port}", move.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(moved.Path));
    }

    [Fact]
    public async Task Under_mutual_TLS_peers_without_a_certificate_or_with_one_of_others_are_refused()
    {
        using TestCertificates others = new();
        await using ServedGateway gateway = await StartAsync(mutual: true);
        ToolResult none = await RunDcmtkAsync("echoscu", gateway, ["+tla", "+cf", _certificates.Authority]);
        Assert.True(none.ExitCode != 0, none.ToString());
        ToolResult other = await RunDcmtkAsync("echoscu", gateway, ["+tls", others.Key("modality"), others.Certificate("modality"), "+cf", _certificates.Authority]);
        Assert.True(other.ExitCode != 0, other.ToString());
        ToolResult ours = await RunGatewayAsync("echo", $"MEDICALAI@127.0.0.1:{gateway.Dicom!.Value.Port}", "--tls-ca", _certificates.Authority);
        Assert.True(ours.ExitCode == 1, ours.ToString());
        Assert.Contains("certificate", Assert.Single(ours.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_DICOM_on_a_TLS_port_gets_no_association_and_harms_nobody()
    {
        await using ServedGateway gateway = await StartAsync(mutual: true);
        using TcpClient silent = new();
        await silent.ConnectAsync("127.0.0.1", gateway.Dicom!.Value.Port, Token);
        ToolResult plain = await RunDcmtkAsync("echoscu", gateway, []);
        Assert.True(plain.ExitCode != 0, plain.ToString());
        ToolResult echo = await RunDcmtkAsync("echoscu", gateway, WithCertificate(_certificates));
        Assert.True(echo.ExitCode == 0, echo.ToString());
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, true)]
    [InlineData(SslProtocols.Tls13, TlsCipherSuite.TLS_AES_128_GCM_SHA256, true)]
    [InlineData(SslProtocols.Tls12, TlsCipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256, false)]
    [InlineData(SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, false)]
    public async Task Only_suites_of_BCP_195_are_agreed_on(SslProtocols version, TlsCipherSuite suite, bool isAgreed)
    {
        await using ServedGateway gateway = await StartAsync(mutual: false);
        using TcpClient connection = new();
        await connection.ConnectAsync("127.0.0.1", gateway.Dicom!.Value.Port, Token);
        await using SslStream tls = new(connection.GetStream());
        X509ChainPolicy trust = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(_certificates.Authority);
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = "127.0.0.1",
            EnabledSslProtocols = version,
            CipherSuitesPolicy = new CipherSuitesPolicy([suite]),
            ApplicationProtocols = [new SslApplicationProtocol("dicom")],
            CertificateChainPolicy = trust,
        };
        if (isAgreed)
        {
            await tls.AuthenticateAsClientAsync(options, Token);
            Assert.Equal((version, suite, "dicom"), (tls.SslProtocol, tls.NegotiatedCipherSuite, tls.NegotiatedApplicationProtocol.ToString()));
        }
        else
        {
            await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(options, Token));
            Assert.False(tls.IsAuthenticated);
        }
    }

    [Fact]
    public async Task Our_sender_stores_at_a_peer_that_asks_for_certificates()
    {
        using TempFolder folder = new();
        await using StoreScp peer = await StartPeerAsync(folder.Path, "modality");
        string samples = Path.Combine(TestData.Root, "samples", "chest-radiographs");
        string destination = $"PEER@127.0.0.1:{peer.Port}";
        string[] flags = ["--tls", "--tls-ca", _certificates.Authority, "--tls-certificate", _certificates.Certificate("gateway"), "--tls-key", _certificates.Key("gateway")];
        ToolResult echo = await RunGatewayAsync(["echo", destination, .. flags]);
        Assert.True(echo.ExitCode == 0, echo.ToString());
        ToolResult send = await RunGatewayAsync(["send", destination, samples, .. flags]);
        Assert.True(send.ExitCode == 0, send.ToString());
        Assert.Equal(Directory.GetFiles(samples, "*.dcm").Length, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public async Task Our_sender_says_nothing_to_a_peer_whose_certificate_is_of_others_or_for_another_host()
    {
        using TestCertificates others = new();
        using TempFolder folder = new();
        _certificates.Sign("elsewhere", "10.9.8.7");
        await using StoreScp peer = await StartPeerAsync(folder.Path, "elsewhere");
        DicomClientOptions options = new() { Host = "127.0.0.1", Port = peer.Port };
        foreach (string authority in (string[])[others.Authority, _certificates.Authority])
        {
            DicomTlsOptions tls = DicomTlsOptions.Load(_certificates.Certificate("gateway"), _certificates.Key("gateway"), authority);
            DicomNetworkException exception = await Assert.ThrowsAsync<DicomNetworkException>(() => DicomClient.ConnectAsync(options with { Tls = tls }, [PresentationContext.Verification], Token));
            Assert.Equal(NetworkFailure.ConnectFailed, exception.Failure);
            Assert.Contains(authority == _certificates.Authority ? "RemoteCertificateNameMismatch" : "RemoteCertificateChainErrors", exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--dicom-tls-certificate /no/such/file", "/no/such/file")]
    [InlineData("--dicom-tls-certificate gateway.pem", "private key")]
    [InlineData("--dicom-tls-certificate gateway.pem --dicom-tls-key modality.key", "fits")]
    [InlineData("--dicom-tls-certificate gateway.key --dicom-tls-key gateway.key", "no certificate")]
    [InlineData("--dicom-tls-certificate gateway.pem --dicom-tls-key gateway.key --dicom-tls-ca gateway.key", "no certificate")]
    [InlineData("--dicom-tls-ca authority.pem", "--dicom-tls-certificate")]
    [InlineData("--demo --dicom-tls-certificate gateway.pem --dicom-tls-key gateway.key", "TLS")]
    public async Task Files_that_cannot_be_used_end_the_start_with_2_and_one_line(string flags, string told)
    {
        using TempFolder folder = new();
        string certificates = Path.GetDirectoryName(_certificates.Authority)!;
        IEnumerable<string> arguments = flags.Split(' ').Select(flag => flag.EndsWith(".pem", StringComparison.Ordinal) || flag.EndsWith(".key", StringComparison.Ordinal) ? Path.Combine(certificates, flag) : flag);
        ToolResult result = await RunGatewayAsync(["serve", "--data", folder.Path, "--http", "127.0.0.1:0", "--dicom", "127.0.0.1:0", .. arguments]);
        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.Contains(told, Assert.Single(result.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public void A_public_address_is_open_with_a_certificate_of_ours_and_closed_when_peers_need_one()
    {
        GatewayOptions options = new() { Dicom = new EndpointAddress(IPAddress.Any, 2762), DicomTlsCertificate = _certificates.Certificate("gateway"), DicomTlsKey = _certificates.Key("gateway") };
        Assert.Throws<ConfigurationException>(options.Checked);
        GatewayOptions mutual = options with { DicomTlsCa = _certificates.Authority };
        Assert.Same(mutual, mutual.Checked());
        Assert.True(mutual.LoadDicomTls()!.AuthenticatesPeers);
    }

    public void Dispose() => _certificates.Dispose();

    private static void AssertDone(ToolResult result) => Assert.True(result.ExitCode == 0, result.ToString());

    private static void AssertSamePixels(string folder) => Assert.Equal(
        DicomFile.Parse(TestData.Bytes("dicom/pydicom/test_files/CT_small.dcm")).Value.DataSet.GetBytes(DicomTags.PixelData).ToArray(),
        DicomFile.Parse(File.ReadAllBytes(Assert.Single(Directory.GetFiles(folder)))).Value.DataSet.GetBytes(DicomTags.PixelData).ToArray());

    private static Task<ToolResult> RunGatewayAsync(params string[] arguments) => ExternalTool.RunAsync(CommandLineTests.Executable, arguments, Token, Path.GetTempPath());

    private static Task<ToolResult> RunDcmtkAsync(string program, ServedGateway gateway, string[] security, params string[] files) =>
        ExternalTool.RunAsync(program, [.. security, "-aec", "MEDICALAI", "-to", "10", "-ta", "10", "127.0.0.1", gateway.Dicom!.Value.Port.ToString(CultureInfo.InvariantCulture), .. files], Token);

    private static string[] WithCertificate(TestCertificates certificates) => ["+tls", certificates.Key("modality"), certificates.Certificate("modality"), "+cf", certificates.Authority];

    private Task<StoreScp> StartPeerAsync(string folder, string name) => StoreScp.StartAsync(folder, "+tls", _certificates.Key(name), _certificates.Certificate(name), "+cf", _certificates.Authority);

    private Task<ServedGateway> StartAsync(bool mutual) => ServedGateway.StartAsync(options => options with
    {
        DicomTlsCertificate = _certificates.Certificate("gateway"),
        DicomTlsKey = _certificates.Key("gateway"),
        DicomTlsCa = mutual ? _certificates.Authority : null,
    });
}
