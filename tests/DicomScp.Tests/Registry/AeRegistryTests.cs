using System.Text;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;

namespace MedicalAi.DicomScp.Tests;

public sealed class AeRegistryTests
{
    [Fact]
    public void An_empty_file_knows_nobody_and_lets_everybody_in()
    {
        AeRegistry registry = Read("{}");
        Assert.Empty(registry.Entities);
        Assert.True(registry.MayCall("ANYBODY", "192.0.2.1"));
        Assert.True(registry.Permits("ANYBODY", DicomUids.CTImageStorage));
    }

    [Fact]
    public void Unknown_callers_are_refused_when_the_file_says_so_and_known_ones_are_let_in()
    {
        AeRegistry registry = Read("""{ "unknownCallers": "refuse", "entities": [{ "aeTitle": "CT1", "permissions": ["store"] }] }""");
        Assert.True(registry.MayCall("CT1", "192.0.2.1"));
        Assert.False(registry.MayCall("ct1", "192.0.2.1"));
        Assert.False(registry.MayCall("OTHER", "192.0.2.1"));
        Assert.False(registry.AcceptsUnknownCallers);
    }

    [Fact]
    public void Callers_of_the_setting_are_let_in_besides_those_of_the_file_and_no_others()
    {
        AeRegistry registry = Read("""{ "entities": [{ "aeTitle": "CT1", "permissions": ["store"] }] }""", callers: ["PACS"]);
        Assert.True(registry.MayCall("CT1", null));
        Assert.True(registry.MayCall("PACS", null));
        Assert.False(registry.MayCall("OTHER", null));
    }

    [Fact]
    public void A_destination_without_permissions_may_call_only_where_unknown_callers_may()
    {
        const string Destination = """ "entities": [{ "aeTitle": "PACS", "host": "pacs.example.org", "port": 104 }] }""";
        Assert.True(Read("{" + Destination).MayCall("PACS", null));
        Assert.False(Read("""{ "unknownCallers": "refuse", """ + Destination).MayCall("PACS", null));
        Assert.False(Read("{" + Destination, callers: ["CT1"]).MayCall("PACS", null));
    }

    [Fact]
    public void An_empty_list_of_permissions_keeps_a_caller_out() =>
        Assert.False(Read("""{ "entities": [{ "aeTitle": "CT1", "permissions": [] }] }""").MayCall("CT1", null));

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("::ffff:10.1.2.3", true)]
    [InlineData("10.1.3.3", false)]
    [InlineData("192.0.2.7", true)]
    [InlineData("192.0.2.8", false)]
    [InlineData("2001:db8::1", true)]
    [InlineData("2001:db9::1", false)]
    [InlineData(null, false)]
    public void A_caller_is_let_in_from_its_addresses_only(string? address, bool isLetIn)
    {
        AeRegistry registry = Read("""{ "entities": [{ "aeTitle": "CT1", "addresses": ["10.1.2.0/24", "192.0.2.7", "2001:db8::/32"] }] }""");
        Assert.Equal(isLetIn, registry.MayCall("CT1", address));
        Assert.True(registry.MayCall("OTHER", address));
    }

    [Theory]
    [InlineData("echo", "1.2.840.10008.1.1")]
    [InlineData("store", "1.2.840.10008.5.1.4.1.1.2")]
    [InlineData("store", "1.2.826.0.1.3680043.2.1143")]
    [InlineData("query", "1.2.840.10008.5.1.4.1.2.2.1")]
    [InlineData("retrieve", "1.2.840.10008.5.1.4.1.2.2.2")]
    [InlineData("retrieve", "1.2.840.10008.5.1.4.1.2.1.3")]
    [InlineData("commitment", "1.2.840.10008.1.20.1")]
    [InlineData("notifications", "1.2.840.10008.3.1.2.3.3")]
    [InlineData("notifications", "1.2.840.10008.5.1.4.33")]
    public void Each_SOP_class_needs_its_permission(string permission, string sopClass)
    {
        string others = string.Join(',', new[] { "echo", "store", "query", "retrieve", "commitment", "notifications" }.Where(name => name != permission).Select(name => $"\"{name}\""));
        AeRegistry registry = Read($$"""{ "entities": [{ "aeTitle": "ONE", "permissions": ["{{permission}}"] }, { "aeTitle": "OTHERS", "permissions": [{{others}}] }, { "aeTitle": "ALL", "permissions": ["all"] }] }""");
        Assert.True(registry.Permits("ONE", new DicomUid(sopClass)));
        Assert.False(registry.Permits("OTHERS", new DicomUid(sopClass)));
        Assert.True(registry.Permits("ALL", new DicomUid(sopClass)));
        Assert.True(registry.Permits("UNKNOWN", new DicomUid(sopClass)));
    }

    [Fact]
    public void A_destination_is_called_as_the_file_says()
    {
        AeRegistry registry = Read("""{ "aliases": ["OLDNAME"], "entities": [{ "aeTitle": " PACS ", "host": "pacs.example.org", "port": 104, "maximumPduLength": 16384, "maximumAssociations": 4 }, { "aeTitle": "CT1" }] }""");
        ApplicationEntity pacs = Assert.IsType<ApplicationEntity>(registry.FindDestination("PACS"));
        DicomClientOptions options = pacs.ToClientOptions(AeTitle.Parse("US"));
        Assert.Equal(("pacs.example.org", 104, "PACS", "US", 16384u), (options.Host, options.Port, options.CalledAe.Value, options.CallingAe.Value, options.MaxPduLength));
        Assert.Null(options.Tls);
        Assert.Equal(4, pacs.MaximumAssociations);
        Assert.Null(registry.FindDestination("CT1"));
        Assert.NotNull(registry.Find("CT1"));
        Assert.True(registry.IsAlias("OLDNAME"));
        Assert.False(registry.IsAlias("CT1"));
    }

    [Theory]
    [InlineData("", 1, "")]
    [InlineData("{ \"entities\": [\n{ \"aeTitle\": \"A\",\n\"prot\": 104 } ] }", 3, "prot")]
    [InlineData("{ \"entities\": [\n{ \"aeTitle\": \"A\",\n\"host\": \"a\", \"port\": \"x\" } ] }", 3, "$.entities[0].port")]
    [InlineData("{ \"entities\": [\n{ \"host\": \"a\", \"port\": 104 } ] }", 2, "aeTitle")]
    [InlineData("{ \"entities\": [\n{ \"aeTitle\": \"A\",\n\"permissions\": [\"cook\"] } ] }", 3, "$.entities[0].permissions")]
    [InlineData("{ \"entities\": [\n{ \"aeTitle\": \"A\", \"aeTitle\": \"B\" } ] }", 2, "aeTitle")]
    [InlineData("{ \"entities\": [\nnull ] }", 2, "$.entities[0]")]
    [InlineData("{ // why\n }", 1, "")]
    [InlineData("{\n\"entities\": null }", 2, "$.entities")]
    [InlineData("[]", 1, "$")]
    [InlineData("{ \"aliases\": [\n\"\",\n\"FAR TOO LONG FOR AN AE TITLE\"] }", 3, "$.aliases[1]")]
    [InlineData("{ \"entities\": [\n{ \"aeTitle\": \"A\",\n\"host\": \"a\" } ] }", 2, "$.entities[0]")]
    [InlineData("{ \"entities\": [\n{ \"aeTitle\": \"A\",\n\"port\": 104 } ] }", 2, "$.entities[0]")]
    [InlineData("{ \"entities\": [\n{ \"aeTitle\": \"A\",\n\"host\": \"a\",\n\"port\": 0 } ] }", 4, "$.entities[0].port")]
    [InlineData("{ \"entities\": [\n{ \"aeTitle\": \"A\",\n\"host\": \"http://a\",\n\"port\": 1 } ] }", 3, "$.entities[0].host")]
    [InlineData("{ \"entities\": [\n{ \"aeTitle\": \"A\",\n\"addresses\": [\"10.0.0.0/24\",\n\"10.0.0.0/33\"] } ] }", 4, "$.entities[0].addresses[1]")]
    [InlineData("{ \"entities\": [\n{ \"aeTitle\": \"A\",\n\"maximumPduLength\": 100 } ] }", 3, "$.entities[0].maximumPduLength")]
    [InlineData("{ \"entities\": [\n{ \"aeTitle\": \"A\",\n\"maximumAssociations\": 0 } ] }", 3, "$.entities[0].maximumAssociations")]
    [InlineData("{ \"entities\": [\n{ \"aeTitle\": \"A\" },\n{ \"aeTitle\": \" A\" } ] }", 3, "$.entities[1].aeTitle")]
    [InlineData("{ \"entities\": [\n{ \"aeTitle\": \"A\",\n\"tls\": {} } ] }", 3, "$.entities[0].tls")]
    [InlineData("{ \"entities\": [\n{ \"aeTitle\": \"A\", \"host\": \"a\", \"port\": 1,\n\"tls\": { \"ca\": \"nowhere.pem\" } } ] }", 3, "$.entities[0].tls")]
    [InlineData("{ \"entities\": [\n{ \"aeTitle\": \"A\", \"host\": \"a\", \"port\": 1,\n\"tls\": { \"ca\": \"a\\u0000b\" } } ] }", 3, "$.entities[0].tls")]
    public void What_is_wrong_is_told_with_its_line_and_place(string json, int line, string place)
    {
        (AeRegistry? registry, IReadOnlyList<AeRegistryProblem> problems) = AeRegistryReader.Read(Encoding.UTF8.GetBytes(json), new AeRegistryContext("/", null, MayBeOpen: true));
        Assert.Null(registry);
        Assert.Contains(problems, problem => problem.Line == line && problem.ToString().Contains(place, StringComparison.Ordinal));
        Assert.All(problems, problem => Assert.DoesNotContain('\n', problem.ToString()));
    }

    [Theory]
    [InlineData(""" "rules": [{ "name": "", "to": ["A"] }] """, "$.rules[0].name")]
    [InlineData(""" "rules": [{ "name": "r", "to": ["A"] }, { "name": "r", "to": ["A"] }] """, "$.rules[1].name")]
    [InlineData(""" "rules": [{ "name": "r" }] """, "to")]
    [InlineData(""" "rules": [{ "name": "r", "to": [] }] """, "$.rules[0].to")]
    [InlineData(""" "rules": [{ "name": "r", "to": ["A", "B"] }] """, "There is no destination B")]
    [InlineData(""" "rules": [{ "name": "r", "to": ["CT1"] }] """, "There is no destination CT1")]
    [InlineData(""" "rules": [null] """, "$.rules[0]")]
    [InlineData(""" "rules": [{ "name": "r", "to": ["A"], "match": { "Modalty": "CT" } }] """, "$.rules[0].match.Modalty")]
    [InlineData(""" "rules": [{ "name": "r", "to": ["A"], "match": { "PixelData": "1" } }] """, "The index cannot match PixelData")]
    [InlineData(""" "rules": [{ "name": "r", "to": ["A"], "match": { "Modality": [] } }] """, "$.rules[0].match")]
    [InlineData(""" "rules": [{ "name": "r", "to": ["A"], "match": { "Modality": [1] } }] """, "$.rules[0].match")]
    [InlineData(""" "rules": [{ "name": "r", "to": ["A"], "match": { "Modality": null } }] """, "$.rules[0].match")]
    [InlineData(""" "rules": [{ "name": "r", "to": ["A"], "callers": ["a\\b"] }] """, "$.rules[0].callers[0]")]
    [InlineData(""" "rules": [{ "name": "r", "to": ["A"], "source": "all" }] """, "$.rules[0].source")]
    [InlineData(""" "rules": [{ "name": "r", "to": ["A"], "when": "never" }] """, "$.rules[0].when")]
    [InlineData(""" "rules": [{ "name": "r", "to": ["A"], "priority": 3 }] """, "$.rules[0].priority")]
    [InlineData(""" "rules": [{ "name": "r", "to": ["A"], "window": { "from": "25:00", "to": "6" } }] """, "$.rules[0].window.to")]
    [InlineData(""" "rules": [{ "name": "r", "to": ["A"], "window": { "from": "22:00", "to": "06:00", "days": [] } }] """, "$.rules[0].window.days")]
    [InlineData(""" "entities": [{ "aeTitle": "B", "sending": {} }] """, "$.entities[0].sending")]
    [InlineData(""" "entities": [{ "aeTitle": "A", "host": "a", "port": 1, "sending": { "associations": 0 } }] """, "$.entities[0].sending.associations")]
    [InlineData(""" "entities": [{ "aeTitle": "A", "host": "a", "port": 1, "sending": { "instancesPerSecond": 0 } }] """, "$.entities[0].sending.instancesPerSecond")]
    [InlineData(""" "entities": [{ "aeTitle": "A", "host": "a", "port": 1, "sending": { "firstRetrySeconds": -1 } }] """, "$.entities[0].sending.firstRetrySeconds")]
    [InlineData(""" "entities": [{ "aeTitle": "A", "host": "a", "port": 1, "sending": { "commitmentHours": 0 } }] """, "$.entities[0].sending.commitmentHours")]
    [InlineData(""" "entities": [{ "aeTitle": "A", "host": "a", "port": 1, "sending": { "operationsWindow": 65 } }] """, "$.entities[0].sending.operationsWindow")]
    public void What_is_wrong_with_forwarding_is_told_with_its_place(string json, string place)
    {
        string entities = json.Contains("entities", StringComparison.Ordinal) ? "" : """ "entities": [{ "aeTitle": "A", "host": "a", "port": 1 }, { "aeTitle": "CT1" }],""";
        AeRegistryContext context = new("/", null, MayBeOpen: true) { CanMatch = tag => tag != DicomTags.PixelData };
        (AeRegistry? registry, IReadOnlyList<AeRegistryProblem> problems) = AeRegistryReader.Read(Encoding.UTF8.GetBytes($"{{{entities}{json}}}"), context);
        Assert.Null(registry);
        Assert.Contains(problems, problem => problem.ToString().Contains(place, StringComparison.Ordinal));
    }

    [Fact]
    public void Rules_and_sending_are_read_with_their_defaults()
    {
        AeRegistry registry = Read(
            """
            { "entities": [{ "aeTitle": "A", "host": "a", "port": 1 }, { "aeTitle": "B", "host": "b", "port": 1, "sending": { "associations": 2, "megabytesPerSecond": 12.5, "operationsWindow": 8, "commitment": true, "commitmentHours": 36, "window": { "from": "22:00", "to": "06:00", "days": ["sat", "sun"] } } }],
              "rules": [{ "name": "r", "to": ["A", "B"] }, { "name": "s", "to": ["B"], "source": "results", "when": "stable", "priority": "stat", "match": { "Modality": ["SR", "SEG"] }, "window": { "from": "08:00", "to": "17:00" } }] }
            """);
        Assert.Equal(new SendingOptions(), registry.FindDestination("A")!.Sending);
        SendingOptions sending = registry.FindDestination("B")!.Sending;
        Assert.Equal((2, 12.5, null), (sending.Associations, sending.MegabytesPerSecond, sending.InstancesPerSecond));
        Assert.Equal((8, true, TimeSpan.FromHours(36)), (sending.OperationsWindow, sending.Commitment, sending.CommitmentTime));
        Assert.Equal([DayOfWeek.Sunday, DayOfWeek.Saturday], sending.Window!.Days.Order());
        Assert.Equal((ForwardSource.Received, ForwardWhen.Arrival, Archive.TaskPriority.Routine, false), (registry.Rules[0].Source, registry.Rules[0].When, registry.Rules[0].Priority, registry.Rules[0].MayReturn));
        Assert.Equal((ForwardSource.Results, ForwardWhen.Stable, Archive.TaskPriority.Stat), (registry.Rules[1].Source, registry.Rules[1].When, registry.Rules[1].Priority));
        Assert.Equal(["SR", "SEG"], Assert.Single(registry.Rules[1].Matches).Values);
        Assert.Equal(7, registry.Rules[1].Window!.Days.Count);
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        (_, IReadOnlyList<AeRegistryProblem> problems) = AeRegistryReader.Read("""{ "entities": [{ "aeTitle": "", "host": "a b", "port": 70000 }] }"""u8, new AeRegistryContext("/", null, MayBeOpen: true));
        Assert.Equal(["$.entities[0].aeTitle", "$.entities[0].host", "$.entities[0].port"], problems.Select(problem => problem.Path));
    }

    [Fact]
    public void Where_DICOM_must_not_be_open_a_file_that_lets_everybody_in_is_refused()
    {
        AeRegistryContext closed = new("/", null, MayBeOpen: false);
        Assert.Contains(AeRegistryReader.Read("{}"u8, closed).Problems, problem => problem.Path == "$.unknownCallers");
        Assert.NotNull(AeRegistryReader.Read("""{ "unknownCallers": "refuse" }"""u8, closed).Registry);
    }

    [Fact]
    public void Files_of_TLS_count_from_the_folder_of_the_registry()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("ca.pem"), "no certificate");
        (_, IReadOnlyList<AeRegistryProblem> problems) = AeRegistryReader.Read("""{ "entities": [{ "aeTitle": "A", "host": "a", "port": 1, "tls": { "ca": "ca.pem" } }] }"""u8, new AeRegistryContext(folder.Path, null, MayBeOpen: true));
        Assert.Contains(folder.File("ca.pem"), Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    private static AeRegistry Read(string json, string[]? callers = null)
    {
        (AeRegistry? registry, IReadOnlyList<AeRegistryProblem> problems) = AeRegistryReader.Read(Encoding.UTF8.GetBytes(json), new AeRegistryContext("/", callers?.Select(AeTitle.Parse).ToArray(), MayBeOpen: true));
        Assert.Empty(problems);
        return registry!;
    }
}
