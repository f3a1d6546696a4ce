using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MedicalAi.Testing;

namespace MedicalAi.DicomScp.Tests;

/// <summary>The schema that people and editors read says the same as the code that reads the registry.</summary>
public sealed class RegistrySchemaTests
{
    private static readonly JsonObject s_schema = JsonNode.Parse(File.ReadAllText(Path.Combine(TestData.Root, "docs", "aes.schema.json")))!.AsObject();

    [Fact]
    public void Each_member_of_the_file_stands_in_the_schema_and_no_other()
    {
        List<string> differences = [];
        Compare(typeof(RegistryFile), s_schema, "$", differences);
        Assert.Empty(differences);
    }

    [Fact]
    public void The_example_of_the_documentation_is_valid()
    {
        string documentation = File.ReadAllText(Path.Combine(TestData.Root, "docs", "operations.md"));
        string[] lines = [.. documentation[documentation.IndexOf("## Application entities", StringComparison.Ordinal)..].Split('\n').SkipWhile(line => line != "    {")];
        JsonObject example = JsonNode.Parse(string.Join('\n', lines.TakeWhile(line => line.StartsWith("    ", StringComparison.Ordinal))))!.AsObject();
        foreach (JsonNode? entity in example["entities"]!.AsArray())
        {
            entity!.AsObject().Remove("tls"); // Files that are not here.
        }

        (_, IReadOnlyList<AeRegistryProblem> problems) = AeRegistryReader.Read(JsonSerializer.SerializeToUtf8Bytes<JsonNode>(example), new AeRegistryContext("/", null, MayBeOpen: true));
        Assert.Empty(problems);
    }

    private static void Compare(Type type, JsonObject schema, string path, List<string> differences)
    {
        Assert.False(schema["additionalProperties"]!.GetValue<bool>(), path);
        string[] required = schema["required"] is JsonArray names ? [.. names.Select(name => name!.GetValue<string>())] : [];
        JsonObject described = schema["properties"]!.AsObject();
        PropertyInfo[] members = [.. type.GetProperties().Where(property => property.CanWrite)];
        string[] inCode = [.. members.Select(Name).Order(StringComparer.Ordinal)];
        string[] inSchema = [.. described.Select(member => member.Key).Order(StringComparer.Ordinal)];
        if (!inCode.SequenceEqual(inSchema))
        {
            differences.Add($"{path}: {string.Join(", ", inCode.Except(inSchema).Concat(inSchema.Except(inCode)))}");
        }

        foreach (PropertyInfo member in members.Where(member => described.ContainsKey(Name(member))))
        {
            string name = Name(member);
            bool isRequired = member.GetCustomAttribute<RequiredMemberAttribute>() is not null;
            if (isRequired != required.Contains(name))
            {
                differences.Add($"{path}.{name}: required {isRequired} in the code");
            }

            JsonObject of = Resolve(described[name]!);
            Type one = member.PropertyType;
            if (one.IsGenericType && typeof(IEnumerable).IsAssignableFrom(one))
            {
                one = one.GetGenericArguments()[^1];
                of = Resolve(of["items"] ?? of["additionalProperties"]!);
            }

            one = Nullable.GetUnderlyingType(one) ?? one;
            if (one.IsEnum)
            {
                Assert.Equal(Enum.GetNames(one).Select(JsonNamingPolicy.CamelCase.ConvertName), of["enum"]!.AsArray().Select(value => value!.GetValue<string>()));
            }
            else if (one.Namespace == typeof(RegistryFile).Namespace && one != typeof(OneOrMore))
            {
                Compare(one, of, $"{path}.{name}", differences);
            }
        }
    }

    private static JsonObject Resolve(JsonNode schema) =>
        schema["$ref"] is { } reference ? s_schema["$defs"]![reference.GetValue<string>()["#/$defs/".Length..]]!.AsObject() : schema.AsObject();

    private static string Name(PropertyInfo member) => member.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(member.Name);
}
