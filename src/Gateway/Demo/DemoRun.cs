using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Findings;

namespace MedicalAi.Gateway;

/// <summary>The demonstration: sends the sample studies to the gateway itself by C-STORE, waits for their results, says where they are.</summary>
internal sealed class DemoRun(GatewayHost host, GatewayOptions options)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(250);
    private static readonly DicomReadOptions s_identity = DicomReadOptions.Header with { StopTag = DicomTags.SeriesInstanceUID };

    private readonly ITaskIndex _tasks = host.App.Services.GetRequiredService<ITaskIndex>();
    private readonly IStudyIndex _studies = host.App.Services.GetRequiredService<IStudyIndex>();
    private readonly IReportIndex _reports = host.App.Services.GetRequiredService<IReportIndex>();

    /// <summary>The folder of the samples.</summary>
    private static string Samples => Path.Combine(AppContext.BaseDirectory, "samples");

    /// <summary>Runs; what goes wrong is said, and the gateway goes on serving.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            using InputFiles input = await InputFiles.FindAsync([Samples], stopping, isQuiet: true);
            IReadOnlyList<string> files = input.Files;
            Dictionary<DicomUid, string> studies = await NameStudiesAsync(files, stopping);
            EndpointAddress dicom = host.DicomEndpoint ?? throw new CommandFailedException("The demonstration needs the role dicom.");
            AeTitle caller = options.Callers is [{ } known, ..] ? known : AeTitle.Parse("DEMO");
            DicomClientOptions client = new() { Host = dicom.Address.ToString(), Port = dicom.Port, CalledAe = options.AeTitle, CallingAe = caller };
            await FileSending.SendAsync(client, $"Sending {studies.Count} sample studies to {options.AeTitle}@{dicom}", files, stopping);
            await WaitAsync([.. studies.Keys], stopping);
            foreach ((DicomUid study, string name) in studies.OrderBy(pair => pair.Value, StringComparer.Ordinal))
            {
                await ShowAsync(study, name, stopping);
            }

            await Console.Out.WriteLineAsync($"\nPreliminary results of algorithms on invented patients. The gateway goes on serving at {host.HttpUrl}/ ; Ctrl+C ends it.");
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Ended by the user.
        }
        catch (Exception e) when (e is CommandFailedException or IOException or UnauthorizedAccessException or InvalidDataException or ArchiveUnavailableException)
        {
            await Console.Error.WriteLineAsync($"The demonstration ended early: {e.Message}");
        }
    }

    private static async Task<Dictionary<DicomUid, string>> NameStudiesAsync(IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        Dictionary<DicomUid, string> studies = [];
        foreach (string file in files)
        {
            DicomDataSet header = (await DicomFile.ReadAsync(file, s_identity, cancellationToken)).Value.DataSet;
            if (header.GetUid(DicomTags.StudyInstanceUID) is { } study)
            {
                studies.TryAdd(study, header.GetString(DicomTags.StudyDescription) ?? header.GetString(DicomTags.SeriesDescription) ?? header.GetString(DicomTags.Modality) ?? "study");
            }
        }

        return studies;
    }

    private static bool HasEnded(InferenceTask task) => task.Status is InferenceTaskStatus.Completed or InferenceTaskStatus.Failed or InferenceTaskStatus.Cancelled;

    private async Task WaitAsync(DicomUid[] studies, CancellationToken stopping)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(s_limit);
        try
        {
            await WorkProgress.RunAsync("Waiting for the results", studies.Length, async report =>
            {
                int done;
                do
                {
                    await Task.Delay(s_poll, limit.Token);
                    bool pending = await _studies.FindNextStableTimeAsync(limit.Token) is not null;
                    done = 0;
                    foreach (DicomUid study in studies)
                    {
                        IReadOnlyList<InferenceTask> tasks = await _tasks.ListTasksAsync(new TaskQuery { Study = study }, limit.Token);
                        done += (tasks.Count > 0 || !pending) && tasks.All(HasEnded) ? 1 : 0;
                    }

                    report(done);
                }
                while (done < studies.Length);
            });
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"Not all results are there after {s_limit.TotalMinutes:0} minutes; /api/tasks tells how far they are.");
        }
    }

    private async Task ShowAsync(DicomUid study, string name, CancellationToken cancellationToken)
    {
        TextWriter output = Console.Out;
        string url = host.HttpUrl;
        await output.WriteLineAsync($"\n{name}");
        await output.WriteLineAsync($"  study       {url}/dicomweb/studies?StudyInstanceUID={study}");
        await output.WriteLineAsync($"  metadata    {url}/dicomweb/studies/{study}/metadata");
        IReadOnlyList<InferenceTask> tasks = await _tasks.ListTasksAsync(new TaskQuery { Study = study }, cancellationToken);
        if (tasks.Count == 0)
        {
            await output.WriteLineAsync("  no model takes this study");
        }

        foreach (InferenceTask task in tasks)
        {
            FindingsResource? findings = await _tasks.ReadFindingsAsync(task.Id, cancellationToken) is { } saved && StudyFindings.Parse(saved) is { Ok: true, Value: var read } ? FindingsResource.From(read) : null;
            double seconds = task is { StartedAt: { } started, CompletedAt: { } completed } ? (completed - started).TotalSeconds : 0;
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  model       {task.Model} {task.ModelVersion}: {task.Status.ToString().ToLowerInvariant()}{(seconds > 0 ? $" in {seconds:0.0} s" : "")}"));
            FindingsText.Write(TaskResource.From(task) with { Findings = findings }, output);
            if (await _reports.FindReportAsync(task.Id, cancellationToken) is { } row)
            {
                ReportResource report = await ReportResource.ReadAsync(row, _studies, cancellationToken);
                await output.WriteLineAsync($"  SR          {url}{report.StructuredReport}");
                await output.WriteLineAsync(report.Segmentation is null ? "  SEG         none (the model makes none)" : $"  SEG         {url}{report.Segmentation}");
                await output.WriteLineAsync($"  FHIR report {url}{report.DiagnosticReport}");
            }
        }
    }
}
