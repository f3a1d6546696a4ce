using System.Buffers;
using CsCheck;

namespace MedicalAi.Dicom.Tests;

public sealed class FileMetaInformationTests
{
    private static readonly DicomDataSet s_dataSet = new DicomDataSet()
        .SetUid(DicomTags.SOPClassUID, DicomUids.CTImageStorage)
        .SetUid(DicomTags.SOPInstanceUID, new DicomUid("1.2.3"))
        .SetString(DicomTags.PatientID, "1");

    [Fact]
    public void What_is_written_is_read()
    {
        FileMetaInformation meta = new()
        {
            MediaStorageSopClass = DicomUids.CTImageStorage,
            MediaStorageSopInstance = new DicomUid("1.2.3"),
            TransferSyntaxUid = TransferSyntax.ExplicitVrLittleEndian.Uid,
            ImplementationClassUid = new DicomUid("1.2.4"),
            ImplementationVersionName = "TEST",
            SourceAe = "A",
            SendingAe = "B",
            ReceivingAe = "C",
        };
        byte[] bytes = meta.ToPart10Header();

        Part10Header header = FileMetaInformation.TryRead(new ReadOnlySequence<byte>(bytes), isFinal: true).Value!;

        Assert.Equal(meta, header.Meta);
        Assert.Equal(bytes.Length, header.DataSetOffset);
        Assert.Equal(bytes, meta.ToPart10Header());
    }

    [Fact]
    public void A_data_set_in_explicit_VR_under_the_name_of_implicit_VR_is_read_as_what_it_is()
    {
        byte[] file = [.. Header(TransferSyntax.ImplicitVrLittleEndian.Uid), .. DicomDataSetWriter.ToBytes(s_dataSet, TransferSyntax.ExplicitVrLittleEndian)];
        DicomFile read = DicomFile.Parse(file).Value;
        Assert.Same(TransferSyntax.ExplicitVrLittleEndian, read.TransferSyntax);
        DataSetAssert.Same(s_dataSet, read.DataSet);
    }

    [Fact]
    public void A_data_set_in_implicit_VR_under_the_name_of_explicit_VR_is_read()
    {
        byte[] file = [.. Header(TransferSyntax.ExplicitVrLittleEndian.Uid), .. DicomDataSetWriter.ToBytes(s_dataSet, TransferSyntax.ImplicitVrLittleEndian)];
        DataSetAssert.Same(s_dataSet, DicomFile.Parse(file).Value.DataSet);
    }

    [Theory]
    [InlineData("1.2.840.113619.5.2")]
    [InlineData("1.2.840.10008.1.2.6.1")]
    public void A_transfer_syntax_that_is_not_known_is_named_in_the_error(string uid)
    {
        DicomError error = DicomFile.Parse(Header(new DicomUid(uid))).Error!;
        Assert.Equal(DicomErrorKind.UnknownTransferSyntax, error.Kind);
        Assert.Contains(uid, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    public void Meta_information_without_a_transfer_syntax_leaves_it_to_the_data_set(string uid)
    {
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(uid))!;
        byte[] file = [.. new byte[128], .. "DICM"u8, 2, 0, 0x10, 0, (byte)'U', (byte)'I', 0, 0, .. DicomDataSetWriter.ToBytes(s_dataSet, syntax)];
        Assert.Same(syntax, DicomFile.Parse(file).Value.TransferSyntax);
    }

    [Fact]
    public void The_prefix_within_a_value_of_a_file_without_preamble_is_no_prefix()
    {
        DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.Modality, "CT").SetBytes(DicomTags.StudyDescription, Vr.LO, (byte[])[.. new byte[110], .. "DICM"u8, .. new byte[20]]);
        byte[] file = DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian);
        Assert.Equal("DICM"u8.ToArray(), file[128..132]);
        DicomFile read = DicomFile.Parse(file).Value;
        Assert.Null(read.Meta);
        DataSetAssert.Same(dataSet, read.DataSet);
    }

    [Fact]
    public void A_wrong_group_length_does_not_matter()
    {
        byte[] file = [.. Header(TransferSyntax.ExplicitVrLittleEndian.Uid), .. DicomDataSetWriter.ToBytes(s_dataSet, TransferSyntax.ExplicitVrLittleEndian)];
        file[140] += 10;
        DataSetAssert.Same(s_dataSet, DicomFile.Parse(file).Value.DataSet);
    }

    [Fact]
    public void A_file_that_ends_within_its_meta_information_is_truncated() =>
        Assert.Equal(DicomErrorKind.Truncated, DicomFile.Parse(Header(TransferSyntax.ExplicitVrLittleEndian.Uid).AsMemory()[..150]).Error?.Kind);

    [Fact]
    public void A_claimed_gigabyte_of_meta_information_is_refused_after_a_bounded_number_of_bytes()
    {
        byte[] file = [.. new byte[128], .. "DICM"u8, 2, 0, 2, 1, (byte)'O', (byte)'B', 0, 0, 0, 0, 0, 0x40, .. new byte[1_000_000]];
        Assert.Equal(DicomErrorKind.Truncated, FileMetaInformation.TryRead(new ReadOnlySequence<byte>(file), isFinal: false).Error?.Kind);
    }

    [Fact]
    public void Any_bytes_are_a_header_an_error_or_too_few() => Gen.Select(Gen.Byte.Array[0, 300], Gen.Bool, Gen.Int[0, 3]).Sample((bytes, isFinal, form) =>
    {
        byte[] file = form switch
        {
            0 => bytes,
            1 => [.. new byte[128], .. "DICM"u8, .. bytes],
            2 => [2, 0, .. bytes],
            _ => [8, 0, .. bytes],
        };
        ParseResult<Part10Header?> header = FileMetaInformation.TryRead(new ReadOnlySequence<byte>(file), isFinal);
        return !header.Ok || (header.Value is null ? !isFinal : header.Value.DataSetOffset <= file.Length);
    }, iter: 5000);

    [Fact]
    public async Task Of_a_header_only_the_start_of_a_large_file_is_kept_in_memory()
    {
        DicomDataSet image = DicomDataSet.Parse(DicomDataSetWriter.ToBytes(s_dataSet, TransferSyntax.ExplicitVrLittleEndian), TransferSyntax.ExplicitVrLittleEndian).Value
            .SetBytes(DicomTags.PixelData, Vr.OW, new byte[20_000_000]);
        using MemoryStream stream = new(DicomFile.ToBytes(image, TransferSyntax.ExplicitVrLittleEndian));
        long before = GC.GetAllocatedBytesForCurrentThread(); // All of it runs here, for the stream is in memory.

        ParseResult<DicomFile> file = await DicomFile.ReadAsync(stream, DicomReadOptions.Header, TestContext.Current.CancellationToken);

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000_000);
        BulkLocation place = file.Value.DataSet.Find(DicomTags.PixelData)!.Bulk!.Value;
        Assert.Equal((stream.Length, 20_000_000), (file.Value.DataSetOffset + place.Offset + place.Length, place.Length));
    }

    private static byte[] Header(DicomUid syntax) => new FileMetaInformation
    {
        MediaStorageSopClass = DicomUids.CTImageStorage,
        MediaStorageSopInstance = new DicomUid("1.2.3"),
        TransferSyntaxUid = syntax,
    }.ToPart10Header();
}
