using CsCheck;

namespace MedicalAi.Dicom.Tests;

/// <summary>What holds for every data set in every encoding.</summary>
public sealed class DataSetPropertyTests
{
    private static readonly TransferSyntax s_encapsulated = TransferSyntax.Find(new DicomUid("1.2.840.10008.1.2.4.90"))!;

    [Fact]
    public void The_random_data_sets_hold_every_VR() => Assert.Equal(
        Enum.GetValues<Vr>().Where(vr => vr is not (Vr.None or Vr.UN)).Order(),
        DataSetGen.Vrs.Where(vr => vr != Vr.UN).Order());

    [Fact]
    public void A_data_set_comes_back_as_it_was_written() => Gen.Select(DataSetGen.DataSet, DataSetGen.PlainSyntax).Sample((dataSet, syntax) =>
    {
        byte[] written = DicomDataSetWriter.ToBytes(dataSet, syntax);
        return written.Length % 2 == 0 && DataSetAssert.FindDifference(dataSet, DicomDataSet.Parse(written, syntax).Value) is null;
    });

    [Fact]
    public void A_data_set_that_comes_in_blocks_is_the_one_that_comes_whole() =>
        Gen.Select(DataSetGen.DataSet, DataSetGen.PlainSyntax, Gen.Int[1, 50]).Sample((dataSet, syntax, size) =>
            DataSetAssert.FindDifference(dataSet, ParseInBlocks(DicomDataSetWriter.ToBytes(dataSet, syntax), syntax, size, DicomReadOptions.Default).Value) is null);

    [Fact]
    public void Encapsulated_pixel_data_comes_back_as_it_was_written() => Gen.Select(DataSetGen.DataSet, DataSetGen.Fragments, Gen.Int[1, 50]).Sample((dataSet, fragments, size) =>
    {
        dataSet.SetFragments(DicomTags.PixelData, fragments);
        byte[] written = DicomDataSetWriter.ToBytes(dataSet, s_encapsulated);
        return DataSetAssert.FindDifference(dataSet, DicomDataSet.Parse(written, s_encapsulated).Value) is null
            && DataSetAssert.FindDifference(dataSet, ParseInBlocks(written, s_encapsulated, size, DicomReadOptions.Default).Value) is null;
    });

    [Fact]
    public void A_value_that_is_left_where_it_is_stands_where_its_place_says() => Gen.Select(DataSetGen.DataSet, Gen.Int[1, 50]).Sample((dataSet, size) =>
    {
        byte[] written = DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian);
        DicomDataSet whole = DicomDataSet.Parse(written, TransferSyntax.ExplicitVrLittleEndian).Value;
        DicomReadOptions options = new() { MaxValueLength = 8 };
        return HasPlaces(whole, DicomDataSet.Parse(written, TransferSyntax.ExplicitVrLittleEndian, options).Value, written)
            && HasPlaces(whole, ParseInBlocks(written, TransferSyntax.ExplicitVrLittleEndian, size, options).Value, written);
    });

    [Fact]
    public void Damaged_bytes_give_the_same_data_set_or_the_same_error_whole_and_in_blocks() =>
        Gen.Select(DataSetGen.DataSet, DataSetGen.PlainSyntax, Gen.Select(Gen.Int[0, 10_000], Gen.Byte).Array[1, 4], Gen.Int[1, 50]).Sample((dataSet, syntax, changes, size) =>
        {
            byte[] damaged = DicomDataSetWriter.ToBytes(dataSet, syntax);
            foreach ((int place, byte value) in changes)
            {
                if (damaged.Length > 0)
                {
                    damaged[place % damaged.Length] = value;
                }
            }

            ParseResult<DicomDataSet> whole = DicomDataSet.Parse(damaged, syntax);
            ParseResult<DicomDataSet> blocks = ParseInBlocks(damaged, syntax, size, DicomReadOptions.Default);
            return whole.Ok
                ? blocks.Ok && DataSetAssert.FindDifference(whole.Value, blocks.Value) is null
                // Where deflated bytes are damaged, the inflater may come to it before or after what is wrong with the data set.
                : syntax.IsDeflated ? !blocks.Ok : blocks.Error?.Kind == whole.Error.Kind;
        });

    [Fact]
    public void A_data_set_that_is_cut_off_gives_an_error_or_the_elements_before_the_cut() =>
        Gen.Select(DataSetGen.DataSet, Gen.Int[0, 10_000]).Sample((dataSet, place) =>
        {
            byte[] written = DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian);
            ParseResult<DicomDataSet> read = DicomDataSet.Parse(written.AsMemory(0, place % (written.Length + 1)), TransferSyntax.ExplicitVrLittleEndian);
            return read.Ok ? read.Value.All(element => dataSet.Contains(element.Tag)) : read.Error.Kind == DicomErrorKind.Truncated;
        });

    internal static ParseResult<DicomDataSet> ParseInBlocks(byte[] bytes, TransferSyntax syntax, int size, DicomReadOptions options)
    {
        using DicomStreamParser parser = new(syntax, options);
        for (int i = 0; i < bytes.Length; i += size)
        {
            parser.Append(bytes.AsSpan(i, Math.Min(size, bytes.Length - i)));
        }

        return parser.Complete();
    }

    private static bool HasPlaces(DicomDataSet whole, DicomDataSet header, byte[] bytes) => whole.Count == header.Count && whole.Zip(header).All(pair =>
        pair.Second.Items is { } items ? pair.First.Items!.Zip(items).All(inner => HasPlaces(inner.First, inner.Second, bytes))
        : pair.Second.Bulk is { } place ? place.Length > 8 && bytes.AsSpan((int)place.Offset, (int)place.Length).SequenceEqual(pair.First.Value.Span)
        : (pair.Second.Value.Length <= 8 || pair.Second.Tag == DicomTags.ExtendedOffsetTable || pair.Second.Tag == DicomTags.ExtendedOffsetTableLengths)
            && pair.Second.Value.Span.SequenceEqual(pair.First.Value.Span));
}
