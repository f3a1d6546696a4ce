using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace MedicalAi.Dicom.Network.Tests;

/// <summary>Listens to the meter of the network. Others may count at the same time: wait for what must come, never for what must not.</summary>
internal sealed class MetricsProbe : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Name, double Value, string Tags)> _seen = [];
    private readonly SemaphoreSlim _news = new(0);

    public MetricsProbe()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "MedicalAi.Dicom.Network")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    public async Task WaitAsync(string name, params string[] tags)
    {
        while (!_seen.Any(seen => seen.Name == name && tags.All(tag => seen.Tags.Contains($"={tag};", StringComparison.Ordinal))))
        {
            Assert.True(await _news.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken), $"{name} {string.Join(' ', tags)} was not counted.");
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _news.Dispose();
    }

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string text = "";
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            text += $"{tag.Key}={tag.Value};";
        }

        _seen.Enqueue((instrument.Name, value, text));
        _news.Release();
    }
}
