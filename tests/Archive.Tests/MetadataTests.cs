using System.Text.Json.Nodes;
using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

public sealed class MetadataTests
{
    private const string Bulk = "/dicomweb/studies/1.2.1/series/1.2.1.1/instances/1.2.1.1.1/bulkdata/";
    private static readonly UploadOrigin s_origin = new(UploadOrigin.Import);

    public static TheoryData<string> Encodings => ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"];

    [Fact]
    public async Task Metadata_is_decoded_names_its_syntax_and_points_to_bulk_values()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        DicomDataSet image = Samples.Image()
            .SetBytes(DicomTags.ICCProfile, Vr.OB, new byte[1024])
            .SetSequence(DicomTags.WaveformSequence, new DicomDataSet().SetBytes(DicomTags.WaveformData, Vr.OW, new byte[1026]));
        await StoreAsync(archive, image, TransferSyntax.ImplicitVrLittleEndian);

        ReadOnlyMemory<byte> bytes = Assert.Single(await archive.Reader.ListMetadataAsync(new DicomUid("1.2.1"), null, null, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
        JsonNode json = JsonNode.Parse(bytes.Span)!;

        Assert.Equal("Müller^Jürgen", (string?)json["00100010"]!["Value"]![0]!["Alphabetic"]);
        Assert.Equal("1.2.840.10008.1.2", (string?)json["00083002"]!["Value"]![0]);
        Assert.Equal(Bulk + "7FE00010", (string?)json["7FE00010"]!["BulkDataURI"]);
        Assert.NotNull(json["00282000"]!["InlineBinary"]);
        Assert.Equal(Bulk + "54000100/0/54001010", (string?)json["54000100"]!["Value"]![0]!["54001010"]!["BulkDataURI"]);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Every_bulk_value_is_reached_by_its_path(string uid)
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(uid))!;
        byte[] profile = [.. Enumerable.Range(0, 3000).Select(n => (byte)(n * 7))];
        byte[] pixels = [.. Enumerable.Range(0, 512).Select(n => (byte)n)];
        DicomDataSet image = Samples.Image().SetSequence(DicomTags.WaveformSequence, new DicomDataSet(), new DicomDataSet().SetBytes(DicomTags.ICCProfile, Vr.OB, profile));
        InstanceRow row = await StoreAsync(archive, image, syntax);

        BulkMap map = (await archive.Reader.ReadBulkMapAsync(row.Identity.SopInstance, TestContext.Current.CancellationToken))!;

        Assert.Equal(syntax.IsDeflated, map.IsDeflated);
        Assert.Equal(["54000100/1/00282000", "7FE00010"], map.Entries.Select(entry => entry.Path));
        Assert.Equal(profile, await archive.Reader.OpenRangeAsync(row, map.Entries[0].Location, TestContext.Current.CancellationToken).ReadAllAsync());
        byte[] read = await archive.Reader.OpenRangeAsync(row, map.Entries[1].Location, TestContext.Current.CancellationToken).ReadAllAsync();
        Assert.Equal(syntax.IsBigEndian ? [.. pixels.Chunk(2).SelectMany(pair => pair.Reverse())] : pixels, read);
    }

    [Fact]
    public async Task The_fragments_of_compressed_pixel_data_are_in_the_bulk_map_and_in_the_header()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        byte[][] frames = [[1, 2, 3, 4], [5, 6], [7, 8, 9, 10]];
        DicomDataSet image = Samples.Image().SetInt(DicomTags.NumberOfFrames, 2).SetFragments(
            DicomTags.PixelData,
            new DicomFragments(new byte[] { 0, 0, 0, 0, 22, 0, 0, 0 }, [.. frames.Select(bytes => new DicomFragment(bytes))]));
        InstanceRow row = await StoreAsync(archive, image, TransferSyntax.Find(new DicomUid("1.2.840.10008.1.2.4.70"))!);

        BulkEntry entry = (await archive.Reader.ReadBulkMapAsync(row.Identity.SopInstance, TestContext.Current.CancellationToken))!.Find("7FE00010")!;
        DicomFragments fragments = (await archive.Reader.ReadHeaderAsync(row, TestContext.Current.CancellationToken)).Value.Find(DicomTags.PixelData)!.Fragments!;

        Assert.Equal([0L, 22L], entry.OffsetTable);
        Assert.Equal(entry.Fragments, fragments.Items.Select(fragment => fragment.Location));
        Assert.Equal([0u, 22u], fragments.ReadOffsets());
        for (int i = 0; i < frames.Length; i++)
        {
            Assert.Equal(frames[i], await archive.Reader.OpenRangeAsync(row, entry.Fragments![i], TestContext.Current.CancellationToken).ReadAllAsync());
        }

        Assert.Equal((3 * 8) + 10, entry.Location.Length);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task A_header_is_read_without_its_pixels(string uid)
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        InstanceRow row = await StoreAsync(archive, Samples.Image(), TransferSyntax.Find(new DicomUid(uid))!);

        DicomDataSet header = (await archive.Reader.ReadHeaderAsync(row, TestContext.Current.CancellationToken)).Value;

        Assert.Equal("Müller^Jürgen", header.GetString(DicomTags.PatientName));
        Assert.Equal(512, header.Find(DicomTags.PixelData)!.Bulk!.Value.Length);
    }

    [Fact]
    public async Task A_snapshot_gives_the_metadata_of_each_instance_as_a_data_set()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        await StoreAsync(archive, Samples.Image(), TransferSyntax.ExplicitVrLittleEndian);

        StudySnapshot study = (await archive.Studies.ReadSnapshotAsync(new DicomUid("1.2.1"), TestContext.Current.CancellationToken))!;
        DicomDataSet metadata = Assert.Single(Assert.Single(study.Series).Instances).ReadMetadata();

        Assert.Equal(("Müller^Jürgen", 16), (metadata.GetString(DicomTags.PatientName), metadata.GetInt64(DicomTags.Rows)));
    }

    [Fact]
    public async Task Study_and_series_keep_the_attributes_of_their_modules()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        DicomDataSet image = Samples.Image()
            .SetString(DicomTags.PatientComments, "kommt früh")
            .SetString(DicomTags.ProtocolName, "Schädel");
        image.SetSequence(DicomTags.RequestAttributesSequence, new DicomDataSet(image).SetString(DicomTags.ScheduledProcedureStepDescription, "Kopf, natürlich"));
        await StoreAsync(archive, image, TransferSyntax.ExplicitVrLittleEndian);

        IndexMatch match = Assert.Single(await archive.Studies.FindAsync(new IndexQuery(IndexLevel.Series), TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
        DicomDataSet study = DicomJson.Parse(match.Study.Attributes.Span).Value;
        DicomDataSet series = DicomJson.Parse(match.Series!.Attributes.Span).Value;

        Assert.Equal(("kommt früh", "A1"), (study.GetString(DicomTags.PatientComments), study.GetString(DicomTags.AccessionNumber)));
        Assert.Equal(("Schädel", "CT"), (series.GetString(DicomTags.ProtocolName), series.GetString(DicomTags.Modality)));
        Assert.Equal("Kopf, natürlich", series.Find(DicomTags.RequestAttributesSequence)!.Items![0].GetString(DicomTags.ScheduledProcedureStepDescription));
        Assert.False(study.Contains(DicomTags.Rows));
        Assert.False(series.Contains(DicomTags.PatientName));
    }

    private static async Task<InstanceRow> StoreAsync(TestArchive archive, DicomDataSet image, TransferSyntax syntax)
    {
        IngestResult result = await archive.Ingest.IngestAsync(image, syntax, s_origin, TestContext.Current.CancellationToken);
        Assert.Equal((IngestOutcome.Stored, null), (result.Outcome, result.Message));
        return (await archive.Studies.FindInstanceAsync(result.Identity!.Value.SopInstance, TestContext.Current.CancellationToken))!;
    }
}
