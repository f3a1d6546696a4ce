using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

public sealed class DicomFileReadingTests
{
    private static readonly DicomReadOptions s_untilPixels = new() { StopTag = DicomTags.PixelData };

    public static TheoryData<string> Files => [.. TestData.DicomFiles.Select(file => file.Name)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_file_on_disk_is_read_as_one_in_memory(string name)
    {
        string path = TestData.Path("dicom/" + name);
        Same(DicomFile.Parse(await File.ReadAllBytesAsync(path, Token)), await DicomFile.ReadAsync(path, null, Token));
        Same(DicomFile.Parse(await File.ReadAllBytesAsync(path, Token), s_untilPixels), await DicomFile.ReadAsync(path, s_untilPixels, Token));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_stream_that_gives_little_at_a_time_is_read_as_a_file(string name)
    {
        byte[] bytes = TestData.Bytes("dicom/" + name);
        await using TrickleStream stream = new(bytes, 1999);
        Same(DicomFile.Parse(bytes), await DicomFile.ReadAsync(stream, null, Token));
    }

    [Fact]
    public async Task A_header_longer_than_the_first_block_is_read_whole()
    {
        using TempFolder folder = new();
        byte[] bytes = DicomFile.ToBytes(
            new DicomDataSet()
                .SetUid(DicomTags.SOPClassUID, DicomUids.CTImageStorage)
                .SetUid(DicomTags.SOPInstanceUID, new DicomUid("1.2.3"))
                .SetString(DicomTags.PatientComments, new string('x', 10_000))
                .SetBytes(DicomTags.EncapsulatedDocument, Vr.OB, new byte[300_000]),
            TransferSyntax.ExplicitVrLittleEndian);
        await File.WriteAllBytesAsync(folder.File("a.dcm"), bytes, Token);
        Same(DicomFile.Parse(bytes), await DicomFile.ReadAsync(folder.File("a.dcm"), s_untilPixels, Token));
    }

    [Fact]
    public async Task A_pipe_is_read_though_it_has_no_length()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A pipe in the file system.");
        using TempFolder folder = new();
        string pipe = folder.File("pipe");
        Assert.Equal(0, (await ExternalTool.RunAsync("mkfifo", [pipe], Token)).ExitCode);
        byte[] bytes = TestData.Bytes("dicom/fo-dicom/CT-MONO2-16-ankle");
        Task writing = Task.Run(() => File.WriteAllBytesAsync(pipe, bytes, Token), Token);
        Same(DicomFile.Parse(bytes), await Task.Run(() => DicomFile.ReadAsync(pipe, null, Token), Token).WaitAsync(TimeSpan.FromSeconds(30), Token));
        await writing;
    }

    private static void Same(ParseResult<DicomFile> expected, ParseResult<DicomFile> actual)
    {
        Assert.Equal(expected.Error?.Kind, actual.Error?.Kind);
        if (expected.Ok)
        {
            Assert.Equal(expected.Value.TransferSyntax, actual.Value.TransferSyntax);
            Assert.Equal(expected.Value.DataSetOffset, actual.Value.DataSetOffset);
            Assert.Equal(expected.Value.Meta, actual.Value.Meta);
            Assert.Equal(DicomJson.ToBytes(expected.Value.DataSet), DicomJson.ToBytes(actual.Value.DataSet));
        }
    }

    /// <summary>A stream that gives at most so many bytes at a time.</summary>
    private sealed class TrickleStream(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, most)], cancellationToken);
    }
}
