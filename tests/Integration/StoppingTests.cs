using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;

namespace MedicalAi.Integration;

/// <summary>An orderly stop, a large instance, and the start.</summary>
public sealed class StoppingTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SIGTERM_in_the_middle_of_a_transfer_ends_the_process_in_order_and_keeps_what_was_acknowledged()
    {
        using TempFolder folder = new();
        string brain = SampleStudies.UnpackBrain(folder);
        string data = folder.File("data");
        int acknowledged = 0;
        await using (GatewayProcess gateway = await GatewayProcess.StartAsync(data, Cancelled, "--stability", "3600"))
        {
            DicomSender sender = new(gateway.Scu);
            Task<int>? stop = null;
            await foreach (SentFile sent in sender.SendAsync(DicomSender.FindFiles([brain]), Cancelled))
            {
                acknowledged += sent.IsStored ? 1 : 0;
                if (acknowledged == 50)
                {
                    stop ??= gateway.StopAsync(Cancelled);
                }
            }

            Assert.NotNull(stop);
            Assert.Equal(0, await stop);
        }

        await using GatewayProcess again = await GatewayProcess.StartAsync(data, Cancelled, "--stability", "3600");
        DicomDataSet study = Assert.Single(await again.FindAsync("studies", Cancelled));
        Assert.True(study.GetInt32(DicomTags.NumberOfStudyRelatedInstances) >= acknowledged);
        Assert.InRange(acknowledged, 50, 256);
    }

    [Fact]
    public async Task An_instance_of_2_GB_is_stored_with_bounded_memory()
    {
        using TempFolder folder = new();
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(folder.File("data"), Cancelled, "--roles", "dicom,web");
        DicomDataSet header = new DicomDataSet()
            .SetUid(DicomTags.SOPClassUID, DicomUids.SecondaryCaptureImageStorage)
            .SetUid(DicomTags.SOPInstanceUID, new DicomUid("1.2.3.4.5"))
            .SetUid(DicomTags.StudyInstanceUID, new DicomUid("1.2.3.4"))
            .SetUid(DicomTags.SeriesInstanceUID, new DicomUid("1.2.3.4.1"));
        const uint PixelLength = 2_000_000_000;
        byte[] start =
        [
            .. DicomDataSetWriter.ToBytes(header, TransferSyntax.ExplicitVrLittleEndian),
            0xE0, 0x7F, 0x10, 0, (byte)'O', (byte)'B', 0, 0, (byte)(PixelLength & 0xFF), (byte)((PixelLength >> 8) & 0xFF), (byte)((PixelLength >> 16) & 0xFF), (byte)(PixelLength >> 24),
        ];
        long before = gateway.PeakMemory;

        await using DicomClient client = await DicomClient.ConnectAsync(
            gateway.Scu,
            PresentationContext.ForStorage(DicomUids.SecondaryCaptureImageStorage, TransferSyntax.ExplicitVrLittleEndian),
            Cancelled);
        await using ZeroFilledStream stream = new(start, PixelLength, []);
        DimseResponse response = await client.StoreAsync(DicomUids.SecondaryCaptureImageStorage, new DicomUid("1.2.3.4.5"), TransferSyntax.ExplicitVrLittleEndian, stream, Cancelled);

        Assert.Equal(0, response.Status);
        Assert.True(gateway.PeakMemory - before < 100L << 20, $"{(gateway.PeakMemory - before) >> 20} MiB more");
        Assert.Single(await gateway.FindAsync("instances?SOPInstanceUID=1.2.3.4.5", Cancelled));
    }

    [Fact]
    public async Task A_second_start_is_ready_in_less_than_10_seconds()
    {
        using TempFolder folder = new();
        await (await GatewayProcess.StartAsync(folder.File("data"), Cancelled)).DisposeAsync();
        long begin = System.Diagnostics.Stopwatch.GetTimestamp();

        await using GatewayProcess again = await GatewayProcess.StartAsync(folder.File("data"), Cancelled);

        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(begin) < TimeSpan.FromSeconds(10));
    }
}
