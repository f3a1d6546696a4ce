using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using MedicalAi.DicomScp;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MedicalAi.Gateway.Tests;

public sealed class DestinationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_destination_is_added_listed_changed_and_removed()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        Assert.Empty((await gateway.Http.GetFromJsonAsync<JsonElement>("/api/destinations", Cancel)).EnumerateArray());
        Assert.Equal(HttpStatusCode.Created, (await PutAsync(gateway, "PACS", """{ "host": "pacs.example.org", "port": 104, "permissions": ["echo", "query"] }""")).StatusCode);
        JsonElement added = (await gateway.Http.GetFromJsonAsync<JsonElement>("/api/destinations", Cancel)).EnumerateArray().Single();
        Assert.Equal("PACS pacs.example.org 104", $"{added.GetProperty("aeTitle")} {added.GetProperty("host")} {added.GetProperty("port")}");
        Assert.Equal("""["echo","query"]""", added.GetProperty("permissions").GetRawText());

        HttpResponseMessage changed = await PutAsync(gateway, "PACS", added.GetRawText().Replace("104", "11113", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal(0, (await changed.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("queue").GetProperty("queued").GetInt32());
        Assert.DoesNotContain("queue", File.ReadAllText(gateway.Services.GetRequiredService<GatewayOptions>().AesPath), StringComparison.Ordinal);
        Assert.Equal(11113, (await gateway.Http.GetFromJsonAsync<JsonElement>("/api/destinations/PACS", Cancel)).GetProperty("port").GetInt32());

        Assert.Equal(HttpStatusCode.NoContent, (await gateway.Http.DeleteAsync("/api/destinations/PACS", Cancel)).StatusCode);
        await ApiTests.AssertProblemAsync(await gateway.Http.GetAsync("/api/destinations/PACS", Cancel), HttpStatusCode.NotFound);
        await ApiTests.AssertProblemAsync(await gateway.Http.DeleteAsync("/api/destinations/PACS", Cancel), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task All_that_the_file_says_of_a_destination_is_shown_and_can_be_put_back()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        const string Entry = """{"aeTitle":"PACS","host":"pacs.example.org","port":104,"tls":{},"addresses":["10.0.0.0/8"],"maximumPduLength":16384,"sending":{"associations":2,"window":{"from":"22:00","to":"06:00","days":["sat"]}}}""";
        await PutAsync(gateway, "PACS", Entry);
        string shown = await gateway.Http.GetStringAsync("/api/destinations/PACS", Cancel);
        Assert.StartsWith(Entry[..^1], shown, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(gateway, "PACS", shown)).StatusCode);
    }

    [Fact]
    public async Task A_destination_that_a_rule_names_is_not_removed()
    {
        string file = "";
        await using ServedGateway gateway = await ServedGateway.StartAsync(options =>
        {
            File.WriteAllText(options.AesPath, """{ "entities": [{ "aeTitle": "PACS", "host": "a", "port": 104 }], "rules": [{ "name": "r", "to": ["PACS"] }] }""");
            file = options.AesPath;
            return options;
        });
        await ApiTests.AssertProblemAsync(await gateway.Http.DeleteAsync("/api/destinations/PACS", Cancel), HttpStatusCode.Conflict);
        Assert.Contains("PACS", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PACS", "{")]
    [InlineData("PACS", "[]")]
    [InlineData("PACS", "{}")]
    [InlineData("PACS", """{ "host": "a" }""")]
    [InlineData("PACS", """{ "host": "a", "port": 104, "colour": "red" }""")]
    [InlineData("PACS", """{ "host": "a", "host": "b", "port": 104 }""")]
    [InlineData("PACS", """{ "aeTitle": "OTHER", "host": "a", "port": 104 }""")]
    [InlineData("PACS", """{ "aeTitle": 7, "host": "a", "port": 104 }""")]
    [InlineData("FAR-TOO-LONG-FOR-AN-AE-TITLE", """{ "host": "a", "port": 104 }""")]
    public async Task A_destination_that_is_not_valid_is_answered_with_problem_details(string title, string body)
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        await ApiTests.AssertProblemAsync(await PutAsync(gateway, title, body), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_body_without_end_is_refused()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        await ApiTests.AssertProblemAsync(await PutAsync(gateway, "PACS", $$"""{ "description": "{{new string('x', 100_000)}}" }"""), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_page_of_another_site_cannot_change_a_destination()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Put, "/api/destinations/PACS") { Headers = { { "Origin", "https://other.example" } }, Content = new StringContent("""{ "host": "a", "port": 104 }""") };
        await ApiTests.AssertProblemAsync(await gateway.Http.SendAsync(request, Cancel), HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_destination_that_is_there_answers_an_echo()
    {
        using TempFolder folder = new();
        await using StoreScp peer = await StoreScp.StartAsync(folder.Path);
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        await PutAsync(gateway, "PACS", $$"""{ "host": "127.0.0.1", "port": {{peer.Port}} }""");
        JsonElement echo = await EchoAsync(gateway, "PACS");
        Assert.True(echo.GetProperty("ok").GetBoolean(), echo.GetRawText());
        Assert.StartsWith("OFFIS", echo.GetProperty("implementation").GetString(), StringComparison.Ordinal);
        Assert.InRange(echo.GetProperty("milliseconds").GetInt64(), 0, 10_000);
    }

    [Fact]
    public async Task A_destination_that_is_not_there_is_told_with_the_reason()
    {
        using TcpListener nobody = new(IPAddress.Loopback, 0);
        nobody.Start();
        int port = ((IPEndPoint)nobody.LocalEndpoint).Port;
        nobody.Stop();
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        await PutAsync(gateway, "PACS", $$"""{ "host": "127.0.0.1", "port": {{port}} }""");
        JsonElement echo = await EchoAsync(gateway, "PACS");
        Assert.False(echo.GetProperty("ok").GetBoolean());
        Assert.Contains("cannot be reached", echo.GetProperty("reason").GetString(), StringComparison.Ordinal);
        await ApiTests.AssertProblemAsync(await gateway.Http.PostAsync("/api/destinations/OTHER/echo", null, Cancel), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_destination_that_refuses_us_is_told_with_the_reason()
    {
        await using ServedGateway peer = await ServedGateway.StartAsync();
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        await PutAsync(gateway, "NOTHIM", $$"""{ "host": "127.0.0.1", "port": {{peer.Dicom!.Value.Port}} }""");
        Assert.Contains("called AE title not recognized", (await EchoAsync(gateway, "NOTHIM")).GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_file_of_the_registry_is_told_and_the_gateway_stays_ready()
    {
        string file = "";
        await using ServedGateway gateway = await ServedGateway.StartAsync(options =>
        {
            file = options.AesPath;
            return options;
        });
        await PutAsync(gateway, "PACS", """{ "host": "a", "port": 104 }""");
        File.WriteAllText(file, "{");
        AeRegistryFile registry = gateway.Services.GetRequiredService<AeRegistryFile>();
        while (registry.Problem is null)
        {
            await Task.Delay(50, Cancel);
        }

        HttpResponseMessage ready = await gateway.Http.GetAsync("/health/ready", Cancel);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Contains("line 1", (await ready.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("notices").GetProperty("registry").GetString(), StringComparison.Ordinal);
        Assert.Contains("gateway_ae_registry_valid 0", await gateway.Http.GetStringAsync("/metrics", Cancel), StringComparison.Ordinal);
        await ApiTests.AssertProblemAsync(await PutAsync(gateway, "OTHER", """{ "host": "a", "port": 104 }"""), HttpStatusCode.Conflict);
        Assert.Equal(HttpStatusCode.OK, (await gateway.Http.GetAsync("/api/destinations/PACS", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_registry_that_is_not_valid_ends_the_start_with_one_line_that_tells_where()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("mine.json"), "{\n\"entities\": [{ \"aeTitle\": \"A\", \"host\": \"a\" }] }");
        ConfigurationException error = await Assert.ThrowsAsync<ConfigurationException>(() => ServedGateway.StartAsync(options => options with { AesFile = folder.File("mine.json") }));
        Assert.Contains("mine.json: line 2, $.entities[0]", error.Message, StringComparison.Ordinal);
    }

    internal static Task<HttpResponseMessage> PutAsync(ServedGateway gateway, string title, string body) =>
        gateway.Http.PutAsync($"/api/destinations/{title}", new StringContent(body, Encoding.UTF8, "application/json"), Cancel);

    private static async Task<JsonElement> EchoAsync(ServedGateway gateway, string title)
    {
        HttpResponseMessage response = await gateway.Http.PostAsync($"/api/destinations/{title}/echo", null, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }
}
