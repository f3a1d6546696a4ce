using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

/// <summary>What a disk may hold after a power cut: what was synchronised, and of the rest as little as may be.</summary>
public sealed class PowerCutTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_acknowledged_instance_comes_back_whole_when_nothing_of_the_objects_folder_was_written()
    {
        await using TestArchive archive = await TestArchive.OpenAsync(Directory.CreateTempSubdirectory("archive-test-").FullName, quiet: TimeSpan.FromHours(1));
        await archive.Committer.StartAsync(Token);
        Dictionary<DicomUid, byte[]> acknowledged = [];
        for (int i = 1; i <= 40; i++)
        {
            byte[] content = RandomNumberGenerator.GetBytes(i % 8 == 0 ? FileStagedObject.MaximumInMemory * 2 : 5000);
            InstanceIdentity identity = TestArchive.Identity(instance: string.Create(CultureInfo.InvariantCulture, $"1.2.1.1.{i}"));
            Assert.Equal(IngestOutcome.Stored, (await archive.IngestAsync(identity, content)).Outcome);
            acknowledged.Add(identity.SopInstance, content);
        }

        string after = Directory.CreateTempSubdirectory("archive-test-").FullName;
        foreach (string folder in new[] { "journal", "index", "staging" })
        {
            // Another process copies them: opening a segment here would ask for its lock.
            using Process copying = Process.Start("cp", ["-r", Path.Combine(archive.Options.DataFolder, folder), after]);
            await copying.WaitForExitAsync(Token);
        }

        await using TestArchive next = await TestArchive.OpenAsync(after);
        foreach ((DicomUid instance, byte[] content) in acknowledged)
        {
            InstanceRow row = (await next.Studies.FindInstanceAsync(instance, Token))!;
            await using Stream stream = await next.Store.OpenReadAsync(row.File, Token);
            byte[] bytes = new byte[content.Length];
            await stream.ReadExactlyAsync(bytes, Token);
            Assert.Equal(content, bytes);
        }

        Assert.Empty(Directory.EnumerateFiles(next.StagingFolder));
    }
}
