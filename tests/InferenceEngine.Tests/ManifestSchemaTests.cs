using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MedicalAi.Findings;
using MedicalAi.Testing;

namespace MedicalAi.InferenceEngine.Tests;

/// <summary>The schema that people and editors read says the same as the code that reads manifests.</summary>
public sealed class ManifestSchemaTests
{
    private static readonly JsonObject s_schema = JsonNode.Parse(File.ReadAllText(Path.Combine(TestData.Root, "models", "model.schema.json")))!.AsObject();

    [Fact]
    public void Each_member_of_a_manifest_stands_in_the_schema_and_no_other()
    {
        List<string> differences = [];
        Compare(typeof(ModelManifest), s_schema, "$", differences);

        Assert.Empty(differences);
    }

    [Fact]
    public void Each_step_stands_in_the_schema_and_no_other()
    {
        Dictionary<string, Type> steps = typeof(PreprocessingStep).GetCustomAttributes<JsonDerivedTypeAttribute>().ToDictionary(step => (string)step.TypeDiscriminator!, step => step.DerivedType);
        string[] named = [.. s_schema["$defs"]!["step"]!["oneOf"]!.AsArray().Select(option => option!["$ref"]!.GetValue<string>()["#/$defs/".Length..])];
        List<string> differences = [];
        foreach (string name in named)
        {
            JsonObject step = s_schema["$defs"]![name]!.AsObject();
            Assert.Equal(name, step["properties"]!["step"]!["const"]!.GetValue<string>());
            Compare(steps[name], step, name, differences, "step");
        }

        Assert.Equal(steps.Keys.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
        Assert.Empty(differences);
    }

    private static void Compare(Type type, JsonObject schema, string path, List<string> differences, params string[] besides)
    {
        Assert.False(schema["additionalProperties"]!.GetValue<bool>(), path);
        string[] required = schema["required"] is JsonArray names ? [.. names.Select(name => name!.GetValue<string>())] : [];
        JsonObject described = schema["properties"]!.AsObject();
        PropertyInfo[] members = [.. type.GetProperties().Where(property => property.CanWrite)];
        string[] inCode = [.. members.Select(Name).Concat(besides).Order(StringComparer.Ordinal)];
        string[] inSchema = [.. described.Select(member => member.Key).Order(StringComparer.Ordinal)];
        if (!inCode.SequenceEqual(inSchema))
        {
            differences.Add($"{path}: {string.Join(", ", inCode.Except(inSchema).Concat(inSchema.Except(inCode)))}");
        }

        foreach (PropertyInfo member in members.Where(member => described.ContainsKey(Name(member))))
        {
            string name = Name(member);
            bool isRequired = member.GetCustomAttribute<System.Runtime.CompilerServices.RequiredMemberAttribute>() is not null;
            if (isRequired != required.Contains(name))
            {
                differences.Add($"{path}.{name}: required {isRequired} in the code");
            }

            JsonObject schemaOfMember = described[name]!.AsObject();
            Type of = member.PropertyType;
            if (of.IsGenericType && typeof(IEnumerable).IsAssignableFrom(of))
            {
                of = of.GetGenericArguments()[0];
                schemaOfMember = schemaOfMember["items"]!.AsObject();
            }

            of = Nullable.GetUnderlyingType(of) ?? of;
            if (of.IsEnum)
            {
                string[] values = [.. Enum.GetNames(of).Select(value => of.GetField(value)!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(value))];
                Assert.Equal(values, schemaOfMember["enum"]!.AsArray().Select(value => value!.GetValue<string>()));
            }
            else if (of.Namespace == typeof(ModelManifest).Namespace && of != typeof(PreprocessingStep))
            {
                Compare(of, schemaOfMember, $"{path}.{name}", differences);
            }
            else if (of == typeof(CodedConcept))
            {
                Assert.Equal("#/$defs/code", schemaOfMember["$ref"]!.GetValue<string>());
            }
        }
    }

    private static string Name(PropertyInfo member) => member.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(member.Name);
}
