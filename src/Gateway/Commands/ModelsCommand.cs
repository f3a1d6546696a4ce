using System.CommandLine;
using System.Text.Json;
using MedicalAi.InferenceEngine;

namespace MedicalAi.Gateway;

/// <summary><c>gateway models list | verify | run NAME PATH…</c></summary>
internal static class ModelsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create() => new("models", "Shows, checks and runs the models.") { List(), Verify(), Run() };

    private static Command List()
    {
        Command command = new("list", "Lists the models that can be run.");
        SettingFlags settings = SettingFlags.AddTo(command, "Models");
        command.SetAction(parsed =>
        {
            ModelRepository repository = ModelRepository.Load(settings.Read(parsed).ModelsFolder);
            foreach (ModelManifest manifest in repository.Models.Select(model => model.Manifest))
            {
                Console.WriteLine($"{manifest.Name} {manifest.Version}: {manifest.Title} ({manifest.Manufacturer})");
            }

            if (repository.Problems.Count > 0)
            {
                Console.Error.WriteLine($"{repository.Problems.Count} problems were found; see: gateway models verify");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command Verify()
    {
        Command command = new("verify", "Checks the manifests and files of the models, tries them out and says what is wrong.");
        SettingFlags settings = SettingFlags.AddTo(command, "Models");
        command.SetAction((parsed, cancellationToken) =>
        {
            ModelRepository repository = ModelRepository.Load(settings.Read(parsed).ModelsFolder);
            IReadOnlyList<ModelProblem> problems = ModelVerifier.Verify(repository, cancellationToken);
            foreach (ModelProblem problem in problems)
            {
                Console.Error.WriteLine(problem);
            }

            Console.WriteLine($"{repository.Models.Count} models were read, {problems.Count} problems");
            return Task.FromResult(problems.Count == 0 ? ExitCode.Done : ExitCode.Failed);
        });
        return command;
    }

    private static Command Run()
    {
        Argument<string> name = new("NAME") { Description = "the model" };
        Argument<string[]> paths = new("PATH") { Description = "DICOM files of studies, ZIP files or folders of them", Arity = ArgumentArity.OneOrMore };
        SendCommand.RejectOptions(paths);
        Option<bool> json = new("--json") { Description = "the findings as JSON" };
        Command command = new("run", "Runs a model on files and shows what it finds; nothing is kept.") { name, paths, json };
        SettingFlags settings = SettingFlags.AddTo(command, "Models", "Accelerator");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ModelTrial trial = new(settings.Read(parsed), parsed.GetRequiredValue(name));
            using InputFiles input = await InputFiles.FindAsync(parsed.GetRequiredValue(paths), cancellationToken);
            IReadOnlyList<TaskResource> tasks = await trial.RunAsync(input.Files, cancellationToken);
            if (parsed.GetValue(json))
            {
                await Console.Out.WriteLineAsync(JsonSerializer.Serialize(tasks, ApiJson.Default.IReadOnlyListTaskResource));
            }
            else
            {
                foreach (TaskResource task in tasks)
                {
                    await Console.Out.WriteLineAsync($"{task.Model} {task.ModelVersion} on {task.NumberOfInputs} instances of study {task.Study}");
                    FindingsText.Write(task, Console.Out);
                }
            }

            return tasks.Any(task => task.Findings is null) ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }
}
