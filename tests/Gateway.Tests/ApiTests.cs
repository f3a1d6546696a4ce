using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MedicalAi.Archive;

namespace MedicalAi.Gateway.Tests;

public sealed class ApiTests
{
    [Fact]
    public async Task Tasks_are_listed_and_filtered()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        InferenceTask first = await gateway.AddTaskAsync("1");
        InferenceTask second = await gateway.AddTaskAsync("2");
        Assert.Equal([second.Id.ToString(), first.Id.ToString()], await IdsAsync(gateway, "/api/tasks"));
        Assert.Equal([first.Id.ToString()], await IdsAsync(gateway, "/api/tasks?study=1.2.3.1"));
        Assert.Equal(2, (await IdsAsync(gateway, "/api/tasks?status=queued&model=some_model")).Count);
        Assert.Empty(await IdsAsync(gateway, "/api/tasks?status=failed"));
        Assert.Equal([first.Id.ToString()], await IdsAsync(gateway, "/api/tasks?limit=1&offset=1"));
    }

    [Theory]
    [InlineData("/api/tasks?status=sleeping")]
    [InlineData("/api/tasks?status=1")]
    [InlineData("/api/tasks?study=abc")]
    [InlineData("/api/tasks?limit=0")]
    [InlineData("/api/tasks?limit=100000")]
    [InlineData("/api/tasks?offset=-1")]
    [InlineData("/api/tasks?patient=x")]
    public async Task A_filter_that_is_not_valid_is_answered_with_problem_details(string url)
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        await AssertProblemAsync(await gateway.Http.GetAsync(url, TestContext.Current.CancellationToken), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_task_is_cancelled_and_tried_again()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        InferenceTask task = await gateway.AddTaskAsync();
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        await AssertProblemAsync(await gateway.Http.PostAsync($"/api/tasks/{task.Id}/retry", null, cancellationToken), HttpStatusCode.Conflict);
        Assert.Equal("cancelled", await StatusAsync(await gateway.Http.PostAsync($"/api/tasks/{task.Id}/cancel", null, cancellationToken)));
        await AssertProblemAsync(await gateway.Http.PostAsync($"/api/tasks/{task.Id}/cancel", null, cancellationToken), HttpStatusCode.Conflict);
        Assert.Equal("queued", await StatusAsync(await gateway.Http.PostAsync($"/api/tasks/{task.Id}/retry", null, cancellationToken)));
        Assert.Equal("queued", await StatusAsync(await gateway.Http.GetAsync($"/api/tasks/{task.Id}", cancellationToken)));
    }

    [Fact]
    public async Task A_page_of_another_site_cannot_change_a_task()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        InferenceTask task = await gateway.AddTaskAsync();
        using HttpRequestMessage request = new(HttpMethod.Post, $"/api/tasks/{task.Id}/cancel") { Headers = { { "Origin", "https://other.example" } } };
        await AssertProblemAsync(await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken), HttpStatusCode.Forbidden);
        using HttpRequestMessage own = new(HttpMethod.Post, $"/api/tasks/{task.Id}/cancel") { Headers = { { "Origin", gateway.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) } } };
        Assert.Equal("cancelled", await StatusAsync(await gateway.Http.SendAsync(own, TestContext.Current.CancellationToken)));
    }

    [Theory]
    [InlineData("/api/tasks/nonsense")]
    [InlineData("/api/tasks/01a20f9e-12ab-77e8-9970-5d0ad8bd5863")]
    [InlineData("/api/nothing")]
    [InlineData("/nothing")]
    public async Task What_is_not_there_is_answered_with_problem_details(string url)
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        await AssertProblemAsync(await gateway.Http.GetAsync(url, TestContext.Current.CancellationToken), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_system_is_counted()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        await gateway.AddTaskAsync();
        JsonElement system = await gateway.Http.GetFromJsonAsync<JsonElement>("/api/system", TestContext.Current.CancellationToken);
        Assert.Equal("MEDICALAI", system.GetProperty("aeTitle").GetString());
        Assert.Equal(1, system.GetProperty("studies").GetInt32());
        Assert.Equal(1, system.GetProperty("instances").GetInt32());
        Assert.Equal(1, system.GetProperty("tasks").GetProperty("queued").GetInt32());
    }

    [Fact]
    public async Task The_bundled_models_are_listed_without_problems()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        JsonElement models = await gateway.Http.GetFromJsonAsync<JsonElement>("/api/models", TestContext.Current.CancellationToken);
        Assert.Equal(["meshnet_model5_gw_ae", "pneumonia_cxr"], models.GetProperty("models").EnumerateArray().Select(model => model.GetProperty("name").GetString()));
        Assert.Empty(models.GetProperty("problems").EnumerateArray());
    }

    [Fact]
    public async Task Why_no_model_takes_a_study_is_explained()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        await gateway.AddTaskAsync();
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        JsonElement reasons = await gateway.Http.GetFromJsonAsync<JsonElement>("/api/models/explain?study=1.2.3.1", cancellationToken);
        Assert.NotEmpty(reasons.EnumerateArray());
        Assert.All(reasons.EnumerateArray(), reason => Assert.False(reason.GetProperty("isTaken").GetBoolean()));
        Assert.All(reasons.EnumerateArray(), reason => Assert.NotEmpty(reason.GetProperty("reason").GetString()!));
        await AssertProblemAsync(await gateway.Http.GetAsync("/api/models/explain", cancellationToken), HttpStatusCode.BadRequest);
        await AssertProblemAsync(await gateway.Http.GetAsync("/api/models/explain?study=x", cancellationToken), HttpStatusCode.BadRequest);
        await AssertProblemAsync(await gateway.Http.GetAsync("/api/models/explain?study=9.9", cancellationToken), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_status_page_shows_tasks_and_no_names()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        await gateway.AddTaskAsync();
        HttpResponseMessage response = await gateway.Http.GetAsync("/", TestContext.Current.CancellationToken);
        string page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("some_model", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Secret", page, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public void What_is_shown_on_the_status_page_is_never_taken_for_markup()
    {
        SystemResource system = new("0", "<b>&", "all", 0, 0, 0, 0, 0, new Dictionary<string, long>(), new Dictionary<string, WorkQueueDepth>());
        Assert.Contains("&lt;b&gt;&amp;", StatusPage.Write(system, []), StringComparison.Ordinal);
    }

    private static async Task<List<string?>> IdsAsync(ServedGateway gateway, string url)
    {
        JsonElement tasks = await gateway.Http.GetFromJsonAsync<JsonElement>(url, TestContext.Current.CancellationToken);
        return [.. tasks.EnumerateArray().Select(task => task.GetProperty("id").GetString())];
    }

    private static async Task<string?> StatusAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("status").GetString();
    }

    internal static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal((int)status, (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("status").GetInt32());
    }
}
