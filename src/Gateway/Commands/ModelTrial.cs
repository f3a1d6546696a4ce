using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Findings;
using MedicalAi.InferenceEngine;

namespace MedicalAi.Gateway;

/// <summary>Runs one model on files: in an archive of its own, which is removed at the end.</summary>
internal sealed class ModelTrial(GatewayOptions options, string modelName)
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs the model.</summary>
    /// <returns>The tasks, with their findings or the reason of their failure.</returns>
    /// <exception cref="CommandFailedException">There is no such model, or it takes none of the files.</exception>
    public async Task<IReadOnlyList<TaskResource>> RunAsync(IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        ModelRepository models = ModelRepository.Load(options.ModelsFolder);
        if (!models.Models.Any(model => model.Manifest.Name == modelName))
        {
            throw new CommandFailedException($"There is no model '{modelName}' in {options.ModelsFolder}; see: gateway models list");
        }

        string folder = Directory.CreateTempSubdirectory("gateway-trial-").FullName;
        try
        {
            HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
            builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
            builder.Services.AddArchive(new ArchiveOptions { DataFolder = folder, MaximumAttempts = 1, StudyStability = TimeSpan.FromDays(1) });
            builder.Services.AddInferenceEngine(new InferenceOptions { ModelsFolder = options.ModelsFolder, Accelerator = options.Accelerator });
            using IHost host = builder.Build();
            await host.StartAsync(cancellationToken);
            try
            {
                return await RunAsync(host.Services, files, cancellationToken);
            }
            finally
            {
                await host.StopAsync(CancellationToken.None);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<IReadOnlyList<TaskResource>> RunAsync(IServiceProvider services, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        HashSet<DicomUid> studies = await IngestAsync(services.GetRequiredService<IngestService>(), files, cancellationToken);
        IStudyIndex index = services.GetRequiredService<IStudyIndex>();
        ITaskIndex tasks = services.GetRequiredService<ITaskIndex>();
        ModelPlanner planner = services.GetRequiredService<ModelPlanner>();
        List<string> reasons = [];
        foreach (DicomUid study in studies)
        {
            StudySnapshot snapshot = await index.ReadSnapshotAsync(study, cancellationToken) ?? throw new InvalidOperationException("A study that was stored is not there.");
            reasons.AddRange(planner.Explain(snapshot).Where(one => one.Model.Manifest.Name == modelName && one.Reason is not null).Select(one => one.Reason!));
            await tasks.AddTasksAsync(study, snapshot.Revision, [.. planner.Plan(snapshot).Where(task => task.Model == modelName)], cancellationToken);
        }

        while (true)
        {
            IReadOnlyList<InferenceTask> all = await tasks.ListTasksAsync(new TaskQuery { Limit = 1000 }, cancellationToken);
            if (all.Count == 0)
            {
                throw new CommandFailedException($"{modelName} takes none of these files: {string.Join("; ", reasons.Distinct().DefaultIfEmpty("no image of its kind is among them"))}");
            }

            if (all.All(task => task.HasFindings || task.Status is InferenceTaskStatus.Failed or InferenceTaskStatus.Cancelled))
            {
                List<TaskResource> done = [];
                foreach (InferenceTask task in all.Reverse())
                {
                    FindingsResource? findings = await tasks.ReadFindingsAsync(task.Id, cancellationToken) is { } saved ? FindingsResource.From(StudyFindings.Parse(saved).Value) : null;
                    done.Add(TaskResource.From(task) with { Findings = findings });
                }

                return done;
            }

            await Task.Delay(s_poll, cancellationToken);
        }
    }

    private static async Task<HashSet<DicomUid>> IngestAsync(IngestService ingest, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        HashSet<DicomUid> studies = [];
        foreach (string file in files)
        {
            await using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
            IngestResult result = await ingest.IngestPart10Async(stream, new UploadOrigin(UploadOrigin.Import), InstanceExpectation.None, cancellationToken);
            if (result is { IsSuccess: true, Identity: { } identity })
            {
                studies.Add(identity.Study);
            }
            else
            {
                await Console.Error.WriteLineAsync($"{file}: {result.Message}");
            }
        }

        return studies.Count > 0 ? studies : throw new CommandFailedException("None of the files could be read.");
    }
}
