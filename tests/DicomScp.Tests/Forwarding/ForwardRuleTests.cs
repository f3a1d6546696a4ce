using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Testing;
using static MedicalAi.DicomScp.Tests.ForwardingGateway;

namespace MedicalAi.DicomScp.Tests;

/// <summary>What the rules queue for whom. The destinations are not there, so that all stays queued.</summary>
public sealed class ForwardRuleTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(""" "Modality": "CT" """, "ct")]
    [InlineData(""" "Modality": ["CT", "MR"] """, "ct,mr")]
    [InlineData(""" "BodyPartExamined": "CHEST" """, "ct,cr")]
    [InlineData(""" "Modality": ["CT", "MR"], "BodyPartExamined": ["CHEST", "ABDOMEN"] """, "ct")]
    [InlineData(""" "StudyDescription": "*TRAUMA*" """, "mr")]
    [InlineData(""" "SOPClassUID": "1.2.840.10008.5.1.4.1.1.1" """, "cr")]
    [InlineData(""" "00080016": "1.2.840.10008.5.1.4.1.1.4" """, "mr")]
    [InlineData(""" "PatientName": "secret*" """, "ct,mr,cr")]
    [InlineData(""" "Modality": "US" """, "")]
    [InlineData("", "ct,mr,cr")]
    public async Task A_rule_takes_what_it_matches(string match, string expected)
    {
        await using ForwardingGateway gateway = await StartAsync($$"""{ "name": "r", "to": ["PACS"], "match": { {{match}} } }, { "name": "end", "to": ["OTHER"] }""");
        await StoreThreeAsync(gateway);
        await WaitUntilAsync(async () => (await gateway.ListAsync("OTHER")).Count == 3);
        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(StudyOf).Order(), (await gateway.ListAsync("PACS")).Select(item => item.Study.Value).Order());
    }

    [Fact]
    public async Task A_rule_takes_what_came_from_its_callers()
    {
        await using ForwardingGateway gateway = await StartAsync("""{ "name": "r", "to": ["PACS"], "callers": ["CT1", "MR1"] }, { "name": "end", "to": ["OTHER"] }""");
        await gateway.StoreAsync(1, origin: new UploadOrigin(UploadOrigin.Dimse, "CT1"), study: "1.2.1");
        await gateway.StoreAsync(1, origin: new UploadOrigin(UploadOrigin.Dimse, "CT2"), study: "1.2.2");
        await gateway.StoreAsync(1, origin: new UploadOrigin(UploadOrigin.Stow), study: "1.2.3");
        await gateway.StoreAsync(1, origin: new UploadOrigin(UploadOrigin.Dimse, "MR1"), study: "1.2.4");
        await WaitUntilAsync(async () => (await gateway.ListAsync("OTHER")).Count == 4);
        Assert.Equal(["1.2.1", "1.2.4"], (await gateway.ListAsync("PACS")).Select(item => item.Study.Value).Order());
    }

    [Theory]
    [InlineData("received", "1.2.1,1.2.2")]
    [InlineData("results", "1.2.9")]
    [InlineData("both", "1.2.1,1.2.2,1.2.9")]
    public async Task Our_own_results_go_by_rules_for_results_only(string source, string expected)
    {
        await using ForwardingGateway gateway = await StartAsync($$"""{ "name": "r", "to": ["PACS"], "source": "{{source}}" }, { "name": "end", "to": ["OTHER"], "source": "both" }""");
        await gateway.StoreAsync(1, origin: new UploadOrigin(UploadOrigin.Dimse, "CT1"), study: "1.2.1");
        await gateway.StoreAsync(1, origin: new UploadOrigin(UploadOrigin.Import), study: "1.2.2");
        await gateway.StoreAsync(1, origin: new UploadOrigin(UploadOrigin.Result), study: "1.2.9");
        await WaitUntilAsync(async () => (await gateway.ListAsync("OTHER")).Count == 3);
        Assert.Equal(expected.Split(','), (await gateway.ListAsync("PACS")).Select(item => item.Study.Value).Order());
    }

    [Fact]
    public async Task Nothing_goes_back_to_where_it_came_from_unless_the_rule_says_so()
    {
        await using ForwardingGateway gateway = await StartAsync("""{ "name": "r", "to": ["PACS", "OTHER"] }, { "name": "back", "to": ["BACK"], "mayReturn": true }""");
        await gateway.StoreAsync(1, origin: new UploadOrigin(UploadOrigin.Dimse, "PACS"), study: "1.2.1");
        await gateway.StoreAsync(1, origin: new UploadOrigin(UploadOrigin.Dimse, "BACK"), study: "1.2.2");
        await WaitUntilAsync(async () => (await gateway.ListAsync("BACK")).Count == 2 && (await gateway.ListAsync("OTHER")).Count == 2);
        Assert.Equal(["1.2.2"], (await gateway.ListAsync("PACS")).Select(item => item.Study.Value));
    }

    [Fact]
    public async Task A_study_goes_when_it_is_stable_and_what_comes_later_goes_when_it_is_stable_again()
    {
        await using ForwardingGateway gateway = await StartAsync("""{ "name": "r", "to": ["PACS"], "when": "stable" }, { "name": "end", "to": ["OTHER"] }""", stability: 3);
        await gateway.StoreAsync(2);
        await WaitUntilAsync(async () => (await gateway.ListAsync("OTHER")).Count == 2);
        Assert.Empty(await gateway.ListAsync("PACS"));
        await WaitUntilAsync(async () => (await gateway.ListAsync("PACS")).Count == 2);

        // A sender may hold some of them for a moment, until it has found that nobody is there.
        await WaitUntilAsync(async () => await gateway.Queue.DropAsync("PACS", null, ForwardState.Queued, Token) >= 0 && (await gateway.ListAsync("PACS")).Count == 0);
        await gateway.StoreAsync(1, first: 3);
        await WaitUntilAsync(async () => (await gateway.ListAsync("PACS")).Count > 0);
        Assert.Equal(["1.2.3.1.3"], (await gateway.ListAsync("PACS")).Select(item => item.SopInstance.Value));
    }

    [Fact]
    public async Task An_instance_that_two_rules_send_to_one_destination_goes_once_with_the_higher_priority()
    {
        await using ForwardingGateway gateway = await StartAsync("""{ "name": "slow", "to": ["PACS"], "priority": "low" }, { "name": "fast", "to": ["PACS"], "priority": "stat" }""");
        await gateway.StoreAsync(1);
        await WaitUntilAsync(async () => (await gateway.ListAsync("PACS")).Count > 0);
        ForwardItem item = Assert.Single(await gateway.ListAsync("PACS"));
        Assert.Equal((TaskPriority.Stat, "slow"), (item.Priority, item.Rule));
    }

    [Fact]
    public async Task What_comes_while_there_is_no_rule_is_not_sent_by_a_later_one_and_what_comes_while_the_gateway_is_down_is()
    {
        await using (ForwardingGateway without = await StartAsync(""))
        {
            await without.StoreAsync(1, study: "1.2.1");
        }

        await using (ForwardingGateway with = await StartAsync("""{ "name": "r", "to": ["PACS"] }"""))
        {
            await with.StoreAsync(1, study: "1.2.2");
            await WaitUntilAsync(async () => (await with.ListAsync("PACS")).Count == 1);
        }

        await using (ForwardingGateway importing = await ForwardingGateway.StartAsync(_folder.Path, Destinations, """{ "name": "r", "to": ["PACS"] }""", isForwarding: false))
        {
            await importing.StoreAsync(1, study: "1.2.3");
        }

        await using ForwardingGateway again = await StartAsync("""{ "name": "r", "to": ["PACS"] }""");
        await WaitUntilAsync(async () => (await again.ListAsync("PACS")).Count == 2);
        Assert.Equal(["1.2.2", "1.2.3"], (await again.ListAsync("PACS")).Select(item => item.Study.Value).Order());
    }

    [Fact]
    public async Task More_instances_than_a_page_are_all_queued()
    {
        await using ForwardingGateway gateway = await StartAsync("""{ "name": "r", "to": ["PACS"], "match": { "Modality": "CT" } }, { "name": "s", "to": ["OTHER"], "when": "stable", "match": { "Modality": "CT" } }""");
        await gateway.StoreAsync(700);
        await WaitUntilAsync(async () => (await gateway.Queue.CountItemsAsync(Token)).GetValueOrDefault("OTHER") is { } depth && depth.Queued + depth.Sending == 700);
        ForwardDepth pacs = (await gateway.Queue.CountItemsAsync(Token))["PACS"];
        Assert.Equal(700, pacs.Queued + pacs.Sending);
    }

    private static string Destinations => string.Join(',', new[] { "PACS", "OTHER", "BACK" }.Select(title => Destination(title, 1)));

    private static string StudyOf(string name) => name switch
    {
        "ct" => "1.2.1",
        "mr" => "1.2.2",
        _ => "1.2.3",
    };

    private static async Task StoreThreeAsync(ForwardingGateway gateway)
    {
        await gateway.StoreAsync(1, image => image.SetString(DicomTags.BodyPartExamined, "CHEST"), study: StudyOf("ct"));
        await gateway.StoreAsync(
            1,
            image => image.SetUid(DicomTags.SOPClassUID, DicomUids.MRImageStorage).SetString(DicomTags.Modality, "MR").SetString(DicomTags.BodyPartExamined, "HEAD").SetString(DicomTags.StudyDescription, "HEAD TRAUMA ROUTINE"),
            study: StudyOf("mr"));
        await gateway.StoreAsync(
            1,
            image => image.SetUid(DicomTags.SOPClassUID, DicomUids.ComputedRadiographyImageStorage).SetString(DicomTags.Modality, "CR").SetString(DicomTags.BodyPartExamined, "CHEST"),
            study: StudyOf("cr"));
    }

    private Task<ForwardingGateway> StartAsync(string rules, double stability = 0.3) => ForwardingGateway.StartAsync(_folder.Path, Destinations, rules, stability: stability);
}
