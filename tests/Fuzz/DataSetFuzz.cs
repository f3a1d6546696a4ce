using MedicalAi.Dicom;

namespace MedicalAi.Fuzz;

public sealed class DataSetFuzz
{
    private static readonly TransferSyntax[] s_syntaxes =
        [TransferSyntax.ImplicitVrLittleEndian, TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ExplicitVrBigEndian, TransferSyntax.DeflatedExplicitVrLittleEndian];

    [Fact]
    public void A_data_set_cut_at_any_byte_is_read_the_same_whole_and_in_blocks()
    {
        Random random = new(0);
        foreach ((byte[] bytes, TransferSyntax syntax) in Corpus.DataSets.Where(dataSet => dataSet.Bytes.Length < 1500))
        {
            for (int length = 0; length < bytes.Length; length++)
            {
                DataSetOracle.Check(random, bytes[..length], syntax);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Nesting_without_end_is_an_error(int syntax)
    {
        byte[] level = syntax switch
        {
            0 => [0x08, 0, 0x10, 0x11, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF],
            1 => [0x08, 0, 0x10, 0x11, (byte)'S', (byte)'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF],
            _ => [0, 0x08, 0x11, 0x10, (byte)'S', (byte)'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xE0, 0, 0xFF, 0xFF, 0xFF, 0xFF],
        };
        byte[] bytes = [.. Enumerable.Repeat(level, 50_000).SelectMany(one => one)];

        Assert.Equal(DicomErrorKind.TooDeep, DicomDataSet.Parse(bytes, s_syntaxes[syntax]).Error?.Kind);
        DataSetOracle.Check(new Random(0), bytes, s_syntaxes[syntax]);
    }

    [Theory]
    [InlineData(0x7FFFFFF0u)]
    [InlineData(0x80000000u)]
    [InlineData(0xFFFFFFFEu)]
    public void A_length_that_is_not_there_costs_no_memory(uint length)
    {
        byte[] bytes = [0x10, 0x00, 0x00, 0x40, (byte)'U', (byte)'T', 0, 0, .. BitConverter.GetBytes(length), (byte)'x'];

        DataSetOracle.Check(new Random(0), bytes, TransferSyntax.ExplicitVrLittleEndian);
        Assert.Equal(DicomErrorKind.Truncated, DicomDataSet.Parse(bytes, TransferSyntax.ExplicitVrLittleEndian).Error?.Kind);
    }

    [Fact]
    public void Items_and_elements_without_number_end_at_the_limit()
    {
        byte[] items = [0x08, 0, 0x10, 0x11, 0xFF, 0xFF, 0xFF, 0xFF, .. Enumerable.Repeat(new byte[] { 0xFE, 0xFF, 0, 0xE0, 0, 0, 0, 0 }, 1_000_001).SelectMany(one => one)];

        Assert.Equal(DicomErrorKind.TooLarge, DicomDataSet.Parse(items, TransferSyntax.ImplicitVrLittleEndian).Error?.Kind);
    }

    [Fact]
    public void A_deflated_data_set_that_inflates_without_end_is_stopped()
    {
        using MemoryStream bomb = new();
        using (System.IO.Compression.DeflateStream deflate = new(bomb, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write([0xE0, 0x7F, 0x10, 0x00, (byte)'O', (byte)'B', 0, 0, 0xFE, 0xFF, 0xFF, 0xFF]);
            byte[] zeros = new byte[1024 * 1024];
            for (int i = 0; i < 64; i++)
            {
                deflate.Write(zeros);
            }
        }

        DicomReadOptions options = DicomReadOptions.Header with { MaxInflatedLength = 16 * 1024 * 1024 };
        ParseResult<DicomDataSet> read = FuzzRun.Bounded(4 * 1024 * 1024, () => DicomDataSet.Parse(bomb.ToArray(), TransferSyntax.DeflatedExplicitVrLittleEndian, options));
        Assert.Equal(DicomErrorKind.TooLarge, read.Error?.Kind);
    }
}
