using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using MedicalAi.Testing;

namespace MedicalAi.Gateway.Tests;

/// <summary>The demonstration as a user runs it.</summary>
public sealed class DemoTests
{
    [Fact(Timeout = 5 * 60 * 1000)]
    public async Task The_samples_are_sent_and_every_URL_of_their_results_answers_until_the_user_ends_it()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        using TempFolder folder = new();
        ProcessStartInfo start = new(CommandLineTests.Executable, ["serve", "--demo", "--data", folder.Path, "--http", "127.0.0.1:0", "--dicom", "127.0.0.1:0", "--stability", "1"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        try
        {
            List<string> lines = [];
            while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                lines.Add(line);
                if (line.Contains("goes on serving", StringComparison.Ordinal))
                {
                    break;
                }
            }

            string output = string.Join('\n', lines);
            Assert.Contains("260 of 260 instances stored", output, StringComparison.Ordinal);
            Assert.Contains("Pneumonia: present, probability 99.7 %", output, StringComparison.Ordinal);
            Assert.Matches(@"Volume of White matter: 518\.\d+ mL", output);
            string[] urls = [.. Regex.Matches(output, @"http://\S+/(dicomweb|fhir)/\S+").Select(match => match.Value)];
            Assert.Equal(5, urls.Count(url => url.Contains("/fhir/DiagnosticReport/", StringComparison.Ordinal)));
            Assert.Equal(6, urls.Count(url => url.Contains("/instances/", StringComparison.Ordinal)));
            using HttpClient http = new();
            foreach (string url in urls)
            {
                using HttpResponseMessage response = await http.GetAsync(url, cancellationToken);
                Assert.True(response.StatusCode == HttpStatusCode.OK, $"{url}: {response.StatusCode}");
            }

            await ExternalTool.RunAsync("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)], cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            Assert.Equal(0, process.ExitCode);
            Assert.Empty(await process.StandardError.ReadToEndAsync(cancellationToken));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
    }
}
