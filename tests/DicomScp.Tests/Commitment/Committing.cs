using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MedicalAi.DicomScp.Tests;

/// <summary>What the tests of storage commitment have in common.</summary>
internal static class Committing
{
    /// <summary>The most that a test waits for what must come.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static DicomUid Instance(int number) => new(string.Create(CultureInfo.InvariantCulture, $"1.2.3.4.{number}"));

    public static SopReference Reference(int number) => new(DicomUids.SecondaryCaptureImageStorage, Instance(number));

    /// <summary>How a gateway is called.</summary>
    public static DicomClientOptions To(TestGateway gateway, string callingAe = "MODALITY") =>
        new() { Host = "127.0.0.1", Port = gateway.Port, CalledAe = AeTitle.Parse("MEDICALAI"), CallingAe = AeTitle.Parse(callingAe) };

    /// <summary>Stores instances of one study by C-STORE.</summary>
    public static async Task StoreAsync(TestGateway gateway, params int[] numbers)
    {
        await using DicomClient client = await DicomClient.ConnectAsync(To(gateway), PresentationContext.ForStorage(DicomUids.SecondaryCaptureImageStorage, TransferSyntax.ExplicitVrLittleEndian), Token);
        foreach (int number in numbers)
        {
            Assert.Equal(DimseStatus.Success, (await StoreAsync(client, number)).Status);
        }

        await client.ReleaseAsync(Token);
    }

    public static ValueTask<DimseResponse> StoreAsync(DicomClient client, int number)
    {
        DicomDataSet image = new DicomDataSet()
            .SetUid(DicomTags.SOPClassUID, DicomUids.SecondaryCaptureImageStorage)
            .SetUid(DicomTags.SOPInstanceUID, Instance(number))
            .SetString(DicomTags.PatientID, "P1")
            .SetUid(DicomTags.StudyInstanceUID, new DicomUid("1.2.3"))
            .SetUid(DicomTags.SeriesInstanceUID, new DicomUid("1.2.3.4"));
        return client.StoreAsync(image, TransferSyntax.ExplicitVrLittleEndian, Token);
    }

    /// <summary>Asks for commitment and takes the answer on the same association only.</summary>
    public static Task<CommitmentResult> RequestAsync(TestGateway gateway, params SopReference[] references) =>
        new CommitmentRequests(TimeProvider.System).RequestAsync(To(gateway), references, new CommitmentWait { OnAssociation = Limit, InAll = Limit, MayComeElsewhere = false }, Token);

    /// <summary>The AE registry of a gateway with one destination.</summary>
    public static Action<IServiceCollection> Knows(TempFolder folder, string aeTitle, int port)
    {
        string file = folder.File("aes.json");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""{ "entities": [{ "aeTitle": "{{aeTitle}}", "host": "127.0.0.1", "port": {{port}} }] }"""));
        return services => services.AddAeRegistry(new AeRegistryFileOptions { Path = file });
    }

    /// <summary>The only transaction of a gateway, when it stands where it is to stand.</summary>
    public static async Task<CommitmentTransaction> WaitForAsync(TestGateway gateway, Func<CommitmentTransaction, bool> isThere)
    {
        ICommitmentIndex index = gateway.Services.GetRequiredService<ICommitmentIndex>();
        for (long end = Environment.TickCount64 + (long)Limit.TotalMilliseconds; ;)
        {
            IReadOnlyList<CommitmentTransaction> all = await index.ListAsync(new CommitmentQuery(), Token);
            if (all.Count == 1 && isThere(all[0]))
            {
                return all[0];
            }

            Assert.True(Environment.TickCount64 < end, $"It stands at {string.Join(' ', all)}.");
            await Task.Delay(20, Token);
        }
    }
}
