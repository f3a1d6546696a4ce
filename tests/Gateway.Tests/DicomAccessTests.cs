using System.Globalization;
using System.Text;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace MedicalAi.Gateway.Tests;

/// <summary>Who may open associations and what for: by the AE registry and by user identity, with dcmtk at the other end.</summary>
public sealed class DicomAccessTests
{
    private const string Key = "a key of thirty-two bytes or more";
    private static readonly string s_file = TestData.Path("dicom/pydicom/test_files/CT_small.dcm");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_caller_does_what_the_registry_permits_from_the_moment_it_says_so()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        Assert.True((await StoreAsync(gateway)).ExitCode == 0);
        await PutAsync(gateway, """ "permissions": ["echo", "query"] """);
        Assert.True((await EchoAsync(gateway)).ExitCode == 0);
        ToolResult refused = await StoreAsync(gateway);
        Assert.True(refused.ExitCode != 0, refused.ToString());
        Assert.Contains("No Acceptable Presentation Contexts", refused.ToString(), StringComparison.Ordinal);
        await PutAsync(gateway, """ "permissions": ["none"] """);
        ToolResult rejected = await EchoAsync(gateway);
        Assert.Contains("Calling AE Title Not Recognized", rejected.ToString(), StringComparison.Ordinal);
        await PutAsync(gateway, """ "addresses": ["10.1.2.0/24"] """);
        Assert.Contains("Calling AE Title Not Recognized", (await EchoAsync(gateway)).ToString(), StringComparison.Ordinal);
        await PutAsync(gateway, """ "addresses": ["127.0.0.0/8"] """);
        Assert.True((await EchoAsync(gateway)).ExitCode == 0);
    }

    [Fact]
    public async Task We_answer_to_our_aliases_too()
    {
        using TempFolder folder = new();
        string aes = Path.Combine(folder.Path, "aes.json");
        await File.WriteAllTextAsync(aes, """{ "aliases": ["OLDPACS"] }""", Token);
        await using ServedGateway gateway = await ServedGateway.StartAsync(options => options with { AesFile = aes });
        Assert.True((await EchoAsync(gateway, called: "OLDPACS")).ExitCode == 0);
        Assert.Contains("Called AE Title Not Recognized", (await EchoAsync(gateway, called: "OTHER")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_with_the_right_passcode_is_let_in_and_told_so()
    {
        await using ServedGateway gateway = await StartWithUserAsync(DicomIdentity.Required);
        ToolResult stored = await StoreAsync(gateway, "-usr", "ct room 1", "-pwd", "correct horse battery", "-rsp");
        Assert.True(stored.ExitCode == 0, stored.ToString());
        ToolResult wrong = await StoreAsync(gateway, "-usr", "ct room 1", "-pwd", "wrong horse battery");
        Assert.True(wrong.ExitCode != 0, wrong.ToString());
        Assert.True((await StoreAsync(gateway, "-usr", "nobody", "-pwd", "correct horse battery")).ExitCode != 0);
        Assert.True((await StoreAsync(gateway, "-usr", "ct room 1")).ExitCode != 0);
        Assert.True((await StoreAsync(gateway)).ExitCode != 0);
    }

    [Fact]
    public async Task Where_identity_is_optional_who_shows_none_is_let_in_and_who_shows_a_wrong_one_is_not()
    {
        await using ServedGateway gateway = await StartWithUserAsync(DicomIdentity.Optional);
        Assert.True((await StoreAsync(gateway)).ExitCode == 0);
        Assert.True((await StoreAsync(gateway, "-usr", "ct room 1", "-pwd", "wrong horse battery")).ExitCode != 0);
    }

    [Fact]
    public async Task Where_no_users_are_configured_identities_are_passed_over_without_an_answer()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        Assert.True((await StoreAsync(gateway, "-usr", "whoever", "-pwd", "whatever")).ExitCode == 0);
        await using DicomClient client = await DicomClient.ConnectAsync(To(gateway) with { Identity = UserIdentity.OfPasscode("a", "b") with { IsResponseRequested = true } }, [PresentationContext.Verification], Token);
        Assert.Null(client.IdentityResponse);
    }

    [Fact]
    public async Task A_token_of_our_key_that_is_in_time_is_let_in()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync(options => options with { DicomIdentity = DicomIdentity.Required, JwtSecretKey = Key });
        using TempFolder folder = new();
        Assert.True((await StoreAsync(gateway, "--jwt", await TokenFileAsync(Key, TimeSpan.FromMinutes(5), "modality"))).ExitCode == 0);
        Assert.True((await StoreAsync(gateway, "--jwt", await TokenFileAsync("another key of thirty-two bytes!!", TimeSpan.FromMinutes(5), "modality"))).ExitCode != 0);
        Assert.True((await StoreAsync(gateway, "--jwt", await TokenFileAsync(Key, TimeSpan.FromMinutes(-5), "modality"))).ExitCode != 0);
        Assert.True((await StoreAsync(gateway, "--jwt", await TokenFileAsync(Key, TimeSpan.FromMinutes(5), null))).ExitCode != 0);
        string unsigned = Path.Combine(folder.Path, "unsigned");
        await File.WriteAllTextAsync(unsigned, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtb2RhbGl0eSIsImV4cCI6NDEwMjQ0NDgwMH0.", Token);
        Assert.True((await StoreAsync(gateway, "--jwt", unsigned)).ExitCode != 0);

        async Task<string> TokenFileAsync(string key, TimeSpan validFor, string? subject)
        {
            string file = Path.Combine(folder.Path, Guid.NewGuid().ToString());
            SecurityTokenDescriptor descriptor = new()
            {
                NotBefore = DateTime.UtcNow.AddHours(-1),
                Expires = DateTime.UtcNow + validFor,
                SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key)), SecurityAlgorithms.HmacSha256),
                Claims = subject is null ? [] : new Dictionary<string, object> { ["sub"] = subject },
            };
            await File.WriteAllTextAsync(file, new JsonWebTokenHandler().CreateToken(descriptor), Token);
            return file;
        }
    }

    [Fact]
    public async Task Users_are_added_listed_and_removed_by_command_and_no_one_else_reads_the_file()
    {
        using TempFolder folder = new();
        Assert.Equal(1, (await RunAsync("a passcode", "users", "add", "short", "--data", folder.Path)).ExitCode);
        Assert.Equal(0, (await RunAsync("correct horse battery\n", "users", "add", "müller", "--data", folder.Path)).ExitCode);
        Assert.Equal("müller", (await RunAsync("", "users", "list", "--data", folder.Path)).Output.Trim());
        string file = Path.Combine(folder.Path, GatewayOptions.DefaultUsersFile);
        Assert.True(new UserStore(file).Verify("müller", "correct horse battery"));
        Assert.DoesNotContain("correct", await File.ReadAllTextAsync(file, Token), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        Assert.Equal(0, (await RunAsync("", "users", "remove", "müller", "--data", folder.Path)).ExitCode);
        Assert.Equal(1, (await RunAsync("", "users", "remove", "müller", "--data", folder.Path)).ExitCode);

        static Task<ToolResult> RunAsync(string input, params string[] arguments) => ExternalTool.RunAsync(CommandLineTests.Executable, arguments, Token, input: input);
    }

    [Fact]
    public async Task Every_address_is_one_of_IPv4_and_of_IPv6()
    {
        Assert.SkipUnless(System.Net.Sockets.Socket.OSSupportsIPv6, "The system has no IPv6.");
        Assert.True(EndpointAddress.TryParse("*:0", out _, out EndpointAddress every));
        await using ServedGateway gateway = await ServedGateway.StartAsync(options => options with { Dicom = every, AllowUnauthenticated = true });
        foreach (string host in (string[])["127.0.0.1", "::1", "localhost"])
        {
            await using DicomClient client = await DicomClient.ConnectAsync(To(gateway) with { Host = host }, [PresentationContext.Verification], Token);
            Assert.Equal(DimseStatus.Success, (await client.EchoAsync(Token)).Status);
        }
    }

    private static async Task<ServedGateway> StartWithUserAsync(DicomIdentity identity)
    {
        ServedGateway gateway = await ServedGateway.StartAsync(options => options with { DicomIdentity = identity });
        await new UserStore(gateway.Options.UsersPath).SetAsync("ct room 1", "correct horse battery", Token);
        return gateway;
    }

    private static async Task PutAsync(ServedGateway gateway, string entry)
    {
        using StringContent content = new($$"""{ "host": "127.0.0.1", "port": 104, {{entry}} }""", Encoding.UTF8, "application/json");
        (await gateway.Http.PutAsync("/api/destinations/STORESCU", content, Token)).EnsureSuccessStatusCode();
    }

    private static Task<ToolResult> EchoAsync(ServedGateway gateway, string called = "MEDICALAI") => RunAsync("echoscu", gateway, called, []);

    private static Task<ToolResult> StoreAsync(ServedGateway gateway, params string[] identity) => RunAsync("storescu", gateway, "MEDICALAI", identity, s_file);

    private static Task<ToolResult> RunAsync(string program, ServedGateway gateway, string called, string[] options, params string[] files) =>
        ExternalTool.RunAsync(program, ["-aet", "STORESCU", "-aec", called, .. options, "127.0.0.1", gateway.Dicom!.Value.Port.ToString(CultureInfo.InvariantCulture), .. files], Token);

    private static DicomClientOptions To(ServedGateway gateway) => new() { Host = "127.0.0.1", Port = gateway.Dicom!.Value.Port, CalledAe = AeTitle.Parse("MEDICALAI") };
}
