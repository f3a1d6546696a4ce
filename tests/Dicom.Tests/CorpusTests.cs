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
}
