using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Prometheus;

namespace MedicalAi.Gateway;

/// <summary>
/// Carries the measurements of our meters (<c>MedicalAi.*</c>) to a Prometheus registry, under the names that the instruments have,
/// counters with <c>_total</c> at the end. The labels are those of an instrument's first measurement.
/// </summary>
internal sealed class MeterBridge : IDisposable
{
    private static readonly double[] s_seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
    private static readonly double[] s_sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
    private readonly ConcurrentDictionary<Instrument, Target> _targets = new();
    private readonly MetricFactory _factory;
    private readonly MeterListener _listener = new();

    /// <summary>Begins to listen.</summary>
    public MeterBridge(CollectorRegistry registry)
    {
        _factory = Metrics.WithCustomRegistry(registry);
        registry.AddBeforeCollectCallback(_listener.RecordObservableInstruments);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("MedicalAi.", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<byte>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<short>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<float>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!_targets.TryGetValue(instrument, out Target? target))
        {
            string[] labels = new string[tags.Length];
            for (int i = 0; i < labels.Length; i++)
            {
                labels[i] = tags[i].Key;
            }

            target = _targets.GetOrAdd(instrument, Target.Create(_factory, instrument, labels));
        }

        target.Record(value, tags);
    }

    /// <summary>A metric of the registry.</summary>
    private sealed class Target(string[] labels, Action<double, string[]> record)
    {
        public static Target Create(MetricFactory factory, Instrument instrument, string[] labels)
        {
            string name = instrument.Name.Replace('.', '_');
            string help = instrument.Description ?? "";
            Type kind = instrument.GetType().GetGenericTypeDefinition();
            if (kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>))
            {
                Counter counter = factory.CreateCounter(name.EndsWith("_total", StringComparison.Ordinal) ? name : name + "_total", help, labels);
                return kind == typeof(Counter<>)
                    ? new Target(labels, (value, values) => counter.WithLabels(values).Inc(value))
                    : new Target(labels, (value, values) => counter.WithLabels(values).IncTo(value));
            }

            if (kind == typeof(Histogram<>))
            {
                Histogram histogram = factory.CreateHistogram(name, help, labels, new HistogramConfiguration { Buckets = instrument.Unit == "s" ? s_seconds : s_sizes });
                return new Target(labels, (value, values) => histogram.WithLabels(values).Observe(value));
            }

            Gauge gauge = factory.CreateGauge(name, help, labels);
            return kind == typeof(UpDownCounter<>)
                ? new Target(labels, (value, values) => gauge.WithLabels(values).Inc(value))
                : new Target(labels, (value, values) => gauge.WithLabels(values).Set(value));
        }

        public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string[] values = new string[labels.Length];
            for (int i = 0; i < labels.Length; i++)
            {
                values[i] = "";
                foreach (KeyValuePair<string, object?> tag in tags)
                {
                    if (tag.Key == labels[i])
                    {
                        values[i] = Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "";
                        break;
                    }
                }
            }

            record(value, values);
        }
    }
}
