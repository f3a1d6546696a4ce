using System.Buffers;
using System.Text.Json;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

/// <summary>What reading and writing allocate: counted, not timed, so that it holds on every machine.</summary>
public sealed class AllocationTests
{
    public static TheoryData<string> Files => [.. TestData.DicomFiles.Where(file => DicomFile.Parse(File.ReadAllBytes(file.FullPath)) is { Ok: true, Value.TransferSyntax.IsDeflated: false }).Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_pull_reader_allocates_nothing_for_the_elements_of_any_file(string name)
    {
        byte[] bytes = TestData.Bytes("dicom/" + name);
        DicomFile file = DicomFile.Parse(bytes).Value;
        byte[] body = bytes[(int)file.DataSetOffset..];
        Read(body, file.TransferSyntax);
        (int tokens, int depth, long allocated) = Read(body, file.TransferSyntax);
        Assert.True(tokens > 0);

        // What a deep nesting takes once is not the elements'.
        Assert.InRange(allocated, 0, depth < 8 ? 0 : 8192);
    }

    [Fact]
    public void A_data_set_is_one_small_object_an_element_and_its_values_stay_where_they_are()
    {
        DicomDataSet many = new();
        for (ushort i = 0; i < 1000; i++)
        {
            many.SetString(new DicomTag(0x0009, (ushort)(0x1000 + i)), Vr.UT, new string('x', 1000));
        }

        byte[] bytes = DicomDataSetWriter.ToBytes(many, TransferSyntax.ExplicitVrLittleEndian);
        Parse();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(1000, Parse().Count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000 * 100);

        DicomDataSet Parse() => DicomDataSet.Parse(bytes, TransferSyntax.ExplicitVrLittleEndian).Value;
    }

    [Fact]
    public void Dicom_json_is_written_without_an_allocation_for_an_element()
    {
        DicomDataSet dataSet = DicomFile.Parse(TestData.Bytes("dicom/pydicom/test_files/CT_small.dcm"), new DicomReadOptions { StopTag = DicomTags.PixelData }).Value.DataSet;
        ArrayBufferWriter<byte> output = new(256 * 1024);
        using Utf8JsonWriter writer = new(output);
        Write();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Write();
        Assert.True(dataSet.Count > 250);

        // The objects of one writing, however many elements it has.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500);

        void Write()
        {
            output.Clear();
            writer.Reset();
            DicomJson.Write(dataSet, writer);
            writer.Flush();
        }
    }

    private static (int Tokens, int Depth, long Allocated) Read(byte[] body, TransferSyntax syntax)
    {
        DicomReaderState state = new(syntax, int.MaxValue);
        long before = GC.GetAllocatedBytesForCurrentThread();
        DicomReader reader = new(body, isFinalBlock: true, state);
        int tokens = 0, depth = 0;
        while (reader.Read())
        {
            tokens++;
            depth = Math.Max(depth, reader.Depth);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Null(state.Error);
        return (tokens, depth, allocated);
    }
}
