using System.Diagnostics;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Network.Tests;

/// <summary>Alone, as it measures time.</summary>
[Collection(nameof(StreamingTests))]
public sealed class ThroughputTests
{
    private const int Instances = 40;

    [Fact]
    public async Task Storescu_as_it_comes_is_not_stalled_by_delayed_acknowledgements()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Immediate acknowledgements are an option of Linux.");
        using TempFolder folder = new();
        for (int i = 0; i < Instances; i++)
        {
            DicomDataSet dataSet = new();
            dataSet.SetString(DicomTags.SOPClassUID, DicomUids.CTImageStorage.Value);
            dataSet.SetString(DicomTags.SOPInstanceUID, $"1.2.3.{i}");
            dataSet.SetBytes(DicomTags.PixelData, Vr.OW, new byte[64 * 64 * 2]);
            await File.WriteAllBytesAsync(folder.File($"{i}.dcm"), DicomFile.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian), TestContext.Current.CancellationToken);
        }

        TimeSpan delayed = await SendAsync(folder, quick: false), atOnce = await SendAsync(folder, quick: true);
        TestContext.Current.TestOutputHelper?.WriteLine($"{Instances} instances: {delayed.TotalSeconds:0.00} s with delayed acknowledgements, {atOnce.TotalSeconds:0.00} s with immediate ones");
        Assert.True(atOnce < delayed / 2, $"{atOnce} against {delayed}");
    }

    private static async Task<TimeSpan> SendAsync(TempFolder folder, bool quick)
    {
        SinkService sink = new();
        await using TestServer server = await TestServer.StartAsync(sink, new DicomServerOptions { QuickAcknowledge = quick });
        long start = Stopwatch.GetTimestamp();
        ToolResult result = await ExternalTool.RunAsync("storescu", ["-aec", "MEDICALAI", "+sd", "127.0.0.1", $"{server.Port}", folder.Path], TestContext.Current.CancellationToken);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(Instances, sink.Requests);
        return elapsed;
    }
}
