using System.Globalization;
using MedicalAi.Dicom.Network;

namespace MedicalAi.Gateway;

/// <summary>Sends files by C-STORE and tells people how it went.</summary>
internal static class FileSending
{
    /// <summary>Sends files.</summary>
    /// <returns>How many the peer has not stored.</returns>
    public static async Task<int> SendAsync(DicomClientOptions options, string title, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        List<SentFile> failed = [];
        long bytes = 0;
        long begin = Environment.TickCount64;
        await WorkProgress.RunAsync(title, files.Count, async report =>
        {
            int done = 0;
            await foreach (SentFile sent in new DicomSender(options).SendAsync(files, cancellationToken))
            {
                report(++done);
                if (sent.IsStored)
                {
                    bytes += sent.Length;
                }
                else
                {
                    failed.Add(sent);
                }
            }
        });
        foreach (SentFile sent in failed)
        {
            await Console.Error.WriteLineAsync($"{sent.Path}: {sent.Error}");
        }

        double seconds = Math.Max(0.001, (Environment.TickCount64 - begin) / 1000.0);
        await Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{files.Count - failed.Count} of {files.Count} instances stored, {bytes / 1e6:0.0} MB in {seconds:0.0} s{(failed.Count > 0 ? $"; {failed.Count} failed" : "")}"));
        return failed.Count;
    }
}
