using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Gateway.Tests;

public sealed class ServingTests
{
    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/health")]
    public async Task Health_is_answered_in_JSON(string url)
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        JsonElement health = await gateway.Http.GetFromJsonAsync<JsonElement>(url, TestContext.Current.CancellationToken);
        Assert.Equal("ok", health.GetProperty("status").GetString());
        Assert.All(health.GetProperty("checks").EnumerateObject(), check => Assert.Equal("ok", check.Value.GetString()));
        using HttpRequestMessage head = new(HttpMethod.Head, url);
        Assert.Equal(HttpStatusCode.OK, (await gateway.Http.SendAsync(head, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Readiness_names_each_part()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync(options => options with { Roles = options.Roles | GatewayRoles.Engine });
        JsonElement health = await gateway.Http.GetFromJsonAsync<JsonElement>("/health/ready", TestContext.Current.CancellationToken);
        Assert.Equal(["engine", "gateway", "index", "queue", "store"], health.GetProperty("checks").EnumerateObject().Select(check => check.Name).Order());
    }

    [Fact]
    public async Task Without_a_model_that_can_be_run_the_engine_is_not_ready()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync(options => options with { Roles = options.Roles | GatewayRoles.Engine, ModelsFolder = "/nowhere/at/all" });
        HttpResponseMessage response = await gateway.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await gateway.Http.GetAsync("/health/live", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_store_that_cannot_be_written_to_turns_readiness_red()
    {
        string? folder = null;
        await using ServedGateway gateway = await ServedGateway.StartAsync(options =>
        {
            folder = options.DataFolder;
            return options;
        });
        Directory.Delete(Path.Combine(folder!, "staging"), recursive: true);
        await File.WriteAllTextAsync(Path.Combine(folder!, "staging"), "", TestContext.Current.CancellationToken);
        HttpResponseMessage response = await gateway.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        JsonElement health = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.NotEqual("ok", health.GetProperty("checks").GetProperty("store").GetString());
    }

    [Fact]
    public async Task Requests_are_counted_by_route_and_never_by_UID_or_query()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        await gateway.Http.GetAsync("/dicomweb/studies/1.2.3.4/metadata?PatientName=Secret", cancellationToken);
        await gateway.Http.GetAsync("/dicomweb/studies?PatientName=Secret", cancellationToken);
        await gateway.Http.GetAsync("/fhir/Patient/Secret", cancellationToken);
        await gateway.Http.GetAsync("/no/Secret", cancellationToken);
        string metrics = await gateway.Http.GetStringAsync("/metrics", cancellationToken);
        Assert.Contains("api_requests_total{method=\"GET\",endpoint=\"/dicomweb/studies/{study}/metadata\",status=\"404\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("api_requests_total{method=\"GET\",endpoint=\"none\",status=\"404\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("api_request_duration_seconds_count{method=\"GET\",endpoint=\"/dicomweb/studies\"} 1", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("Secret", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("1.2.3.4", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_carry_what_the_rooms_measure()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        await gateway.AddTaskAsync();
        string metrics = await gateway.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("gateway_instances_ingested_total{outcome=\"Stored\"}", metrics, StringComparison.Ordinal);
        Assert.Contains("gateway_ingest_latency_seconds_bucket", metrics, StringComparison.Ordinal);
        Assert.Contains("gateway_queue_length{kind=\"Infer\",state=\"waiting\"}", metrics, StringComparison.Ordinal);
        Assert.Contains("gateway_backlog_age_seconds", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_loopback_a_name_that_only_points_here_is_not_answered()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        await ApiTests.AssertProblemAsync(await AskForHostAsync(gateway, "/api/tasks", "evil.example"), HttpStatusCode.BadRequest);
        Assert.Equal(HttpStatusCode.OK, (await AskForHostAsync(gateway, "/api/tasks", "localhost:8000")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AskForHostAsync(gateway, "/health/live", "10.1.2.3")).StatusCode);
    }

    [Theory]
    [InlineData("pacs.example.org", HttpStatusCode.OK)]
    [InlineData("a.hospital.example", HttpStatusCode.OK)]
    [InlineData("hospital.example", HttpStatusCode.BadRequest)]
    [InlineData("127.0.0.1", HttpStatusCode.BadRequest)]
    public async Task Allowed_hosts_are_those_that_are_configured(string host, HttpStatusCode status)
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync(options => options with { AllowedHosts = ["pacs.example.org", "*.hospital.example"] });
        Assert.Equal(status, (await AskForHostAsync(gateway, "/api/tasks", host)).StatusCode);
    }

    [Fact]
    public async Task Pages_of_allowed_origins_may_read_results_and_others_may_not()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync(options => options with { AllowedOrigins = ["https://viewer.example"] });
        Assert.Equal("https://viewer.example", await AskFromAsync(gateway, "/fhir/DiagnosticReport", "https://viewer.example"));
        Assert.Equal("https://viewer.example", await AskFromAsync(gateway, "/dicomweb/studies", "https://viewer.example"));
        Assert.Null(await AskFromAsync(gateway, "/fhir/DiagnosticReport", "https://other.example"));
        Assert.Null(await AskFromAsync(gateway, "/dicomweb/studies", "https://other.example"));
        Assert.Null(await AskFromAsync(gateway, "/api/tasks", "https://viewer.example"));
    }

    [Fact]
    public async Task Http_and_dicom_are_served_by_one_process()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        DicomClientOptions options = new() { Host = "127.0.0.1", Port = gateway.Dicom!.Value.Port, CalledAe = AeTitle.Parse("MEDICALAI") };
        await using DicomClient client = await DicomClient.ConnectAsync(options, [PresentationContext.Verification], cancellationToken);
        Assert.Equal(DimseStatus.Success, (await client.EchoAsync(cancellationToken)).Status);
        await client.ReleaseAsync(cancellationToken);
        Assert.Equal(HttpStatusCode.OK, (await gateway.Http.GetAsync("/fhir/metadata", cancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_process_without_the_web_role_answers_health_and_API_only()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync(options => options with { Roles = GatewayRoles.Engine });
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        Assert.Null(gateway.Dicom);
        Assert.Equal(HttpStatusCode.OK, (await gateway.Http.GetAsync("/health/ready", cancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.Http.GetAsync("/dicomweb/studies", cancellationToken)).StatusCode);
    }

    private static async Task<string?> AskFromAsync(ServedGateway gateway, string url, string origin)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, url) { Headers = { { "Origin", origin } } };
        using HttpResponseMessage response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.Headers.TryGetValues("Access-Control-Allow-Origin", out IEnumerable<string>? allowed) ? allowed.Single() : null;
    }

    private static Task<HttpResponseMessage> AskForHostAsync(ServedGateway gateway, string url, string host)
    {
        HttpRequestMessage request = new(HttpMethod.Get, url) { Headers = { Host = host } };
        return gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
