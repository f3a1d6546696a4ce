using System.Text.Json;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MedicalAi.DicomScp.Tests;

/// <summary>Modality Performed Procedure Step and Instance Availability Notification as SCP.</summary>
public sealed class PerformedStepTests
{
    private const string Step = "1.2.9.1";
    private static readonly string s_mpps = DicomUids.ModalityPerformedProcedureStep.Value;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dcmjs_dimse_creates_changes_completes_and_gets_a_step()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        JsonElement[] answers = await DcmjsDimse.AskAsync(
            gateway.Port,
            new { operation = "N-CREATE", sopClass = s_mpps, sopInstance = Step, dataSet = Created() },
            new { operation = "N-SET", sopClass = s_mpps, sopInstance = Step, dataSet = new Dictionary<string, object> { ["PerformedProcedureStepDescription"] = "Head without contrast" } },
            new { operation = "N-SET", sopClass = s_mpps, sopInstance = Step, dataSet = Ended("COMPLETED", "1.2.3.4.1") },
            new { operation = "N-SET", sopClass = s_mpps, sopInstance = Step, dataSet = Ended("DISCONTINUED") },
            new { operation = "N-GET", sopClass = DicomUids.ModalityPerformedProcedureStepRetrieve.Value, sopInstance = Step });
        Assert.Equal([0, 0, 0, DimseStatus.ProcessingFailure, 0], answers.Select(answer => answer.GetProperty("status").GetInt32()));
        Assert.Equal(0xA710, answers[3].GetProperty("errorId").GetInt32());
        Assert.Equal("Performed Procedure Step Object may no longer be updated", answers[3].GetProperty("comment").GetString());
        JsonElement got = answers[4].GetProperty("dataSet");
        Assert.Equal("COMPLETED", got.GetProperty("PerformedProcedureStepStatus").GetString());
        Assert.Equal("Head without contrast", got.GetProperty("PerformedProcedureStepDescription").GetString());
        Assert.Equal("PPS1", got.GetProperty("PerformedProcedureStepID").GetString());
        StoredStep stored = (await gateway.Services.GetRequiredService<IProcedureIndex>().FindStepAsync(new DicomUid(Step), Token))!;
        Assert.Equal((PerformedStepStatus.Completed, 3, "MODALITY"), (stored.Status, stored.Revision, stored.CallingAe));
    }

    [Fact]
    public async Task A_step_in_progress_holds_the_study_and_its_end_frees_it_at_once()
    {
        TaskCompletionSource<DicomUid> stable = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestGateway gateway = await TestGateway.StartAsync(configure: services => services.AddSingleton<TaskSelector>(study =>
        {
            stable.TrySetResult(study.Study);
            return [];
        }));
        await DcmjsDimse.AskAsync(gateway.Port, new { operation = "N-CREATE", sopClass = s_mpps, sopInstance = Step, dataSet = Created() });
        await Committing.StoreAsync(gateway, 1);
        DateTimeOffset next = (await gateway.Services.GetRequiredService<IStudyIndex>().FindNextStableTimeAsync(Token))!.Value;
        Assert.InRange(next - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(55), TimeSpan.FromMinutes(60));
        Assert.False(stable.Task.IsCompleted);

        await DcmjsDimse.AskAsync(gateway.Port, new { operation = "N-SET", sopClass = s_mpps, sopInstance = Step, dataSet = Ended("COMPLETED", Committing.Instance(1).Value) });
        Assert.Equal(new DicomUid("1.2.3"), await stable.Task.WaitAsync(Committing.Limit, Token));
    }

    [Fact]
    public async Task Dcmjs_dimse_tells_of_available_instances_and_the_study_is_stable_with_the_last_of_them()
    {
        TaskCompletionSource<int> stable = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestGateway gateway = await TestGateway.StartAsync(
            configure: services =>
            {
                services.AddSingleton<TaskSelector>(study =>
                {
                    stable.TrySetResult(study.Series.Sum(series => series.Instances.Count));
                    return [];
                });
            },
            stability: TimeSpan.FromHours(1));
        await Committing.StoreAsync(gateway, 1);
        JsonElement[] answers = await DcmjsDimse.AskAsync(
            gateway.Port,
            new { operation = "N-CREATE", sopClass = DicomUids.InstanceAvailabilityNotification.Value, sopInstance = "1.2.8.1", dataSet = Available("ONLINE") },
            new { operation = "N-CREATE", sopClass = DicomUids.InstanceAvailabilityNotification.Value, sopInstance = "1.2.8.1", dataSet = Available("ONLINE") },
            new { operation = "N-CREATE", sopClass = DicomUids.InstanceAvailabilityNotification.Value, sopInstance = "1.2.8.2", dataSet = Available("SOMEWHERE") });
        Assert.Equal([0, DimseStatus.DuplicateSopInstance, DimseStatus.InvalidAttributeValue], answers.Select(answer => answer.GetProperty("status").GetInt32()));
        Assert.False(stable.Task.IsCompleted);
        await Committing.StoreAsync(gateway, 2);
        Assert.Equal(2, await stable.Task.WaitAsync(Committing.Limit, Token));
    }

    public static TheoryData<string, string, int> BrokenCreations => new()
    {
        { "PerformedProcedureStepStatus", "COMPLETED", DimseStatus.InvalidAttributeValue },
        { "PerformedProcedureStepStatus", "BEGUN", DimseStatus.InvalidAttributeValue },
        { "PerformedProcedureStepStatus", "", DimseStatus.MissingAttributeValue },
        { "PerformedProcedureStepID", "-", DimseStatus.MissingAttribute },
        { "PerformedStationAETitle", "", DimseStatus.MissingAttributeValue },
        { "ScheduledStepAttributesSequence", "-", DimseStatus.MissingAttribute },
        { "PatientName", "-", DimseStatus.Success },
    };

    [Theory]
    [MemberData(nameof(BrokenCreations))]
    public async Task A_step_that_breaks_the_rules_is_refused_and_one_that_lacks_attributes_of_type_2_is_not(string keyword, string value, int status)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        DicomTag tag = DicomDictionary.Find(keyword)!.Tag;
        DicomDataSet attributes = CreatedDataSet();
        if (value == "-")
        {
            attributes.Remove(tag);
        }
        else
        {
            attributes.SetString(tag, value);
        }

        DimseResponse response = await InvokeAsync(gateway, DimseCommand.NCreateRequest, attributes);
        Assert.Equal(status, response.Status);
        Assert.Equal(status == DimseStatus.Success ? null : tag, response.OffendingElement);
        Assert.Equal(status == DimseStatus.Success, await gateway.Services.GetRequiredService<IProcedureIndex>().FindStepAsync(new DicomUid(Step), Token) is not null);
    }

    public static TheoryData<string, string, int> BrokenChanges => new()
    {
        { "PerformedProcedureStepEndDate", "-", DimseStatus.MissingAttribute },
        { "PerformedProcedureStepEndTime", "", DimseStatus.MissingAttributeValue },
        { "PerformedSeriesSequence", "-", DimseStatus.MissingAttribute },
        { "PatientID", "OTHER", DimseStatus.InvalidAttributeValue },
        { "PatientID", "P1", DimseStatus.Success },
        { "PerformedProcedureStepStatus", "OVER", DimseStatus.InvalidAttributeValue },
    };

    [Theory]
    [MemberData(nameof(BrokenChanges))]
    public async Task A_change_that_breaks_the_rules_is_refused_and_the_step_stays_as_it_was(string keyword, string value, int status)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        Assert.Equal(DimseStatus.Success, (await InvokeAsync(gateway, DimseCommand.NCreateRequest, CreatedDataSet())).Status);
        DicomDataSet series = new DicomDataSet().SetString(DicomTags.SeriesInstanceUID, "1.2.3.4").SetString(DicomTags.ProtocolName, "HEAD");
        DicomDataSet changes = new DicomDataSet()
            .SetString(DicomTags.PerformedProcedureStepStatus, "COMPLETED")
            .SetString(DicomTags.PerformedProcedureStepEndDate, "20260101")
            .SetString(DicomTags.PerformedProcedureStepEndTime, "1210")
            .SetSequence(DicomTags.PerformedSeriesSequence, series);
        DicomTag tag = DicomDictionary.Find(keyword)!.Tag;
        if (value == "-")
        {
            changes.Remove(tag);
        }
        else
        {
            changes.SetString(tag, value);
        }

        Assert.Equal(status, (await InvokeAsync(gateway, DimseCommand.NSetRequest, changes)).Status);
        StoredStep stored = (await gateway.Services.GetRequiredService<IProcedureIndex>().FindStepAsync(new DicomUid(Step), Token))!;
        Assert.Equal(status == DimseStatus.Success ? PerformedStepStatus.Completed : PerformedStepStatus.InProgress, stored.Status);
    }

    [Fact]
    public async Task A_step_is_entered_once_and_what_is_not_known_is_not_changed()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        Assert.Equal(DimseStatus.NoSuchSopInstance, (await InvokeAsync(gateway, DimseCommand.NSetRequest, CreatedDataSet())).Status);
        Assert.Equal(DimseStatus.Success, (await InvokeAsync(gateway, DimseCommand.NCreateRequest, CreatedDataSet())).Status);
        Assert.Equal(DimseStatus.DuplicateSopInstance, (await InvokeAsync(gateway, DimseCommand.NCreateRequest, CreatedDataSet())).Status);
        Assert.Equal(DimseStatus.UnrecognizedOperation, (await InvokeAsync(gateway, DimseCommand.NDeleteRequest, null)).Status);

        // Who leaves the UID to us gets one.
        DimseResponse named = await InvokeAsync(gateway, DimseCommand.NCreateRequest, CreatedDataSet(), hasUid: false);
        Assert.Equal(DimseStatus.Success, named.Status);
        Assert.NotNull(await gateway.Services.GetRequiredService<IProcedureIndex>().FindStepAsync(named.SopInstance!.Value, Token));
    }

    [Fact]
    public async Task Names_of_two_character_sets_are_kept_in_one_step()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        DicomDataSet created = new DicomDataSet().SetString(DicomTags.SpecificCharacterSet, "ISO_IR 100");
        foreach (DicomElement element in CreatedDataSet())
        {
            created.Set(element);
        }

        await InvokeAsync(gateway, DimseCommand.NCreateRequest, created.SetString(DicomTags.PatientName, "Müller^Jürgen"));
        await InvokeAsync(gateway, DimseCommand.NSetRequest, new DicomDataSet().SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192").SetString(DicomTags.PerformedProcedureStepDescription, "Голова"));
        StoredStep stored = (await gateway.Services.GetRequiredService<IProcedureIndex>().FindStepAsync(new DicomUid(Step), Token))!;
        DicomDataSet kept = DicomDataSet.Parse(stored.DataSet, TransferSyntax.ExplicitVrLittleEndian).Value;
        Assert.Equal(("Müller^Jürgen", "Голова"), (kept.GetString(DicomTags.PatientName), kept.GetString(DicomTags.PerformedProcedureStepDescription)));
    }

    private static async Task<DimseResponse> InvokeAsync(TestGateway gateway, ushort operation, DicomDataSet? attributes, bool hasUid = true)
    {
        await using DicomClient client = await DicomClient.ConnectAsync(Committing.To(gateway), [new PresentationContext(DicomUids.ModalityPerformedProcedureStep, [TransferSyntax.ImplicitVrLittleEndian])], Token);
        DimseCommand command = new() { CommandField = operation, SopClass = DicomUids.ModalityPerformedProcedureStep, SopInstance = hasUid ? new DicomUid(Step) : null };
        DimseResponse response = await client.InvokeAsync(client.Contexts[0], command, attributes, Token);
        await client.ReleaseAsync(Token);
        return response;
    }

    private static DicomDataSet CreatedDataSet() => new DicomDataSet()
        .SetString(DicomTags.Modality, "CT")
        .SetString(DicomTags.PatientName, "Doe^Jane")
        .SetString(DicomTags.PatientID, "P1")
        .SetString(DicomTags.PerformedStationAETitle, "MODALITY")
        .SetString(DicomTags.PerformedProcedureStepStartDate, "20260101")
        .SetString(DicomTags.PerformedProcedureStepStartTime, "1200")
        .SetString(DicomTags.PerformedProcedureStepStatus, "IN PROGRESS")
        .SetString(DicomTags.PerformedProcedureStepID, "PPS1")
        .SetSequence(DicomTags.ScheduledStepAttributesSequence, new DicomDataSet().SetString(DicomTags.StudyInstanceUID, "1.2.3"));

    private static Dictionary<string, object> Created() => new()
    {
        ["ScheduledStepAttributesSequence"] = new[] { new { StudyInstanceUID = "1.2.3", AccessionNumber = "A1", RequestedProcedureID = "RP1", ScheduledProcedureStepID = "SPS1" } },
        ["PatientName"] = "Doe^Jane",
        ["PatientID"] = "P1",
        ["PatientBirthDate"] = "19700101",
        ["PatientSex"] = "F",
        ["PerformedProcedureStepID"] = "PPS1",
        ["PerformedStationAETitle"] = "MODALITY",
        ["PerformedProcedureStepStartDate"] = "20260101",
        ["PerformedProcedureStepStartTime"] = "120000",
        ["PerformedProcedureStepStatus"] = "IN PROGRESS",
        ["Modality"] = "CT",
    };

    private static Dictionary<string, object> Ended(string status, params string[] instances) => new()
    {
        ["PerformedProcedureStepStatus"] = status,
        ["PerformedProcedureStepEndDate"] = "20260101",
        ["PerformedProcedureStepEndTime"] = "121000",
        ["PerformedSeriesSequence"] = new[]
        {
            new
            {
                ProtocolName = "HEAD",
                SeriesInstanceUID = "1.2.3.4",
                ReferencedImageSequence = instances.Select(instance => new { ReferencedSOPClassUID = DicomUids.SecondaryCaptureImageStorage.Value, ReferencedSOPInstanceUID = instance }).ToArray(),
            },
        },
    };

    private static Dictionary<string, object> Available(string availability) => new()
    {
        ["StudyInstanceUID"] = "1.2.3",
        ["ReferencedSeriesSequence"] = new[]
        {
            new
            {
                SeriesInstanceUID = "1.2.3.4",
                ReferencedSOPSequence = new[] { 1, 2 }.Select(number => new
                {
                    ReferencedSOPClassUID = DicomUids.SecondaryCaptureImageStorage.Value,
                    ReferencedSOPInstanceUID = Committing.Instance(number).Value,
                    InstanceAvailability = availability,
                    RetrieveAETitle = "PACS",
                }).ToArray(),
            },
        },
    };
}
