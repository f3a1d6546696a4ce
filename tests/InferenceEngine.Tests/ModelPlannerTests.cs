using System.Globalization;
using System.IO.Compression;
using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.InferenceEngine.Tests;

public sealed class ModelPlannerTests
{
    private static readonly ModelPlanner s_planner = new(ModelRepository.Load(EngineHost.BundledModels));

    [Fact]
    public void A_T1_series_is_taken_whole_and_a_radiograph_by_itself()
    {
        SeriesSnapshot brain = Brain();
        SeriesSnapshot chest = Series("9", [Chest("9.1"), Chest("9.2")]);

        IReadOnlyList<NewTask> tasks = s_planner.Plan(Study(brain, chest));

        Assert.Equal(["meshnet_model5_gw_ae", "pneumonia_cxr", "pneumonia_cxr"], tasks.Select(task => task.Model));
        Assert.Equal(64, tasks[0].Inputs.Count);
        Assert.All(tasks.Skip(1), task => Assert.Single(task.Inputs));
        Assert.NotEqual(tasks[1].InputsDigest, tasks[2].InputsDigest);
    }

    [Fact]
    public void Another_series_does_not_change_the_digest_of_the_inputs()
    {
        string before = Assert.Single(s_planner.Plan(Study(Brain()))).InputsDigest;

        Assert.Equal(before, s_planner.Plan(Study(Series("9", [Chest("9.1")]), Brain())).Single(task => task.Model == "meshnet_model5_gw_ae").InputsDigest);
    }

    [Fact]
    public void Another_content_of_an_input_changes_the_digest()
    {
        SeriesSnapshot brain = Brain();
        InstanceSnapshot[] changed = [.. brain.Instances];
        changed[3] = changed[3] with { Row = changed[3].Row with { Digest = new byte[] { 1, 2, 3 } } };

        Assert.NotEqual(s_planner.Plan(Study(brain))[0].InputsDigest, s_planner.Plan(Study(brain with { Instances = changed }))[0].InputsDigest);
    }

    [Theory]
    [InlineData("STAT", TaskPriority.Stat)]
    [InlineData("HIGH", TaskPriority.High)]
    [InlineData("LOW", TaskPriority.Low)]
    [InlineData("ROUTINE", TaskPriority.Routine)]
    public void The_requested_priority_is_the_task_s(string requested, TaskPriority expected) =>
        Assert.Equal(expected, Assert.Single(s_planner.Plan(Study(Series("9", [Chest("9.1", image => image.SetString(DicomTags.RequestedProcedurePriority, requested))])))).Priority);

    [Theory]
    [InlineData("", TaskPriority.Stat, TaskPriority.Stat)]
    [InlineData("", TaskPriority.Low, TaskPriority.Low)]
    [InlineData("", null, TaskPriority.Routine)]
    [InlineData("ROUTINE", TaskPriority.High, TaskPriority.High)]
    [InlineData("STAT", TaskPriority.Low, TaskPriority.Stat)]
    public void What_was_ordered_is_as_good_as_what_the_instance_says_and_the_more_urgent_of_them_holds(string requested, TaskPriority? ordered, TaskPriority expected)
    {
        StudySnapshot study = Study(Series("9", [Chest("9.1", image => image.SetString(DicomTags.RequestedProcedurePriority, requested))])) with { Order = new StudyOrder(ordered, []) };
        Assert.Equal(expected, Assert.Single(s_planner.Plan(study)).Priority);
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "few", "63 instances" },
        { "gap", "not at equal distances" },
        { "twice", "at the same place" },
        { "tilted", "not parallel" },
        { "sizes", "different sizes" },
        { "frames", "several frames" },
        { "nowhere", "places the image" },
        { "spine", "BodyPartExamined" },
        { "T2", "SeriesDescription" },
        { "localizer", "ImageType is LOCALIZER" },
        { "secondary", "ImageType is SECONDARY" },
        { "CT", "SOP class" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_series_that_is_not_taken_has_a_reason(string flaw, string reason)
    {
        SeriesSnapshot brain = flaw switch
        {
            "few" => Brain(count: 63),
            "gap" => Brain((slice, i) => Place(slice, i < 30 ? i : i + 1)),
            "twice" => Brain((slice, i) => Place(slice, i == 30 ? 31 : i)),
            "tilted" => Brain((slice, i) => slice.SetString(DicomTags.ImageOrientationPatient, i == 5 ? ["0", "1", "0", "0", "0", "-1"] : ["1", "0", "0", "0", "0", "-1"])),
            "sizes" => Brain((slice, i) => slice.SetInt(DicomTags.Rows, i == 5 ? 128L : 256L)),
            "frames" => Brain((slice, _) => slice.SetString(DicomTags.NumberOfFrames, "2")),
            "nowhere" => Brain((slice, _) => slice.Remove(DicomTags.ImagePositionPatient)),
            "spine" => Brain((slice, _) => slice.SetString(DicomTags.BodyPartExamined, "SPINE")),
            "T2" => Brain((slice, _) => slice.SetString(DicomTags.SeriesDescription, "T2 FLAIR")),
            "localizer" => Brain((slice, _) => slice.SetString(DicomTags.ImageType, "ORIGINAL", "PRIMARY", "LOCALIZER")),
            "secondary" => Brain((slice, _) => slice.SetString(DicomTags.ImageType, "DERIVED", "SECONDARY")),
            _ => Brain(sopClass: DicomUids.CTImageStorage),
        };

        Assert.Empty(s_planner.Plan(Study(brain)));
        Assert.Contains(s_planner.Explain(Study(brain)), selection => selection.Model.Manifest.Name == "meshnet_model5_gw_ae" && selection.Reason!.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Our_own_results_make_no_task()
    {
        SeriesSnapshot results = Series("8", [Instance("8.1", DicomUids.SegmentationStorage, new DicomDataSet()), Instance("8.2", DicomUids.Comprehensive3DSRStorage, new DicomDataSet())]);

        Assert.Equal("meshnet_model5_gw_ae", Assert.Single(s_planner.Plan(Study(Brain(), results))).Model);
    }

    private static SeriesSnapshot Brain(Action<DicomDataSet, int>? change = null, int count = 64, DicomUid? sopClass = null) =>
        Series("5", [.. Enumerable.Range(0, count).Select(i =>
        {
            DicomDataSet slice = new DicomDataSet()
                .SetString(DicomTags.Modality, "MR")
                .SetString(DicomTags.SeriesDescription, "Sag T1 MPRAGE")
                .SetString(DicomTags.BodyPartExamined, "BRAIN")
                .SetString(DicomTags.ImageType, "ORIGINAL", "PRIMARY", "M")
                .SetInt(DicomTags.Rows, 256L)
                .SetInt(DicomTags.Columns, 256L)
                .SetString(DicomTags.PixelSpacing, "1", "1")
                .SetString(DicomTags.ImageOrientationPatient, "1", "0", "0", "0", "0", "-1");
            Place(slice, i);
            change?.Invoke(slice, i);
            return Instance(string.Create(CultureInfo.InvariantCulture, $"5.{i}"), sopClass ?? DicomUids.MRImageStorage, slice);
        })]);

    private static void Place(DicomDataSet slice, int index) =>
        slice.SetString(DicomTags.ImagePositionPatient, "-128", index.ToString(CultureInfo.InvariantCulture), "128");

    private static InstanceSnapshot Chest(string uid, Action<DicomDataSet>? change = null)
    {
        DicomDataSet image = new DicomDataSet()
            .SetString(DicomTags.Modality, "DX")
            .SetString(DicomTags.BodyPartExamined, "CHEST")
            .SetString(DicomTags.PhotometricInterpretation, "MONOCHROME2");
        change?.Invoke(image);
        return Instance(uid, DicomUids.DigitalXRayImageStorageForPresentation, image);
    }

    private static StudySnapshot Study(params SeriesSnapshot[] series) => new(new DicomUid("2.25.1"), 1, series);

    private static SeriesSnapshot Series(string uid, IReadOnlyList<InstanceSnapshot> instances) => new(new DicomUid("2.25.1." + uid), null, null, null, instances);

    private static InstanceSnapshot Instance(string uid, DicomUid sopClass, DicomDataSet metadata)
    {
        MemoryStream compressed = new();
        using (DeflateStream deflate = new(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(DicomJson.ToBytes(metadata));
        }

        InstanceRow row = new()
        {
            Id = 1,
            Identity = new InstanceIdentity(sopClass, new DicomUid("2.25.1"), new DicomUid("2.25.1.1"), new DicomUid("2.25.3." + uid)),
            TransferSyntax = TransferSyntax.ExplicitVrLittleEndian,
            Digest = new byte[32],
            File = default,
            DataSetOffset = 0,
            ReceivedAt = DateTimeOffset.UnixEpoch,
            Protocol = UploadOrigin.Import,
        };
        return new InstanceSnapshot(row, compressed.ToArray());
    }
}
