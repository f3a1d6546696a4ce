using System.Diagnostics;
using MedicalAi.Dicom;

namespace MedicalAi.DicomReports.Tests;

/// <summary>Programs of others that judge what we write: dicom3tools, dcmtk, pydicom (Debian packages that <c>./test</c> installs).</summary>
internal sealed class OutsideTools : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("reports-test-");

    public string Write(string name, DicomDataSet dataSet) => Write(name, DicomFile.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian));

    public string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public static async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        Task<string> output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>The lines in which dciodvfy, and the errors in which our own validator, finds fault.</summary>
    public static async Task<string[]> FindFaultsAsync(string path)
    {
        (int _, string output) = await RunAsync("dciodvfy", path);
        return
        [
            .. output.Split('\n').Where(line => line.Contains("Error", StringComparison.Ordinal) || line.Contains("Warning", StringComparison.Ordinal)),
            .. DicomValidator.CheckFile(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken))
                .Where(finding => finding.Severity == DicomSeverity.Error).Select(finding => finding.ToString()),
        ];
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
