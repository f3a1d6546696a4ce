using System.Buffers;
using System.Security.Cryptography;
using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

public sealed class IngestTests
{
    private static readonly UploadOrigin s_origin = new(UploadOrigin.Dimse, "SENDER", "MEDICALAI", "127.0.0.1");

    public static TheoryData<string, int> Encodings => new()
    {
        { "1.2.840.10008.1.2", 1 },
        { "1.2.840.10008.1.2", 100_000 },
        { "1.2.840.10008.1.2.1", 1 },
        { "1.2.840.10008.1.2.1", 333 },
        { "1.2.840.10008.1.2.2", 100_000 },
        { "1.2.840.10008.1.2.1.99", 1 },
        { "1.2.840.10008.1.2.1.99", 100_000 },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task A_data_set_is_kept_byte_for_byte_behind_a_header_of_ours(string uid, int block)
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(uid))!;
        byte[] sent = DicomDataSetWriter.ToBytes(Samples.Image(), syntax);

        await using InstanceUpload upload = await archive.Ingest.BeginAsync(s_origin, syntax, InstanceExpectation.None, TestContext.Current.CancellationToken);
        await upload.WriteAsync(sent, block);
        IngestResult result = await upload.CompleteAsync(TestContext.Current.CancellationToken);

        Assert.Equal((IngestOutcome.Stored, null), (result.Outcome, result.Message));
        InstanceRow row = (await archive.Reader.FindInstanceAsync(null, null, TestArchive.Identity().SopInstance, TestContext.Current.CancellationToken))!;
        Assert.Equal(sent, await archive.Reader.OpenDataSetAsync(row, TestContext.Current.CancellationToken).ReadAllAsync());
        Assert.Equal(SHA256.HashData(sent), row.Digest.ToArray());
        DicomFile file = DicomFile.Parse(await archive.Reader.OpenPart10Async(row, TestContext.Current.CancellationToken).ReadAllAsync()).Value;
        Assert.Equal((syntax, TestArchive.Identity().SopInstance), (file.TransferSyntax, file.Meta!.MediaStorageSopInstance));
        Assert.Equal("Müller^Jürgen", file.DataSet.GetString(DicomTags.PatientName));
        await archive.Committer.StopAsync(TestContext.Current.CancellationToken); // It clears up after it has answered.
        Assert.Empty(Directory.EnumerateFiles(archive.StagingFolder));
    }

    [Fact]
    public async Task A_file_loses_its_own_meta_information_and_keeps_its_data_set()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        byte[] file = DicomFile.ToBytes(Samples.Image(), TransferSyntax.ImplicitVrLittleEndian, "SOMEONE");
        byte[] dataSet = DicomDataSetWriter.ToBytes(Samples.Image(), TransferSyntax.ImplicitVrLittleEndian);

        IngestResult result = await archive.Ingest.IngestPart10Async(new MemoryStream(file), s_origin, InstanceExpectation.None, TestContext.Current.CancellationToken);

        Assert.Equal(IngestOutcome.Stored, result.Outcome);
        Assert.Empty(result.Warnings);
        InstanceRow row = (await archive.Studies.FindInstanceAsync(TestArchive.Identity().SopInstance, TestContext.Current.CancellationToken))!;
        Assert.Equal(dataSet, await archive.Reader.OpenDataSetAsync(row, TestContext.Current.CancellationToken).ReadAllAsync());
    }

    [Fact]
    public async Task A_file_without_meta_information_is_stored_with_a_warning()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        byte[] dataSet = DicomDataSetWriter.ToBytes(Samples.Image(), TransferSyntax.ImplicitVrLittleEndian);

        IngestResult result = await archive.Ingest.IngestPart10Async(new MemoryStream(dataSet), s_origin, InstanceExpectation.None, TestContext.Current.CancellationToken);

        Assert.Equal(IngestOutcome.Stored, result.Outcome);
        Assert.Single(result.Warnings);
    }

    [Fact]
    public async Task The_same_content_from_a_file_and_by_network_is_the_same_instance()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        await archive.Ingest.IngestAsync(Samples.Image(), TransferSyntax.ExplicitVrLittleEndian, s_origin, TestContext.Current.CancellationToken);
        byte[] file = DicomFile.ToBytes(Samples.Image(), TransferSyntax.ExplicitVrLittleEndian, "SOMEONE");

        IngestResult again = await archive.Ingest.IngestPart10Async(new MemoryStream(file), s_origin with { CallingAe = "OTHER" }, InstanceExpectation.None, TestContext.Current.CancellationToken);

        Assert.Equal(IngestOutcome.AlreadyStored, again.Outcome);
    }

    [Fact]
    public async Task The_same_uid_in_another_study_goes_to_quarantine_and_is_listed_there()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        await archive.Ingest.IngestAsync(Samples.Image(), TransferSyntax.ExplicitVrLittleEndian, s_origin, TestContext.Current.CancellationToken);

        IngestResult other = await archive.Ingest.IngestAsync(Samples.Image(TestArchive.Identity(study: "1.2.9")), TransferSyntax.ExplicitVrLittleEndian, s_origin, TestContext.Current.CancellationToken);

        Assert.Equal(IngestOutcome.Quarantined, other.Outcome);
        QuarantineRow row = Assert.Single(await archive.Studies.ListQuarantineAsync(10, 0, TestContext.Current.CancellationToken));
        Assert.Equal((new DicomUid("1.2.9"), "SENDER"), (row.Identity.Study, row.Origin.CallingAe));
        Assert.Null(await archive.Studies.FindStudyAsync(new DicomUid("1.2.9"), TestContext.Current.CancellationToken));
        byte[] kept = await archive.Store.OpenReadAsync(row.File, TestContext.Current.CancellationToken).ReadAllAsync();
        Assert.Equal(new DicomUid("1.2.9"), DicomFile.Parse(kept).Value.DataSet.GetUid(DicomTags.StudyInstanceUID));
    }

    public static TheoryData<string, string> Flaws => new()
    {
        { "SOPInstanceUID", "SOP Instance UID (0008,0018) is missing." },
        { "SOPClassUID", "SOP Class UID (0008,0016) is missing." },
    };

    [Theory]
    [MemberData(nameof(Flaws))]
    public async Task A_data_set_without_its_sop_class_or_instance_uid_is_refused_by_name_and_leaves_nothing(string keyword, string message)
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        DicomDataSet dataSet = Samples.Image();
        dataSet.Remove(DicomDictionary.Find(keyword)!.Tag);

        IngestResult result = await archive.Ingest.IngestAsync(dataSet, TransferSyntax.ExplicitVrLittleEndian, s_origin, TestContext.Current.CancellationToken);

        Assert.Equal((IngestOutcome.CannotUnderstand, message), (result.Outcome, result.Message));
        await AssertNothingIsLeftAsync(archive);
    }

    [Fact]
    public async Task A_uid_that_is_not_valid_is_told_from_one_that_is_missing()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        DicomDataSet dataSet = Samples.Image().SetString(DicomTags.SOPInstanceUID, "../../etc/passwd");

        IngestResult result = await archive.Ingest.IngestAsync(dataSet, TransferSyntax.ExplicitVrLittleEndian, s_origin, TestContext.Current.CancellationToken);

        Assert.Equal((IngestOutcome.CannotUnderstand, "SOP Instance UID (0008,0018) is not valid."), (result.Outcome, result.Message));
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.1", 300)]
    [InlineData("1.2.840.10008.1.2.1", 5)]
    [InlineData("1.2.840.10008.1.2.1.99", 10)]
    public async Task A_data_set_that_ends_early_is_refused_and_leaves_nothing(string uid, int missing)
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(uid))!;
        byte[] sent = DicomDataSetWriter.ToBytes(Samples.Image(), syntax);

        await using InstanceUpload upload = await archive.Ingest.BeginAsync(s_origin, syntax, InstanceExpectation.None, TestContext.Current.CancellationToken);
        await upload.WriteAsync(sent[..^missing], 100);
        IngestResult result = await upload.CompleteAsync(TestContext.Current.CancellationToken);

        Assert.Equal(IngestOutcome.CannotUnderstand, result.Outcome);
        await AssertNothingIsLeftAsync(archive);
    }

    [Fact]
    public async Task A_truncated_file_and_a_file_of_something_else_are_refused()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        byte[] file = DicomFile.ToBytes(Samples.Image(), TransferSyntax.ExplicitVrLittleEndian);
        foreach (byte[] bytes in new[] { file[..100], file[..140], file[..^9], "<html>not an image</html>"u8.ToArray(), [] })
        {
            IngestResult result = await archive.Ingest.IngestPart10Async(new MemoryStream(bytes), s_origin, InstanceExpectation.None, TestContext.Current.CancellationToken);
            Assert.Equal(IngestOutcome.CannotUnderstand, result.Outcome);
            Assert.NotNull(result.Message);
        }

        await AssertNothingIsLeftAsync(archive);
    }

    public static TheoryData<InstanceExpectation, IngestOutcome> Expectations => new()
    {
        { new InstanceExpectation(DicomUids.CTImageStorage, new DicomUid("1.2.1.1.1"), new DicomUid("1.2.1")), IngestOutcome.Stored },
        { new InstanceExpectation(SopClass: DicomUids.MRImageStorage), IngestOutcome.Mismatch },
        { new InstanceExpectation(SopInstance: new DicomUid("1.2.3")), IngestOutcome.Mismatch },
        { new InstanceExpectation(Study: new DicomUid("1.2.3")), IngestOutcome.Mismatch },
    };

    [Theory]
    [MemberData(nameof(Expectations), DisableDiscoveryEnumeration = true)]
    public async Task A_data_set_that_is_not_what_was_announced_is_a_mismatch(InstanceExpectation expected, IngestOutcome outcome)
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        byte[] file = DicomFile.ToBytes(Samples.Image(), TransferSyntax.ExplicitVrLittleEndian);

        IngestResult result = await archive.Ingest.IngestPart10Async(new MemoryStream(file), s_origin, expected, TestContext.Current.CancellationToken);

        Assert.Equal(outcome, result.Outcome);
        Assert.Equal(TestArchive.Identity(), result.Identity);
    }

    [Fact]
    public async Task Noise_without_uids_is_refused_before_it_fills_the_memory()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        byte[] noise = DicomDataSetWriter.ToBytes(new DicomDataSet().SetBytes(new DicomTag(0x0008, 0x0000), Vr.OB, new byte[100]), TransferSyntax.ExplicitVrLittleEndian);
        await using InstanceUpload upload = await archive.Ingest.BeginAsync(s_origin, TransferSyntax.ExplicitVrLittleEndian, InstanceExpectation.None, TestContext.Current.CancellationToken);
        await upload.WriteAsync([.. noise, 0x09, 0, 0x10, 0, (byte)'O', (byte)'B', 0, 0, 0, 0, 0, 0x40], 100);
        byte[] block = new byte[100_000];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 2_000; i++)
        {
            await upload.WriteAsync(new ReadOnlySequence<byte>(block), TestContext.Current.CancellationToken);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
        Assert.Equal(IngestOutcome.CannotUnderstand, (await upload.CompleteAsync(TestContext.Current.CancellationToken)).Outcome);
        await AssertNothingIsLeftAsync(archive);
    }

    [Fact]
    public async Task An_upload_that_is_given_up_leaves_nothing()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        await using (InstanceUpload upload = await archive.Ingest.BeginAsync(s_origin, TransferSyntax.ExplicitVrLittleEndian, InstanceExpectation.None, TestContext.Current.CancellationToken))
        {
            DicomDataSet large = Samples.Image().SetBytes(DicomTags.PixelData, Vr.OW, new byte[FileStagedObject.MaximumInMemory]);
            await upload.WriteAsync(DicomDataSetWriter.ToBytes(large, TransferSyntax.ExplicitVrLittleEndian), 10_000);
            Assert.NotEmpty(Directory.EnumerateFiles(archive.StagingFolder));
        }

        await AssertNothingIsLeftAsync(archive);
    }

    private static async Task AssertNothingIsLeftAsync(TestArchive archive)
    {
        Assert.Equal(default, await archive.Studies.CountAllAsync(TestContext.Current.CancellationToken));
        Assert.Empty(Directory.EnumerateFiles(archive.StagingFolder));
        Assert.Empty(await archive.Store.ListAsync("", TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
    }
}
