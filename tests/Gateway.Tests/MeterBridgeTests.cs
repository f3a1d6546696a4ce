using System.Diagnostics.Metrics;
using System.Text;
using Prometheus;

namespace MedicalAi.Gateway.Tests;

public sealed class MeterBridgeTests
{
    [Fact]
    public async Task Instruments_of_our_meters_appear_under_their_own_names()
    {
        CollectorRegistry registry = Metrics.NewCustomRegistry();
        using MeterBridge bridge = new(registry);
        using Meter meter = new("MedicalAi.BridgeTest");
        meter.CreateCounter<long>("bridge_things", description: "Things.").Add(3, new KeyValuePair<string, object?>("kind", "a"));
        meter.CreateCounter<long>("bridge_ended_total").Add(2);
        meter.CreateUpDownCounter<int>("bridge_active").Add(5);
        meter.CreateGauge<double>("bridge_level").Record(1.5);
        meter.CreateHistogram<double>("bridge_seconds", "s").Record(0.02);
        meter.CreateObservableGauge("bridge_seen", () => 7);

        string text = await ExportAsync(registry);
        Assert.Contains("bridge_things_total{kind=\"a\"} 3", text, StringComparison.Ordinal);
        Assert.Contains("bridge_ended_total 2", text, StringComparison.Ordinal);
        Assert.Contains("bridge_active 5", text, StringComparison.Ordinal);
        Assert.Contains("bridge_level 1.5", text, StringComparison.Ordinal);
        Assert.Contains("bridge_seconds_bucket{le=\"0.025\"} 1", text, StringComparison.Ordinal);
        Assert.Contains("bridge_seen 7", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_are_matched_by_name_whatever_their_order_and_a_missing_one_is_empty()
    {
        CollectorRegistry registry = Metrics.NewCustomRegistry();
        using MeterBridge bridge = new(registry);
        using Meter meter = new("MedicalAi.BridgeTest");
        Counter<int> counter = meter.CreateCounter<int>("bridge_labels");
        KeyValuePair<string, object?> a = new("a", "1");
        KeyValuePair<string, object?> b = new("b", 2);
        counter.Add(1, a, b);
        counter.Add(1, b, a);
        counter.Add(1, a);

        string text = await ExportAsync(registry);
        Assert.Contains("bridge_labels_total{a=\"1\",b=\"2\"} 2", text, StringComparison.Ordinal);
        Assert.Contains("bridge_labels_total{a=\"1\",b=\"\"} 1", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_meters_are_left_out()
    {
        CollectorRegistry registry = Metrics.NewCustomRegistry();
        using MeterBridge bridge = new(registry);
        using Meter meter = new("Another");
        meter.CreateCounter<int>("bridge_other").Add(1);
        Assert.DoesNotContain("bridge_other", await ExportAsync(registry), StringComparison.Ordinal);
    }

    private static async Task<string> ExportAsync(CollectorRegistry registry)
    {
        using MemoryStream stream = new();
        await registry.CollectAndExportAsTextAsync(stream, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
