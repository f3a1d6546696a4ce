using MedicalAi.Dicom.Network;
using MedicalAi.InferenceEngine;
using MedicalAi.Testing;

namespace MedicalAi.Gateway.Tests;

public sealed class ConfigurationTests
{
    [Fact]
    public void Without_anything_it_listens_on_loopback_with_the_documented_defaults()
    {
        GatewayOptions options = Read();
        Assert.Equal("127.0.0.1:8000", options.Http.ToString());
        Assert.Equal("127.0.0.1:11112", options.Dicom.ToString());
        Assert.Equal("MEDICALAI", options.AeTitle.Value);
        Assert.Equal(Path.GetFullPath("data"), options.DataFolder);
        Assert.Equal(GatewayRoles.All, options.Roles);
        Assert.Equal(Accelerator.Auto, options.Accelerator);
        Assert.False(options.AllowUnauthenticated);
    }

    [Fact]
    public void A_flag_holds_over_the_environment_which_holds_over_the_file()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("appsettings.json"), """{"Gateway":{"AeTitle":"FILE","Http":"127.0.0.1:1001","Dicom":"127.0.0.1:1002"}}""");
        GatewayOptions options = GatewayConfiguration.Read(
            [folder.File("appsettings.json")],
            Named(("GATEWAY_HTTP", "127.0.0.1:2001"), ("GATEWAY_DICOM", "127.0.0.1:2002")),
            Named(("--dicom", "127.0.0.1:3002")));
        Assert.Equal("FILE", options.AeTitle.Value);
        Assert.Equal(2001, options.Http.Port);
        Assert.Equal(3002, options.Dicom.Port);
    }

    [Fact]
    public void A_later_file_holds_over_an_earlier_one()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("a.json"), """{"Gateway":{"AeTitle":"FIRST","Roles":["dicom","web"]}}""");
        File.WriteAllText(folder.File("b.json"), """{"Gateway":{"AeTitle":"SECOND"}}""");
        GatewayOptions options = GatewayConfiguration.Read([folder.File("a.json"), folder.File("b.json"), folder.File("missing.json")], _ => null, _ => null);
        Assert.Equal("SECOND", options.AeTitle.Value);
        Assert.Equal(GatewayRoles.Dicom | GatewayRoles.Web, options.Roles);
    }

    [Fact]
    public void Every_variable_can_name_a_file_that_holds_its_value()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("secret"), "FROMFILE\n");
        Assert.Equal("FROMFILE", Read(environment: Named(("GATEWAY_AET_FILE", folder.File("secret")))).AeTitle.Value);
    }

    [Fact]
    public void A_file_of_a_variable_that_is_missing_is_an_error_that_names_the_variable() =>
        Assert.Contains("GATEWAY_AET_FILE", Assert.Throws<ConfigurationException>(() => Read(environment: Named(("GATEWAY_AET_FILE", "/nowhere/at/all")))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_key_of_the_file_that_is_not_known_is_an_error_that_names_it()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("appsettings.json"), """{"Gateway":{"Htpp":"127.0.0.1:1"}}""");
        ConfigurationException error = Assert.Throws<ConfigurationException>(() => GatewayConfiguration.Read([folder.File("appsettings.json")], _ => null, _ => null));
        Assert.Contains("Htpp", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_JSON_is_an_error_that_names_it()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("appsettings.json"), "{");
        Assert.Contains("appsettings.json", Assert.Throws<ConfigurationException>(() => GatewayConfiguration.Read([folder.File("appsettings.json")], _ => null, _ => null)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--http", "nonsense")]
    [InlineData("--http", "127.0.0.1:70000")]
    [InlineData("--http", "example.org:80")]
    [InlineData("--aet", "FAR TOO LONG FOR AN AE TITLE")]
    [InlineData("--accelerator", "tpu")]
    [InlineData("--accelerator", "1")]
    [InlineData("--stability", "-1")]
    [InlineData("--stability", "soon")]
    [InlineData("--roles", "dicom,cook")]
    [InlineData("--roles", "")]
    [InlineData("--public-url", "pacs.example.org")]
    [InlineData("--allow-unauthenticated", "perhaps")]
    [InlineData("--data", "")]
    public void A_value_that_cannot_be_understood_is_an_error_that_names_where_it_came_from(string flag, string value) =>
        Assert.StartsWith(flag + ":", Assert.Throws<ConfigurationException>(() => Read(flags: Named((flag, value)))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("--http", "0.0.0.0:8000")]
    [InlineData("--http", "*:8000")]
    [InlineData("--http", "192.0.2.7:8000")]
    [InlineData("--dicom", "[::]:11112")]
    public void A_public_address_without_authentication_is_refused_unless_a_flag_allows_it(string flag, string value)
    {
        Assert.Contains("--allow-unauthenticated", Assert.Throws<ConfigurationException>(() => Read(flags: Named((flag, value)))).Message, StringComparison.Ordinal);
        Read(flags: Named((flag, value), ("--allow-unauthenticated", "")));
    }

    [Fact]
    public void Dicom_may_be_public_for_known_callers()
    {
        GatewayOptions options = Read(flags: Named(("--dicom", "*:11112"), ("--callers", "CT1, PACS")));
        Assert.Equal([AeTitle.Parse("CT1"), AeTitle.Parse("PACS")], options.Callers);
    }

    [Fact]
    public async Task Dicom_may_be_public_with_a_registry_that_refuses_unknown_callers_and_only_then()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("aes.json"), """{ "unknownCallers": "refuse" }""");
        GatewayOptions options = Read(flags: Named(("--dicom", "*:0"), ("--http", "127.0.0.1:0"), ("--data", folder.Path), ("--aes", folder.File("aes.json"))));
        await using (GatewayHost.Build(options))
        {
            // It may be built.
        }

        File.WriteAllText(folder.File("aes.json"), "{}");
        Assert.Contains("unknownCallers", Assert.Throws<ConfigurationException>(() => GatewayHost.Build(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dicom_may_be_configured_public_where_it_is_not_served() => Read(flags: Named(("--dicom", "*:11112"), ("--roles", "web")));

    [Theory]
    [InlineData("8080", "127.0.0.1:8080")]
    [InlineData(":8080", "127.0.0.1:8080")]
    [InlineData("localhost:8080", "127.0.0.1:8080")]
    [InlineData("http://127.0.0.1:8080/", "127.0.0.1:8080")]
    [InlineData("[::1]:8080", "[::1]:8080")]
    public void An_endpoint_is_read_in_the_forms_people_write(string text, string expected) => Assert.Equal(expected, Read(flags: Named(("--http", text))).Http.ToString());

    [Theory]
    [InlineData("5", 5)]
    [InlineData("2.5s", 2.5)]
    [InlineData("500ms", 0.5)]
    [InlineData("0", 0)]
    public void Stability_is_read_in_seconds(string text, double seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Read(flags: Named(("--stability", text))).StudyStability);

    [Theory]
    [InlineData("a.example.org,b.example.org")]
    [InlineData("""["a.example.org", "b.example.org"]""")]
    public void Allowed_hosts_are_read_as_a_list_or_a_JSON_array(string text) => Assert.Equal(["a.example.org", "b.example.org"], Read(environment: Named(("ALLOWED_HOSTS", text))).AllowedHosts);

    [Fact]
    public void Variables_that_this_version_does_not_use_are_found() =>
        Assert.Equal(["REDIS_URL", "JWT_ALGORITHM"], GatewayConfiguration.FindUnused(Named(("JWT_ALGORITHM", "HS256"), ("REDIS_URL_FILE", "/run/x"), ("HOME", "/root"))));

    [Fact]
    public void No_two_settings_share_a_name()
    {
        Assert.Distinct(Setting.All.Select(setting => setting.Key));
        Assert.Distinct(Setting.All.Select(setting => setting.Variable));
        Assert.Distinct(Setting.All.Select(setting => setting.Flag).OfType<string>());
    }

    [Fact]
    public void Every_setting_stands_in_the_documentation()
    {
        string documentation = File.ReadAllText(Path.Combine(TestData.Root, "docs", "operations.md"));
        Assert.All(Setting.All, setting =>
        {
            Assert.Contains($"`{setting.Variable}`", documentation, StringComparison.Ordinal);
            Assert.Contains($"`{setting.Key}`", documentation, StringComparison.Ordinal);
            Assert.True(setting.Flag is null || documentation.Contains($"`{setting.Flag}`", StringComparison.Ordinal), setting.Flag);
        });
    }

    private static GatewayOptions Read(Func<string, string?>? environment = null, Func<string, string?>? flags = null) => GatewayConfiguration.Read([], environment ?? (_ => null), flags ?? (_ => null)).Checked();

    private static Func<string, string?> Named(params (string Name, string Value)[] values) => name => values.Where(value => value.Name == name).Select(value => value.Value).FirstOrDefault();
}
