using MedicalAi.Dicom.Network;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace MedicalAi.DicomScp.Tests;

/// <summary>What the registry says of callers, as the tools of DCMTK see it.</summary>
public sealed class RegistryPolicyTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly AeRegistryFile _registry;

    public RegistryPolicyTests() => _registry = new AeRegistryFile(new AeRegistryFileOptions { Path = _folder.File("aes.json") }, TimeProvider.System, NullLogger<AeRegistryFile>.Instance);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _registry.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_caller_is_let_in_only_when_the_registry_knows_it_and_from_its_addresses()
    {
        await using TestGateway gateway = await StartAsync(
            """{ "unknownCallers": "refuse", "entities": [{ "aeTitle": "HERE", "permissions": ["echo"], "addresses": ["127.0.0.0/8"] }, { "aeTitle": "THERE", "permissions": ["echo"], "addresses": ["192.0.2.0/24"] }] }""");
        Assert.Equal(0, (await EchoAsync(gateway, "HERE")).ExitCode);
        Assert.Contains("Calling AE Title Not Recognized", (await EchoAsync(gateway, "THERE")).ToString(), StringComparison.Ordinal);
        Assert.Contains("Calling AE Title Not Recognized", (await EchoAsync(gateway, "OTHER")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Our_aliases_may_be_called()
    {
        await using TestGateway gateway = await StartAsync("""{ "aliases": ["OLDNAME"] }""");
        Assert.Equal(0, (await EchoAsync(gateway, "ANY", "OLDNAME")).ExitCode);
        Assert.Equal(0, (await EchoAsync(gateway, "ANY")).ExitCode);
        Assert.Contains("Called AE Title Not Recognized", (await EchoAsync(gateway, "ANY", "OTHERS")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_caller_may_not_ask_for_is_not_agreed_to()
    {
        await using TestGateway gateway = await StartAsync("""{ "entities": [{ "aeTitle": "VIEWER", "permissions": ["echo", "query"] }, { "aeTitle": "CT1", "permissions": ["store"] }] }""");
        string file = TestData.DicomFiles.First(one => one is { SopClass: "1.2.840.10008.5.1.4.1.1.2", TransferSyntax: "1.2.840.10008.1.2.1", IsReadByPydicom: true }).FullPath;
        string[] store = ["-aec", "MEDICALAI", "-R", "127.0.0.1", $"{gateway.Port}", file];
        ToolResult viewer = await ExternalTool.RunAsync("storescu", ["-aet", "VIEWER", .. store], Token);
        Assert.NotEqual(0, viewer.ExitCode);
        Assert.Contains("No Acceptable Presentation Contexts", viewer.ToString(), StringComparison.Ordinal);
        ToolResult modality = await ExternalTool.RunAsync("storescu", ["-aet", "CT1", .. store], Token);
        Assert.True(modality.ExitCode == 0, modality.ToString());
        Assert.NotEqual(0, (await EchoAsync(gateway, "CT1")).ExitCode);
        Assert.Equal(0, (await EchoAsync(gateway, "VIEWER")).ExitCode);
    }

    [Fact]
    public async Task A_caller_has_no_more_associations_at_once_than_the_registry_says()
    {
        await using TestGateway gateway = await StartAsync("""{ "entities": [{ "aeTitle": "CT1", "maximumAssociations": 1 }] }""");
        DicomClientOptions options = new() { Host = "127.0.0.1", Port = gateway.Port, CallingAe = AeTitle.Parse("CT1"), CalledAe = AeTitle.Parse("MEDICALAI") };
        await using (DicomClient first = await DicomClient.ConnectAsync(options, [PresentationContext.Verification], Token))
        {
            Assert.Contains("Local Limit Exceeded", (await EchoAsync(gateway, "CT1")).ToString(), StringComparison.Ordinal);
            Assert.Equal(0, (await EchoAsync(gateway, "CT2")).ExitCode);
            await first.ReleaseAsync(Token);
        }

        Assert.Equal(0, (await EchoAsync(gateway, "CT1")).ExitCode);
    }

    [Fact]
    public async Task A_change_of_the_registry_holds_for_the_next_association()
    {
        await using TestGateway gateway = await StartAsync("{}");
        Assert.Equal(0, (await EchoAsync(gateway, "CT1")).ExitCode);
        File.WriteAllText(_folder.File("aes.json"), """{ "unknownCallers": "refuse" }""");
        await _registry.LookAsync(Token);
        Assert.NotEqual(0, (await EchoAsync(gateway, "CT1")).ExitCode);
    }

    private static Task<ToolResult> EchoAsync(TestGateway gateway, string calling, string called = "MEDICALAI") =>
        ExternalTool.RunAsync("echoscu", ["-aet", calling, "-aec", called, "127.0.0.1", $"{gateway.Port}"], Token);

    private Task<TestGateway> StartAsync(string json)
    {
        File.WriteAllText(_folder.File("aes.json"), json);
        _registry.Load();
        DicomServerOptions options = new();
        return TestGateway.StartAsync(options, services => services.AddSingleton<AssociationPolicy>(new RegistryPolicy(_registry, options)));
    }
}
