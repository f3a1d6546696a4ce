using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace MedicalAi.DicomScp.Tests;

/// <summary>What was ordered of a study, as dcmtk's worklist tells it.</summary>
public sealed class WorklistTests : IDisposable
{
    private static readonly WorklistEntry[] s_entries =
    [
        new("P1", "A1", "1.2.3", "STAT", "CTHEAD"),
        new("P1", "A2", "1.2.4", "ROUTINE", "CTCHEST"),
        new("P2", "A3", "1.2.5", "LOW", "XR", Modality: "CR"),
        new("P3", "A4", "1.2.6", "HIGH", "MR1"),
        new("P3", "A4", "1.2.7", "ROUTINE", "MR2"),
    ];

    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("the study, among those of the patient", "1.2.3", "P1", "A9", TaskPriority.Stat, "CTHEAD P-CTHEAD")]
    [InlineData("the accession number, where the modality made a UID of its own", "1.9", "P1", "A2", TaskPriority.Routine, "CTCHEST P-CTCHEST")]
    [InlineData("the accession number, of a patient who is known by another identifier", "1.9", "X1", "A1", TaskPriority.Stat, "CTHEAD P-CTHEAD")]
    [InlineData("the accession number, of several procedures", "1.9", "P3", "A4", TaskPriority.High, "MR1 MR2 P-MR1 P-MR2")]
    [InlineData("the study, where there is nothing else", "1.2.5", null, null, TaskPriority.Low, "P-XR XR")]
    [InlineData("the only step of the patient for this modality", "1.9", "P2", null, TaskPriority.Low, "P-XR XR")]
    public async Task An_order_is_found_by(string way, string study, string? patient, string? accession, TaskPriority priority, string codes)
    {
        Assert.NotEmpty(way);
        await using WorklistScp worklist = await WorklistScp.StartAsync(Token, s_entries);
        using AeRegistryFile registry = Knows(worklist.Port);
        StudyOrder order = (await Inquiry(registry).AskAsync(Study(study, patient, accession), Token))!;
        Assert.Equal(priority, order.Priority);
        Assert.Equal(codes, string.Join(' ', order.Procedures.Select(code => code.Value).Order(StringComparer.Ordinal)));
        Assert.All(order.Procedures, code => Assert.Equal("99RIS", code.Scheme));
    }

    [Theory]
    [InlineData("1.9", "P9", "A9")]
    [InlineData("1.9", null, null)]
    [InlineData("1.9", "P1", null)]
    [InlineData("1.9", "P2", "A9")]
    [InlineData("1.9", "P*", "A?")]
    public async Task What_may_be_of_another_study_is_no_order(string study, string? patient, string? accession)
    {
        await using WorklistScp worklist = await WorklistScp.StartAsync(Token, s_entries);
        using AeRegistryFile registry = Knows(worklist.Port);
        Assert.Null(await Inquiry(registry).AskAsync(Study(study, patient, accession), Token));
    }

    [Fact]
    public async Task Another_modality_of_the_patient_is_no_order()
    {
        await using WorklistScp worklist = await WorklistScp.StartAsync(Token, s_entries);
        using AeRegistryFile registry = Knows(worklist.Port);
        Assert.Null(await Inquiry(registry).AskAsync(Study("1.9", "P2", null) with { Modalities = ["MR"] }, Token));
    }

    [Fact]
    public async Task A_worklist_that_is_silent_is_waited_for_a_short_time_and_then_left_alone()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        using AeRegistryFile registry = Knows(((IPEndPoint)silent.LocalEndpoint).Port);
        WorklistInquiry inquiry = Inquiry(registry, TimeSpan.FromMilliseconds(300));
        Assert.Null(await inquiry.AskAsync(Study("1.2.3", "P1", "A1"), Token).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Token));
        Assert.True(silent.Pending());
        using (await silent.AcceptTcpClientAsync(Token))
        {
            Assert.Null(await inquiry.AskAsync(Study("1.2.3", "P1", "A1"), Token));
            Assert.False(silent.Pending());
        }
    }

    [Theory]
    [InlineData("RIS")]
    [InlineData("OTHER")]
    public async Task A_worklist_that_is_away_or_not_known_gives_no_order(string known)
    {
        int port;
        using (TcpListener free = new(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        using AeRegistryFile registry = Knows(port, known);
        Assert.Null(await Inquiry(registry).AskAsync(Study("1.2.3", "P1", "A1"), Token));
    }

    [Fact]
    public async Task A_study_that_becomes_stable_is_chosen_for_with_its_order()
    {
        await using WorklistScp worklist = await WorklistScp.StartAsync(Token, s_entries);
        TaskCompletionSource<StudyOrder?> chosen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestGateway gateway = await TestGateway.StartAsync(
            configure: services =>
            {
                Committing.Knows(_folder, "RIS", worklist.Port)(services);
                services.AddWorklist(Options());
                services.AddSingleton<TaskSelector>(study =>
                {
                    chosen.TrySetResult(study.Order);
                    return [];
                });
            },
            stability: TimeSpan.FromMilliseconds(50));
        await Committing.StoreAsync(gateway, 1);
        Assert.Equal(TaskPriority.Stat, (await chosen.Task.WaitAsync(Committing.Limit, Token))?.Priority);
    }

    private static WorklistOptions Options(TimeSpan? limit = null) => new() { Source = AeTitle.Parse("RIS"), Calling = AeTitle.Parse("MEDICALAI"), Limit = limit ?? TimeSpan.FromSeconds(30) };

    private static WorklistInquiry Inquiry(AeRegistryFile registry, TimeSpan? limit = null) => new(Options(limit), registry, TimeProvider.System, NullLogger<WorklistInquiry>.Instance);

    private static StudyRow Study(string uid, string? patient, string? accession)
    {
        string attributes = string.Join(',', Attribute("00080050", "SH", accession).Concat(Attribute("00100020", "LO", patient)));
        return new StudyRow(new DicomUid(uid), 1, 1, ["OT", "CR"], [], Encoding.UTF8.GetBytes($"{{{attributes}}}"), 1, DateTimeOffset.UtcNow);

        static IEnumerable<string> Attribute(string tag, string vr, string? value) => value is null ? [] : [$$"""
            "{{tag}}": { "vr": "{{vr}}", "Value": ["{{value}}"] }
            """];
    }

    private AeRegistryFile Knows(int port, string aeTitle = "RIS")
    {
        string file = _folder.File("aes.json");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""{ "entities": [{ "aeTitle": "{{aeTitle}}", "host": "127.0.0.1", "port": {{port}} }] }"""));
        AeRegistryFile registry = new(new AeRegistryFileOptions { Path = file }, TimeProvider.System, NullLogger<AeRegistryFile>.Instance);
        registry.Load();
        return registry;
    }
}
