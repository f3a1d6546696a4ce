using System.Net;
using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.DicomWeb.Tests;

/// <summary>Run alone: what is measured is of the whole process.</summary>
[CollectionDefinition(nameof(LargeInstanceTests), DisableParallelization = true)]
[Collection(nameof(LargeInstanceTests))]
public sealed class LargeInstanceTests
{
    [Fact]
    public async Task A_large_instance_goes_through_in_bounded_memory()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        const int Pixels = 96 * 1024 * 1024;
        DicomDataSet dataSet = TestInstances.Ct();
        dataSet.Remove(DicomTags.PixelData);
        byte[] head = [.. DicomFile.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian), 0xE0, 0x7F, 0x10, 0x00, (byte)'O', (byte)'W', 0, 0, .. BitConverter.GetBytes(Pixels)];
        long before = GC.GetTotalAllocatedBytes(precise: true);
        using StreamContent body = new(new ZeroFilledStream([.. "--b\r\n\r\n"u8, .. head], Pixels, [.. "\r\n--b--"u8]));
        body.Headers.TryAddWithoutValidation("Content-Type", "multipart/related; type=\"application/dicom\"; boundary=b");
        using HttpResponseMessage response = await gateway.Client.PostAsync(new Uri("studies", UriKind.Relative), body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, Pixels / 4);
    }
}
