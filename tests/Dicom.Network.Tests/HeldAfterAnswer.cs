using System.Diagnostics.Metrics;

namespace MedicalAi.Dicom.Network.Tests;

/// <summary>Holds the thread that has answered the first request with a status, as a busy machine may, until something has come: a peer can be that quick.</summary>
internal sealed class HeldAfterAnswer : IDisposable
{
    private readonly MeterListener _listener = new();
    private int _held;

    /// <summary>Begins to hold.</summary>
    /// <param name="status">A status that no other test answers with.</param>
    /// <param name="until">The end of it.</param>
    public HeldAfterAnswer(ushort status, Task until)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "gateway_dimse_requests_total")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            if (tags[1].Value is string name && name == DimseStatus.Name(status) && Interlocked.Exchange(ref _held, 1) == 0)
            {
#pragma warning disable xUnit1031, VSTHRD002 // It is the thread that is to be held.
                until.Wait(TimeSpan.FromSeconds(10), CancellationToken.None);
#pragma warning restore xUnit1031, VSTHRD002
            }
        });
        _listener.Start();
    }

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();
}
