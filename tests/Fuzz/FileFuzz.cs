using MedicalAi.Dicom;

namespace MedicalAi.Fuzz;

public sealed class FileFuzz
{
    [Fact]
    public async Task A_broken_file_is_read_the_same_from_memory_and_from_a_stream() => await FuzzRun.RunAsync(
        random => Mutator.Mutate(random, Corpus.Files[random.Next(Corpus.Files.Count)], Corpus.Files),
        (random, bytes) =>
        {
            ParseResult<DicomFile> whole = DicomFile.Parse(bytes);
            using Blockwise stream = new(random, bytes);
            Task<ParseResult<DicomFile>> reading = DicomFile.ReadAsync(stream, null, TestContext.Current.CancellationToken);
            Assert.True(reading.IsCompletedSuccessfully, reading.Exception?.Message); // The stream has no waits.
#pragma warning disable VSTHRD002 // It is completed.
            ParseResult<DicomFile> parts = reading.Result;
#pragma warning restore VSTHRD002
            Assert.True(AreSame(whole.Error, parts.Error), $"from memory: {whole.Error}, from a stream: {parts.Error}");
            if (whole.Ok)
            {
                Assert.Equal(whole.Value.Header, parts.Value.Header);
                Assert.Equal(DataSetOracle.Describe(whole.Value.DataSet), DataSetOracle.Describe(parts.Value.DataSet));
            }
        });

    // The file may be deflated; see DataSetOracle.
    private static bool AreSame(DicomError? whole, DicomError? parts) => whole?.Kind == parts?.Kind
        || (whole is not null && parts is not null && DicomErrorKind.CorruptDeflate is var corrupt && (whole.Kind == corrupt || parts.Kind == corrupt));

    /// <summary>A stream that gives as much as it likes.</summary>
    private sealed class Blockwise(Random random, byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Read(buffer.Span[..Math.Min(buffer.Length, random.Next(1, 700))]));
    }
}
