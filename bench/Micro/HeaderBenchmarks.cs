using System.Buffers;
using BenchmarkDotNet.Attributes;
using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.Bench.Micro;

/// <summary>The parts of reading a header and writing it as DICOM JSON, in memory: time and allocations of each.</summary>
[MemoryDiagnoser]
public class HeaderBenchmarks
{
    private static readonly DicomReadOptions s_untilPixels = new() { StopTag = DicomTags.PixelData };

    private readonly byte[] _file = TestData.Bytes("dicom/pydicom/test_files/CT_small.dcm");
    private byte[] _dataSet = [];
    private TransferSyntax _syntax = TransferSyntax.ExplicitVrLittleEndian;
    private DicomDataSet _header = [];

    [GlobalSetup]
    public void SetUp()
    {
        DicomFile file = DicomFile.Parse(_file, s_untilPixels).Value;
        (_dataSet, _syntax, _header) = (_file[(int)file.DataSetOffset..], file.TransferSyntax, file.DataSet);
    }

    [Benchmark]
    public Part10Header? MetaInformation() => FileMetaInformation.TryRead(new ReadOnlySequence<byte>(_file), isFinal: true).Value;

    [Benchmark]
    public int PullReader()
    {
        DicomReader reader = new(_dataSet, isFinalBlock: true, new DicomReaderState(_syntax, stopTag: DicomTags.PixelData));
        int tokens = 0;
        while (reader.Read())
        {
            tokens++;
        }

        return tokens;
    }

    [Benchmark]
    public DicomDataSet DataSetInPlace() => DicomDataSet.Parse(_dataSet, _syntax, s_untilPixels).Value;

    [Benchmark]
    public DicomDataSet DataSetInBlocks()
    {
        using DicomStreamParser parser = new(_syntax, s_untilPixels);
        parser.Append(_dataSet);
        return parser.Complete().Value;
    }

    [Benchmark]
    public byte[] Json() => DicomJson.ToBytes(_header);
}
