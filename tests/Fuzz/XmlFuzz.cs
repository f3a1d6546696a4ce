using MedicalAi.Dicom;

namespace MedicalAi.Fuzz;

public sealed class XmlFuzz
{
    [Fact]
    public async Task Broken_XML_is_an_error_or_a_data_set_that_can_be_written() => await FuzzRun.RunAsync(
        random => Mutator.Mutate(random, Corpus.Xml[random.Next(Corpus.Xml.Count)], Corpus.Xml),
        (_, bytes) => Check(bytes));

    [Fact]
    public async Task Noise_is_an_error_or_a_data_set() => await FuzzRun.RunAsync(
        random => Mutator.Mutate(
            random,
            "<NativeDicomModel><DicomAttribute tag=\"00081110\" vr=\"SQ\"><Item number=\"1\"/></DicomAttribute><DicomAttribute tag=\"00090003\" vr=\"UN\" privateCreator=\"A\"><InlineBinary>AQI=</InlineBinary></DicomAttribute><DicomAttribute tag=\"00100010\" vr=\"PN\"><PersonName number=\"2\"><Alphabetic><GivenName>A</GivenName></Alphabetic></PersonName></DicomAttribute></NativeDicomModel>"u8.ToArray(),
            Corpus.Xml),
        (_, bytes) => Check(bytes));

    private static void Check(byte[] bytes)
    {
        ParseResult<DicomDataSet> read = FuzzRun.Bounded((256L * bytes.Length) + (1024 * 1024), () => DicomXml.Parse(bytes));
        if (!read.Ok)
        {
            Assert.NotEmpty(read.Error.Message);
            return;
        }

        byte[] xml = DicomXml.ToBytes(read.Value);
        Assert.True(DicomXml.Parse(xml).Ok);
        byte[] binary = DicomDataSetWriter.ToBytes(read.Value, TransferSyntax.ExplicitVrLittleEndian);
        Assert.True(DicomDataSet.Parse(binary, TransferSyntax.ExplicitVrLittleEndian).Ok);
    }
}
