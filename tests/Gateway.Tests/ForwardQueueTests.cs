using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MedicalAi.Testing;

namespace MedicalAi.Gateway.Tests;

/// <summary>What an operator sees of forwarding, and can do.</summary>
public sealed class ForwardQueueTests : IDisposable
{
    private readonly TempFolder _received = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _received.Dispose();

    [Fact]
    public async Task Dead_letters_are_listed_with_their_reason_and_tried_again()
    {
        int port = StoreScp.FindFreePort();
        await using ServedGateway gateway = await StartAsync(port);
        await using (await StoreScp.StartAsync(port, _received.Path, "--refuse"))
        {
            await gateway.AddTaskAsync("1");
            await gateway.AddTaskAsync("2");
            await WaitForQueueAsync(gateway, "dead", 2);
        }

        JsonElement[] dead = [.. (await GetAsync(gateway, "/api/destinations/PACS/queue?state=dead")).EnumerateArray()];
        Assert.Equal(["1.2.3.2.1.1", "1.2.3.1.1.1"], dead.Select(item => item.GetProperty("sopInstance").GetString()));
        Assert.All(dead, item => Assert.Contains("rejected", item.GetProperty("error").GetString(), StringComparison.Ordinal));
        Assert.All(dead, item => Assert.Equal("all dead 1 routine", $"{item.GetProperty("rule")} {item.GetProperty("state")} {item.GetProperty("attempts")} {item.GetProperty("priority")}"));

        await using StoreScp peer = await StoreScp.StartAsync(port, _received.Path);
        HttpResponseMessage one = await gateway.Http.PostAsync($"/api/destinations/PACS/queue/{dead[0].GetProperty("id")}/retry", null, Cancel);
        Assert.Equal(1, (await one.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("count").GetInt32());
        await ApiTests.AssertProblemAsync(await gateway.Http.PostAsync("/api/destinations/PACS/queue/999999/retry", null, Cancel), HttpStatusCode.NotFound);
        HttpResponseMessage rest = await gateway.Http.PostAsync("/api/destinations/PACS/queue/retry", null, Cancel);
        Assert.Equal(1, (await rest.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("count").GetInt32());
        await WaitUntilAsync(async () => (await GetAsync(gateway, "/api/destinations/PACS/queue?state=sent")).GetArrayLength() == 2);
        Assert.Equal(2, Directory.GetFiles(_received.Path).Length);
    }

    [Fact]
    public async Task A_destination_with_TLS_is_asked_and_sent_to_over_TLS()
    {
        using TestCertificates certificates = new();
        await using StoreScp peer = await StoreScp.StartAsync(_received.Path, "+tls", certificates.Key("modality"), certificates.Certificate("modality"), "+cf", certificates.Authority);
        await using ServedGateway gateway = await StartAsync(
            peer.Port, $$""", "tls": { "ca": "{{certificates.Authority}}", "certificate": "{{certificates.Certificate("gateway")}}", "key": "{{certificates.Key("gateway")}}" }""");
        HttpResponseMessage echo = await gateway.Http.PostAsync("/api/destinations/PACS/echo", null, Cancel);
        Assert.True((await echo.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("ok").GetBoolean(), await echo.Content.ReadAsStringAsync(Cancel));
        await gateway.AddTaskAsync();
        await WaitUntilAsync(async () => (await GetAsync(gateway, "/api/destinations/PACS/queue?state=sent")).GetArrayLength() == 1);
        Assert.Single(Directory.GetFiles(_received.Path));
    }

    [Fact]
    public async Task What_waits_is_dropped_when_somebody_says_so()
    {
        await using ServedGateway gateway = await StartAsync(StoreScp.FindFreePort());
        await gateway.AddTaskAsync("1");
        await gateway.AddTaskAsync("2");
        await WaitForQueueAsync(gateway, "queued", 2);
        long id = (await GetAsync(gateway, "/api/destinations/PACS/queue?limit=1")).EnumerateArray().Single().GetProperty("id").GetInt64();
        await WaitUntilAsync(async () => (await gateway.Http.DeleteAsync($"/api/destinations/PACS/queue/{id}", Cancel)).StatusCode == HttpStatusCode.NoContent); // Not while it is held.
        await ApiTests.AssertProblemAsync(await gateway.Http.DeleteAsync($"/api/destinations/PACS/queue/{id}", Cancel), HttpStatusCode.NotFound);
        Assert.Equal(0, await CountAsync(await gateway.Http.DeleteAsync("/api/destinations/PACS/queue", Cancel)));
        await WaitUntilAsync(async () => await CountAsync(await gateway.Http.DeleteAsync("/api/destinations/PACS/queue?state=queued", Cancel)) == 1);
        Assert.Equal(0, (await GetAsync(gateway, "/api/destinations/PACS/queue")).GetArrayLength());
    }

    [Theory]
    [InlineData("?state=lost")]
    [InlineData("?state=1")]
    [InlineData("?limit=0")]
    [InlineData("?offset=-1")]
    [InlineData("?study=1.2")]
    public async Task A_filter_that_is_not_valid_is_answered_with_problem_details(string query)
    {
        await using ServedGateway gateway = await StartAsync(StoreScp.FindFreePort());
        await ApiTests.AssertProblemAsync(await gateway.Http.GetAsync("/api/destinations/PACS/queue" + query, Cancel), HttpStatusCode.BadRequest);
        await ApiTests.AssertProblemAsync(await gateway.Http.DeleteAsync("/api/destinations/PACS/queue?state=sent", Cancel), HttpStatusCode.BadRequest);
        await ApiTests.AssertProblemAsync(await gateway.Http.GetAsync("/api/destinations/NOBODY/queue", Cancel), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_waits_for_storage_commitment_is_told_with_what_keeps_us_from_it_and_can_be_dropped()
    {
        await using StoreScp peer = await StoreScp.StartAsync(_received.Path); // It does not know storage commitment.
        await using ServedGateway gateway = await StartAsync(peer.Port, sending: """, "commitment": true""");
        await gateway.AddTaskAsync("1");
        await gateway.AddTaskAsync("2");
        await WaitForQueueAsync(gateway, "committing", 2);
        JsonElement queue = default;
        await WaitUntilAsync(async () => (queue = (await GetAsync(gateway, "/api/destinations/PACS")).GetProperty("queue")).TryGetProperty("commitmentProblem", out _));
        Assert.Equal("It does not accept Storage Commitment.", queue.GetProperty("commitmentProblem").GetString());
        Assert.Equal(JsonValueKind.String, queue.GetProperty("commitmentRetryAt").ValueKind);
        Assert.False(queue.TryGetProperty("problem", out _));
        JsonElement[] items = [.. (await GetAsync(gateway, "/api/destinations/PACS/queue?state=committing")).EnumerateArray()];
        Assert.All(items, item => Assert.Equal("committing 1", $"{item.GetProperty("state")} {item.GetProperty("attempts")}"));
        Assert.Equal(2, items.Length);
        Assert.Equal(0, (await GetAsync(gateway, "/api/destinations/PACS/queue?state=sent")).GetArrayLength());
        string metrics = "";
        await WaitUntilAsync(async () => (metrics = await gateway.Http.GetStringAsync("/metrics", Cancel)).Contains("gateway_forward_commitment_up{destination=\"PACS\"} 0", StringComparison.Ordinal));
        await WaitUntilAsync(async () => (metrics = await gateway.Http.GetStringAsync("/metrics", Cancel)).Contains("gateway_forward_queue_length{destination=\"PACS\",state=\"committing\"} 2", StringComparison.Ordinal));
        Assert.Contains("gateway_forward_destination_up{destination=\"PACS\"} 1", metrics, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.Http.DeleteAsync($"/api/destinations/PACS/queue/{items[0].GetProperty("id")}", Cancel)).StatusCode);
        Assert.Equal(1, await CountAsync(await gateway.Http.DeleteAsync("/api/destinations/PACS/queue?state=committing", Cancel)));
        Assert.Equal(0, (await GetAsync(gateway, "/api/destinations/PACS/queue")).GetArrayLength());
    }

    [Fact]
    public async Task A_destination_that_is_down_is_told_and_the_gateway_stays_ready()
    {
        await using ServedGateway gateway = await StartAsync(StoreScp.FindFreePort());
        await gateway.AddTaskAsync();
        JsonElement queue = default;
        await WaitUntilAsync(async () => (queue = (await GetAsync(gateway, "/api/destinations/PACS")).GetProperty("queue")).TryGetProperty("problem", out _));
        Assert.Contains("cannot be reached", queue.GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, queue.GetProperty("queued").GetInt32() + queue.GetProperty("sending").GetInt32());
        Assert.Equal(HttpStatusCode.OK, (await gateway.Http.GetAsync("/health/ready", Cancel)).StatusCode);
        string metrics = "";
        await WaitUntilAsync(async () => (metrics = await gateway.Http.GetStringAsync("/metrics", Cancel)).Contains("gateway_forward_destination_up{destination=\"PACS\"} 0", StringComparison.Ordinal));
        foreach (string name in (string[])["gateway_forward_queued_total{destination=\"PACS\"} 1", "gateway_forward_queue_length{destination=\"PACS\",state=\"dead\"} 0", "gateway_forward_backlog_age_seconds{destination=\"PACS\"}"])
        {
            Assert.Contains(name, metrics, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("Secret", metrics, StringComparison.Ordinal);
    }

    private static Task<ServedGateway> StartAsync(int port, string more = "", string sending = "") => ServedGateway.StartAsync(options =>
    {
        File.WriteAllText(
            options.AesPath,
            $$"""{ "entities": [{ "aeTitle": "PACS", "host": "127.0.0.1", "port": {{port}}, "sending": { "firstRetrySeconds": 0.2, "longestRetrySeconds": 1{{sending}} }{{more}} }], "rules": [{ "name": "all", "to": ["PACS"], "source": "both" }] }""");
        return options;
    });

    private static async Task<JsonElement> GetAsync(ServedGateway gateway, string url) => await gateway.Http.GetFromJsonAsync<JsonElement>(url, Cancel);

    private static async Task<int> CountAsync(HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("count").GetInt32();

    private static Task WaitForQueueAsync(ServedGateway gateway, string state, int count) =>
        WaitUntilAsync(async () => (await GetAsync(gateway, "/api/destinations/PACS")).GetProperty("queue").GetProperty(state).GetInt32() == count);

    private static async Task WaitUntilAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            await Task.Delay(50, limit.Token);
        }
    }
}
