using System.Diagnostics;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Network.Tests;

/// <summary>Alone, as it measures the memory of the process.</summary>
[CollectionDefinition(nameof(StreamingTests), DisableParallelization = true)]
[Collection(nameof(StreamingTests))]
public sealed class StreamingTests
{
    private const long Length = 2L * 1024 * 1024 * 1024 + 4096;
    private const long Bound = 64 * 1024 * 1024;

    [Fact]
    public async Task An_instance_of_2_GB_passes_with_bounded_memory()
    {
        SinkService sink = new();
        await using TestServer server = await TestServer.StartAsync(sink);
        DicomClientOptions options = new() { Host = "127.0.0.1", Port = server.Port, CalledAe = AeTitle.Parse("MEDICALAI") };
        await using DicomClient client = await DicomClient.ConnectAsync(options, [new PresentationContext(DicomUids.CTImageStorage, [TransferSyntax.ExplicitVrLittleEndian])], TestContext.Current.CancellationToken);
        await StoreAsync(1024 * 1024);
        long before = WorkingSet(), managed = GC.GetTotalMemory(forceFullCollection: true), peak = 0, peakManaged = 0;
        using (Timer sampler = new(_ => (peak, peakManaged) = (Math.Max(peak, WorkingSet()), Math.Max(peakManaged, GC.GetTotalMemory(false))), null, 0, 50))
        {
            await StoreAsync(Length);
        }

        Assert.Equal(Length + (1024 * 1024), sink.Bytes);
        Assert.InRange(peak - before, long.MinValue, Bound);
        Assert.InRange(peakManaged - managed, long.MinValue, Bound);

        async Task StoreAsync(long length)
        {
            using ZeroFilledStream zeros = new([], length, []);
            Assert.Equal(DimseStatus.Success, (await client.StoreAsync(DicomUids.CTImageStorage, new DicomUid("1.2.3"), TransferSyntax.ExplicitVrLittleEndian, zeros, TestContext.Current.CancellationToken)).Status);
        }
    }

    private static long WorkingSet()
    {
        using Process self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
