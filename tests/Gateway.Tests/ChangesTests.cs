using System.Net;
using System.Text.Json;
using MedicalAi.Archive;

namespace MedicalAi.Gateway.Tests;

public sealed class ChangesTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_tell_each_change_once_and_in_order()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        InferenceTask task = await gateway.AddTaskAsync();
        List<JsonElement> changes = [];
        long next = 0;
        bool hasMore = true;
        while (hasMore)
        {
            JsonElement page = await ReadAsync(gateway, $"?after={next}&limit=1");
            changes.AddRange(page.GetProperty("changes").EnumerateArray());
            (next, hasMore) = (page.GetProperty("next").GetInt64(), page.GetProperty("hasMore").GetBoolean());
        }

        Assert.Equal(["instance-stored", "study-stable", "task-queued"], Kinds(changes).Distinct());
        Assert.Equal(changes.Select(Sequence).Order().Distinct(), changes.Select(Sequence));
        Assert.Equal(("1.2.3.1", "1.2.3.1.1", "1.2.3.1.1.1"), (Text(changes[0], "study"), Text(changes[0], "series"), Text(changes[0], "instance")));
        Assert.Equal(task.Id.ToString(), Text(Assert.Single(changes, change => Text(change, "kind") == "task-queued"), "task"));
        Assert.Equal(next, Sequence(changes[^1]));
        JsonElement end = await ReadAsync(gateway, $"?after={next}");
        Assert.Equal((0, next), (end.GetProperty("changes").GetArrayLength(), end.GetProperty("next").GetInt64()));
    }

    [Fact]
    public async Task Kinds_that_are_not_asked_for_are_passed_over_and_not_looked_at_again()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        await gateway.AddTaskAsync();
        JsonElement page = await ReadAsync(gateway, "?kind=instance-stored,task-queued");
        Assert.Equal(["instance-stored", "task-queued"], Kinds(page.GetProperty("changes").EnumerateArray()));
        JsonElement none = await ReadAsync(gateway, "?kind=task-failed");
        Assert.Equal((0, false), (none.GetProperty("changes").GetArrayLength(), none.GetProperty("hasMore").GetBoolean()));
        Assert.True(none.GetProperty("next").GetInt64() >= page.GetProperty("next").GetInt64());
    }

    [Fact]
    public async Task Who_waits_gets_the_change_when_it_comes()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        await gateway.AddTaskAsync("1");
        long next = (await ReadAsync(gateway, "?after=latest")).GetProperty("next").GetInt64();
        Task<JsonElement> waiting = ReadAsync(gateway, $"?after={next}&wait=60&kind=task-queued");
        InferenceTask task = await gateway.AddTaskAsync("2");
        JsonElement page = await waiting.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        Assert.Equal(task.Id.ToString(), Text(Assert.Single(page.GetProperty("changes").EnumerateArray()), "task"));
    }

    [Fact]
    public async Task Who_waits_in_vain_gets_an_empty_page_when_the_time_is_over()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        JsonElement page = await ReadAsync(gateway, "?wait=1").WaitAsync(s_limit, Cancel);
        Assert.Equal((0, 0, false), (page.GetProperty("changes").GetArrayLength(), page.GetProperty("next").GetInt64(), page.GetProperty("hasMore").GetBoolean()));
    }

    [Fact]
    public async Task Server_sent_events_tell_what_was_and_what_comes_and_go_on_where_they_ended()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        await gateway.AddTaskAsync("1");
        long last;
        using (EventReader events = await EventReader.OpenAsync(gateway, "?after=0&kind=task-queued", null))
        {
            (long id, string kind, JsonElement data) = await events.NextAsync();
            Assert.Equal(("task-queued", id, "1.2.3.1"), (kind, Sequence(data), Text(data, "study")));
            await gateway.AddTaskAsync("2");
            (last, kind, data) = await events.NextAsync();
            Assert.Equal(("task-queued", "1.2.3.2"), (kind, Text(data, "study")));
        }

        await gateway.AddTaskAsync("3");
        using EventReader again = await EventReader.OpenAsync(gateway, "?after=0&kind=task-queued", last);
        Assert.Equal("1.2.3.3", Text((await again.NextAsync()).Data, "study"));
    }

    [Fact]
    public async Task A_stop_of_the_gateway_ends_the_streams_and_the_waits()
    {
        ServedGateway gateway = await ServedGateway.StartAsync();
        using EventReader events = await EventReader.OpenAsync(gateway, "", null);
        Task<HttpResponseMessage> waiting = gateway.Http.GetAsync("/api/changes?wait=60", Cancel);
        await gateway.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        Assert.True(await events.HasEndedAsync().WaitAsync(s_limit, Cancel));
        await Task.WhenAny(waiting).WaitAsync(s_limit, Cancel);
        if (waiting.IsCompletedSuccessfully)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await waiting).StatusCode); // Else it came when the gateway listened no more.
        }

        await gateway.DisposeAsync();
    }

    [Fact]
    public async Task Too_many_followers_are_told_to_come_later()
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        List<EventReader> followers = [];
        try
        {
            for (int i = 0; i < ChangeFeed.MaximumFollowers; i++)
            {
                followers.Add(await EventReader.OpenAsync(gateway, "", null));
            }

            using HttpResponseMessage refused = await gateway.Http.GetAsync("/api/changes?wait=1", Cancel);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "5"), (refused.StatusCode, refused.Headers.RetryAfter?.ToString()));
            using HttpResponseMessage page = await gateway.Http.GetAsync("/api/changes", Cancel);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        }
        finally
        {
            followers.ForEach(follower => follower.Dispose());
        }
    }

    [Theory]
    [InlineData("?after=-1", HttpStatusCode.BadRequest)]
    [InlineData("?after=x", HttpStatusCode.BadRequest)]
    [InlineData("?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("?limit=1001", HttpStatusCode.BadRequest)]
    [InlineData("?wait=61", HttpStatusCode.BadRequest)]
    [InlineData("?kind=DROP", HttpStatusCode.BadRequest)]
    [InlineData("?since=1", HttpStatusCode.BadRequest)]
    [InlineData("?after=99999999999999999999", HttpStatusCode.BadRequest)]
    [InlineData("?after=1000", HttpStatusCode.Conflict)]
    public async Task What_cannot_be_answered_is_refused_with_the_reason(string query, HttpStatusCode expected)
    {
        await using ServedGateway gateway = await ServedGateway.StartAsync();
        using HttpResponseMessage response = await gateway.Http.GetAsync("/api/changes" + query, Cancel);
        Assert.Equal((expected, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    private static async Task<JsonElement> ReadAsync(ServedGateway gateway, string query) =>
        JsonDocument.Parse(await gateway.Http.GetStringAsync("/api/changes" + query, Cancel)).RootElement;

    private static IEnumerable<string> Kinds(IEnumerable<JsonElement> changes) => changes.Select(change => Text(change, "kind")!);

    private static long Sequence(JsonElement change) => change.GetProperty("sequence").GetInt64();

    private static string? Text(JsonElement change, string name) => change.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    /// <summary>Reads server-sent events as the HTML standard says.</summary>
    private sealed class EventReader(HttpResponseMessage response, StreamReader reader) : IDisposable
    {
        public static async Task<EventReader> OpenAsync(ServedGateway gateway, string query, long? last)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, "/api/changes" + query);
            request.Headers.Accept.ParseAdd("text/event-stream");
            if (last is { } id)
            {
                request.Headers.Add("Last-Event-ID", $"{id}");
            }

            HttpResponseMessage response = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
            return new EventReader(response, new StreamReader(await response.Content.ReadAsStreamAsync(Cancel)));
        }

        public async Task<(long Id, string Kind, JsonElement Data)> NextAsync()
        {
            (long id, string kind, string data) = (0, "", "");
            while (true)
            {
                string line = await reader.ReadLineAsync(Cancel).AsTask().WaitAsync(s_limit, Cancel) ?? throw new EndOfStreamException();
                if (line.Length == 0 && data.Length > 0)
                {
                    return (id, kind, JsonDocument.Parse(data).RootElement);
                }

                switch (line.Split(": ", 2))
                {
                    case ["id", var value]: id = long.Parse(value, System.Globalization.CultureInfo.InvariantCulture); break;
                    case ["event", var value]: kind = value; break;
                    case ["data", var value]: data += value; break;
                    default: break;
                }
            }
        }

        public async Task<bool> HasEndedAsync()
        {
            try
            {
                while (await reader.ReadLineAsync(Cancel) is not null)
                {
                }
            }
            catch (IOException)
            {
                // Ended in the middle, which is an end too.
            }

            return true;
        }

        public void Dispose()
        {
            reader.Dispose();
            response.Dispose();
        }
    }
}
