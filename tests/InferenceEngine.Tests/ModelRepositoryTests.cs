using System.Text.Json.Nodes;
using MedicalAi.Testing;

namespace MedicalAi.InferenceEngine.Tests;

public sealed class ModelRepositoryTests
{
    [Fact]
    public void The_bundled_models_have_no_problem()
    {
        ModelRepository repository = ModelRepository.Load(Path.Combine(TestData.Root, "models"));

        Assert.Empty(repository.Problems);
        Assert.Equal(["meshnet_model5_gw_ae", "pneumonia_cxr"], repository.Models.Select(model => model.Manifest.Name));
    }

    [Theory]
    [InlineData("\"kind\": \"image\"", "\"kind\": \"picture\"", "$.input.kind")]
    [InlineData("\"step\": \"crop\"", "\"step\": \"fold\"", "$.input.steps[3]")]
    [InlineData("\"rows\": 28", "\"rows\": 0", "$.input.steps[4]")]
    [InlineData("\"each\": \"instance\"", "\"each\": \"series\"", "$.select.each")]
    [InlineData("\"attribute\": \"Modality\"", "\"attribute\": \"Modulity\"", "$.select.attributes[0].attribute")]
    [InlineData("\"threshold\": 0.4271", "\"threshold\": 1.5", "$.output.classifications[0].threshold")]
    [InlineData("\"peakMemoryMiB\": 64", "\"peakMemory\": 64", "$.peakMemory")]
    [InlineData("\"1.2.840.10008.5.1.4.1.1.1\"", "\"1.2.840.10008.1.1\"", "$.select.sopClasses[0]")]
    [InlineData("\"version\": \"1.0.0\",", "", "$")]
    [InlineData("\"name\": \"pneumonia_cxr\"", "\"name\": \"other\"", "$.name")]
    [InlineData("\"title\"", "\"title", "$")]
    [InlineData("\"step\": \"crop\"", "", "$.input.steps[3]")]
    [InlineData("{ \"step\": \"crop\" }", "null", "$.input.steps[3]")]
    [InlineData("\"factor\": 0.00392156862745098", "\"factor\": 1e300", "$.input.steps[5]")]
    public void A_mistake_in_a_manifest_is_told_with_its_place(string right, string wrong, string path)
    {
        using TempFolder folder = new();
        string model = Copy(folder);
        string manifest = Path.Combine(model, "model.json");
        string text = File.ReadAllText(manifest);
        Assert.Contains(right, text, StringComparison.Ordinal);
        File.WriteAllText(manifest, text.Replace(right, wrong, StringComparison.Ordinal));

        ModelRepository repository = ModelRepository.Load(folder.Path);

        Assert.Empty(repository.Models);
        Assert.Contains(repository.Problems, problem => problem.Path.StartsWith(path, StringComparison.Ordinal) && problem.Message.Length > 10 && problem.File == manifest);
    }

    [Fact]
    public void A_file_that_is_not_the_one_of_the_manifest_is_told()
    {
        using TempFolder folder = new();
        string model = Copy(folder);
        File.AppendAllText(Path.Combine(model, "model.onnx"), "x");

        Assert.Contains("SHA-256", Assert.Single(ModelRepository.Load(folder.Path).Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_told() =>
        Assert.Contains("does not exist", Assert.Single(ModelRepository.Load("/nowhere/at/all").Problems).Message, StringComparison.Ordinal);

    private static string Copy(TempFolder folder)
    {
        string target = Directory.CreateDirectory(folder.File("pneumonia_cxr")).FullName;
        foreach (string name in (string[])["model.json", "model.onnx"])
        {
            File.Copy(Path.Combine(TestData.Root, "models", "pneumonia_cxr", name), Path.Combine(target, name));
        }

        return target;
    }

    [Fact]
    public void The_bundled_models_can_be_run() => Assert.Empty(ModelVerifier.Verify(ModelRepository.Load(EngineHost.BundledModels), TestContext.Current.CancellationToken));

    [Theory]
    [InlineData("no model at all", "cannot be loaded")]
    [InlineData("input", "has the inputs image, not the one of its manifest")]
    [InlineData("output", "has the outputs probability, not the one of its manifest")]
    [InlineData("index", "fewer than its manifest names")]
    [InlineData("volume", "takes a tensor of rank 5")]
    public void A_model_that_is_not_what_its_manifest_says_is_told(string flaw, string expected)
    {
        using TempFolder folder = new();
        byte[]? onnx = flaw switch { "no model at all" => [1, 2, 3], "volume" => OnnxFile.Threshold(1), _ => null };
        ModelFolder.Add(folder, "flawed", like: "pneumonia_cxr", onnx, manifest =>
        {
            switch (flaw)
            {
                case "input":
                    manifest["input"]!["name"] = "picture";
                    break;
                case "output":
                    manifest["output"]!["name"] = "likelihood";
                    break;
                case "index":
                    manifest["output"]!["classifications"]![0]!["index"] = 1;
                    break;
                case "volume":
                    manifest["input"]!["name"] = "volume";
                    manifest["output"]!["name"] = "labels";
                    break;
            }
        });
        ModelRepository repository = ModelRepository.Load(folder.Path);
        Assert.Empty(repository.Problems);

        Assert.Contains(expected, Assert.Single(ModelVerifier.Verify(repository, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pneumonia_cxr")]
    [InlineData("meshnet_model5_gw_ae")]
    public void Whatever_stands_in_a_manifest_is_a_model_or_a_problem(string name)
    {
        using TempFolder folder = new();
        ModelFolder.Add(folder, name, like: name);
        string path = folder.File($"{name}/model.json");
        string text = File.ReadAllText(path);
        int places = Places(JsonNode.Parse(text)!).Count();
        Assert.True(places > 40);
        for (int place = 0; place < places; place++)
        {
            foreach (string other in (string[])["null", "1", "-1", "1e300", "\"\"", "\"x\"", "[]", "[null]", "{}", "true"])
            {
                JsonNode manifest = JsonNode.Parse(text)!;
                Places(manifest).ElementAt(place)(JsonNode.Parse(other));
                File.WriteAllText(path, manifest.ToJsonString());

                ModelRepository repository = ModelRepository.Load(folder.Path);

                Assert.True(repository.Models.Count == 1 ? repository.Problems.Count == 0 : repository.Problems.Count > 0, manifest.ToJsonString());
            }
        }
    }

    /// <summary>Each place of a JSON value, as what puts another value there.</summary>
    private static IEnumerable<Action<JsonNode?>> Places(JsonNode node)
    {
        IEnumerable<(JsonNode? Child, Action<JsonNode?> Put)> children = node switch
        {
            JsonObject members => [.. members.Select(member => (member.Value, (Action<JsonNode?>)(other => members[member.Key] = other)))],
            JsonArray items => [.. items.Select((item, i) => (item, (Action<JsonNode?>)(other => items[i] = other)))],
            _ => [],
        };
        foreach ((JsonNode? child, Action<JsonNode?> put) in children)
        {
            yield return put;
            foreach (Action<JsonNode?> inner in child is null ? [] : Places(child))
            {
                yield return inner;
            }
        }
    }
}
