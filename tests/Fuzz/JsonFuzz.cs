using MedicalAi.Dicom;

namespace MedicalAi.Fuzz;

public sealed class JsonFuzz
{
    [Fact]
    public async Task Broken_JSON_is_an_error_or_a_data_set_that_can_be_written() => await FuzzRun.RunAsync(
        random => Mutator.Mutate(random, Corpus.Json[random.Next(Corpus.Json.Count)], Corpus.Json),
        (_, bytes) =>
        {
            ParseResult<DicomDataSet> read = FuzzRun.Bounded((64L * bytes.Length) + (256 * 1024), () => DicomJson.Parse(bytes));
            Assert.Equal(read.Ok, DicomJson.ParseArray(bytes).Ok);
            if (!read.Ok)
            {
                Assert.NotEmpty(read.Error.Message);
                return;
            }

            byte[] json = DicomJson.ToBytes(read.Value);
            Assert.Equal(json, DicomJson.ToBytes(DicomJson.Parse(json).Value));
            byte[] binary = DicomDataSetWriter.ToBytes(read.Value, TransferSyntax.ExplicitVrLittleEndian);
            Assert.True(DicomDataSet.Parse(binary, TransferSyntax.ExplicitVrLittleEndian).Ok);
        });

    [Fact]
    public async Task Noise_is_an_error_or_a_data_set() => await FuzzRun.RunAsync(
        random => Mutator.Mutate(random, "{\"00100010\":{\"vr\":\"PN\",\"Value\":[{\"Alphabetic\":\"A\"}]},\"00081110\":{\"vr\":\"SQ\",\"Value\":[{},null]}}"u8.ToArray(), Corpus.Json),
        (_, bytes) =>
        {
            ParseResult<DicomDataSet> one = DicomJson.Parse(bytes);
            Assert.Equal(one.Ok, DicomJson.ParseArray([(byte)'[', .. bytes, (byte)']']) is { Ok: true, Value.Count: 1 });
        });
}
