using System.Security.Cryptography;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

public sealed class CorpusTests
{
    public static TheoryData<string> Files => [.. TestData.DicomFiles.Select(file => file.Name)];

    [Fact]
    public void The_files_are_those_of_the_manifest()
    {
        foreach (TestFile file in TestData.DicomFiles)
        {
            Assert.Equal(file.Sha256, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file.FullPath))));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_is_read_the_same_whole_and_in_blocks(string name)
    {
        byte[] bytes = TestData.Bytes("dicom/" + name);
        ParseResult<DicomFile> whole = DicomFile.Parse(bytes);
        if (!whole.Ok)
        {
            Assert.NotEmpty(whole.Error.Message);
            return;
        }

        using DicomStreamParser parser = new(whole.Value.TransferSyntax, DicomReadOptions.Default);
        foreach (byte[] block in bytes.AsSpan((int)whole.Value.DataSetOffset).ToArray().Chunk(4093))
        {
            Assert.Null(parser.Append(block));
        }

        Assert.Equal(DicomJson.ToBytes(whole.Value.DataSet), DicomJson.ToBytes(parser.Complete().Value));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void What_is_read_and_written_is_read_the_same_again(string name)
    {
        ParseResult<DicomFile> file = DicomFile.Parse(TestData.Bytes("dicom/" + name));
        if (!file.Ok)
        {
            return;
        }

        byte[] written = DicomDataSetWriter.ToBytes(file.Value.DataSet, file.Value.TransferSyntax);

        // Written twice, because odd values get their padding when they are written first.
        Assert.Equal(written, DicomDataSetWriter.ToBytes(DicomDataSet.Parse(written, file.Value.TransferSyntax).Value, file.Value.TransferSyntax));
    }

    [Fact]
    public void The_files_refused_are_those_that_are_cut_off_or_contradict_themselves() => Assert.Equal(
        [
            "dcm4che/3gb-bulk-data-truncated Truncated",
            "fo-dicom/FreezePattern.dcm UnexpectedTag",
            "fo-dicom/GH1339.dcm Truncated",
            "fo-dicom/GH179B.dcm Truncated",
            "fo-dicom/GH364.dcm UnexpectedTag",
            "fo-dicom/GH626.dcm Truncated",
            "pydicom-data/emri_small_jpeg_2k_lossless_too_short.dcm Truncated",
            "pydicom/test_files/MR_truncated.dcm Truncated",
            "pydicom/test_files/dicomdirtests/DICOMDIR-nooffset InvalidLength",
            "pydicom/test_files/rtplan_truncated.dcm Truncated",
        ],
        TestData.DicomFiles
            .Select(file => (file.Name, DicomFile.Parse(File.ReadAllBytes(file.FullPath)).Error))
            .Where(file => file.Error is { Kind: not DicomErrorKind.NotDicom })
            .Select(file => $"{file.Name} {file.Error!.Kind}")
            .Order(StringComparer.Ordinal));
}
