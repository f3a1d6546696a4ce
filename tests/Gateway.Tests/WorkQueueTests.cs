using System.Net;
using System.Text.Json;
using MedicalAi.Archive;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;

[assembly: AssemblyFixture(typeof(RabbitMqBroker))]

namespace MedicalAi.Gateway.Tests;

/// <summary>The gateway with its work queue on RabbitMQ.</summary>
public sealed class WorkQueueTests(RabbitMqBroker shared)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("RABBITMQ_URL", "http://broker")]
    [InlineData("RABBITMQ_URL", "broker:5672")]
    [InlineData("GATEWAY_QUEUE_PREFIX", "a b")]
    [InlineData("GATEWAY_QUEUE_PREFIX", "amq.mine")]
    public void A_broker_that_cannot_be_understood_is_an_error_that_names_the_variable(string variable, string value) =>
        Assert.Contains(variable, Assert.Throws<ConfigurationException>(() => GatewayConfiguration.Read([], name => name == variable ? value : null, _ => null)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_URL_that_cannot_be_understood_is_not_told_because_it_holds_a_password() =>
        Assert.DoesNotContain("secret", Assert.Throws<ConfigurationException>(() => GatewayConfiguration.Read([], name => name == "RABBITMQ_URL" ? "http://user:secret@broker" : null, _ => null)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_broker_can_be_named_by_a_file()
    {
        using TempFolder folder = new();
        await File.WriteAllTextAsync(folder.File("url"), "amqps://user:secret@broker:5671/here\n", Cancel);
        GatewayOptions options = GatewayConfiguration.Read([], name => name == "RABBITMQ_URL_FILE" ? folder.File("url") : null, _ => null);
        Assert.Equal(new Uri("amqps://user:secret@broker:5671/here"), options.RabbitMqUrl);
    }

    [Fact]
    public async Task Tasks_go_to_the_broker()
    {
        await shared.StartAsync(Cancel);
        await using ServedGateway gateway = await ServedGateway.StartAsync(options => options with { RabbitMqUrl = shared.Url, QueuePrefix = $"test-{Guid.NewGuid():N}" });
        InferenceTask task = await gateway.AddTaskAsync();
        IWorkQueue queue = gateway.Services.GetRequiredService<IWorkQueue>();
        Assert.IsType<RabbitMqWorkQueue>(queue);
        WorkDelivery delivery = await queue.ReceiveAsync(WorkKind.Infer, TimeSpan.FromSeconds(30), Cancel).AsTask().WaitAsync(s_limit, Cancel);
        Assert.Equal(task.Id, delivery.Message.TaskId);
    }

    [Fact]
    public async Task While_the_broker_is_away_or_hangs_readiness_is_red_instances_are_taken_and_their_tasks_go_on_when_it_is_back()
    {
        await using RabbitMqBroker broker = new();
        await broker.StartAsync(Cancel);
        await using ServedGateway gateway = await ServedGateway.StartAsync(options => options with { RabbitMqUrl = broker.Url });
        Assert.Equal(HttpStatusCode.OK, (await ReadyAsync(gateway)).Status);

        await broker.PauseAsync();
        long begin = Environment.TickCount64;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "does not answer"), await ReadyAsync(gateway));
        Assert.InRange(Environment.TickCount64 - begin, 0, 20_000);
        InferenceTask first = await gateway.AddTaskAsync("1");
        await broker.KillAsync();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "does not answer"), await ReadyAsync(gateway));
        InferenceTask second = await gateway.AddTaskAsync("2");

        await broker.StartAsync(Cancel);

        IWorkQueue queue = gateway.Services.GetRequiredService<IWorkQueue>();
        HashSet<Guid> received = [];
        while (received.Count < 2)
        {
            WorkDelivery delivery = await queue.ReceiveAsync(WorkKind.Infer, TimeSpan.FromSeconds(30), Cancel).AsTask().WaitAsync(s_limit, Cancel);
            received.Add(delivery.Message.TaskId);
            await queue.AcknowledgeAsync(delivery, Cancel);
        }

        Assert.Equal(new[] { first.Id, second.Id }.Order(), received.Order());
        Assert.Equal((HttpStatusCode.OK, "ok"), await ReadyAsync(gateway));
    }

    private static async Task<(HttpStatusCode Status, string Queue)> ReadyAsync(ServedGateway gateway)
    {
        using HttpResponseMessage response = await gateway.Http.GetAsync("/health/ready", Cancel);
        using JsonDocument health = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel));
        return (response.StatusCode, health.RootElement.GetProperty("checks").GetProperty("queue").GetString()!);
    }
}
