using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using MedicalAi.Dicom;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MedicalAi.Archive.Tests;

/// <summary>A gateway's archive in a process of its own, which takes instances as fast as it can until it is killed.</summary>
internal static class CrashingProcess
{
    public const string Argument = "ingest-until-killed";

    /// <summary>The archive of both processes: its tasks are named by what the study holds.</summary>
    public static IHost Build(string folder)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging();
        builder.Services.AddSingleton<TaskSelector>(study => [new NewTask("model", "1", Digest(study), [])]);
        builder.Services.AddArchive(new ArchiveOptions { DataFolder = folder, StudyStability = TimeSpan.FromMilliseconds(30) });
        return builder.Build();
    }

    public static string Digest(StudySnapshot study)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (InstanceSnapshot instance in study.Series.SelectMany(series => series.Instances))
        {
            hash.AppendData(instance.Digest.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Starts the process; its lines are <c>SOP Instance UID</c> and digest of what was acknowledged.</summary>
    public static Process Start(string folder, string name)
    {
        string self = Environment.ProcessPath!;
        ProcessStartInfo start = new(self) { RedirectStandardOutput = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
        {
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        }

        start.ArgumentList.Add(Argument);
        start.ArgumentList.Add(folder);
        start.ArgumentList.Add(name);
        return Process.Start(start)!;
    }

    public static async Task<int> RunAsync(string folder, string name)
    {
        using IHost host = Build(folder);
        await host.StartAsync();
        IngestService ingest = host.Services.GetRequiredService<IngestService>();
        await Task.WhenAll(Enumerable.Range(1, 6).Select(sender => Task.Run(() => SendAsync(ingest, name, sender))));
        return 0;
    }

    private static async Task SendAsync(IngestService ingest, string name, int sender)
    {
        for (int n = 1; ; n++)
        {
            InstanceIdentity identity = TestArchive.Identity($"1.2.{name}.{n / 10}", $"1.2.{name}.{n / 10}.{sender}", $"1.2.{name}.{sender}.{n}");
            DicomDataSet image = Samples.Image(identity).SetBytes(DicomTags.PixelData, Vr.OW, RandomNumberGenerator.GetBytes(2 * RandomNumberGenerator.GetInt32(1, 20_000)));
            byte[] digest = SHA256.HashData(DicomDataSetWriter.ToBytes(image, TransferSyntax.ExplicitVrLittleEndian));
            IngestResult result;
            do
            {
                // As a sender does: what could not be taken for want of the index (another process holds it) is sent again.
                result = await ingest.IngestAsync(image, TransferSyntax.ExplicitVrLittleEndian, new UploadOrigin(UploadOrigin.Dimse), CancellationToken.None);
            }
            while (result.Outcome == IngestOutcome.Unavailable);

            if (!result.IsSuccess)
            {
                throw new InvalidOperationException($"{result.Outcome}: {result.Message}");
            }

            await Console.Out.WriteLineAsync($"{identity.SopInstance} {Convert.ToHexString(digest)}");
        }
    }
}
