using CsCheck;

namespace MedicalAi.Dicom.Tests;

public class DicomReaderTests
{
    // (0008,0060) CS "CT", a sequence of undefined length with one item that holds (0008,1150) UI, then 8 bytes of pixel data.
    private static readonly byte[] s_explicit = Convert.FromHexString(
        "08006000435302004354" + "0800401153510000FFFFFFFF" + "FEFF00E0FFFFFFFF" + "0800501155490400312E3200" + "FEFF0DE000000000" + "FEFFDDE000000000"
        + "E07F10004F57000008000000" + "0102030405060708");

    [Fact]
    public void Elements_sequences_and_items_come_in_order() =>
        Assert.Equal(["Element", "SequenceStart", "ItemStart", "Element", "ItemEnd", "SequenceEnd", "Element"], Tokens(s_explicit, s_explicit.Length, out _));

    [Fact]
    public void Any_size_of_block_gives_the_same_tokens()
    {
        List<string> whole = Tokens(s_explicit, s_explicit.Length, out _);
        for (int size = 1; size < s_explicit.Length; size++)
        {
            Assert.Equal(whole, Tokens(s_explicit, size, out DicomError? error));
            Assert.Null(error);
        }
    }

    [Fact]
    public void A_value_over_the_limit_is_skipped_across_blocks() =>
        Assert.Equal("BulkValue", Tokens(s_explicit, 3, out _, limit: 4)[^1]);

    [Fact]
    public void A_data_set_cut_within_a_token_is_truncated()
    {
        Tokens(s_explicit[..^1], 5, out DicomError? error);
        Assert.Equal(DicomErrorKind.Truncated, error?.Kind);
    }

    [Fact]
    public void A_claimed_length_of_three_gigabytes_is_an_error()
    {
        Tokens(Convert.FromHexString("E07F10004F570000000000C001"), 13, out DicomError? error);
        Assert.Equal(DicomErrorKind.Truncated, error?.Kind);
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        byte[] level = Convert.FromHexString("0800401153510000FFFFFFFFFEFF00E0FFFFFFFF");
        Tokens([.. Enumerable.Repeat(level, 100).SelectMany(bytes => bytes)], 4096, out DicomError? error);
        Assert.Equal(DicomErrorKind.TooDeep, error?.Kind);
    }

    [Fact]
    public void Random_bytes_never_throw() => Gen.Byte.Array[0, 200].Sample(bytes => Tokens(bytes, 7, out _).Count <= bytes.Length + 64, iter: 2000);

    [Fact]
    public void Reading_allocates_nothing_per_element()
    {
        byte[] many = [.. Enumerable.Repeat(s_explicit[..10], 1000).SelectMany(bytes => bytes)];
        Count(many, new DicomReaderState(TransferSyntax.ExplicitVrLittleEndian));
        DicomReaderState state = new(TransferSyntax.ExplicitVrLittleEndian);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int count = Count(many, state);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1000, count);
    }

    private static int Count(byte[] bytes, DicomReaderState state)
    {
        DicomReader reader = new(bytes, true, state);
        int count = 0;
        while (reader.Read())
        {
            count++;
        }

        return count;
    }

    private static List<string> Tokens(byte[] bytes, int blockSize, out DicomError? error, int limit = 65536)
    {
        DicomReaderState state = new(TransferSyntax.ExplicitVrLittleEndian, limit);
        List<string> tokens = [];
        int start = 0;
        for (int end = Math.Min(blockSize, bytes.Length); ; end = Math.Min(end + blockSize, bytes.Length))
        {
            DicomReader reader = new(bytes.AsSpan(start, end - start), end == bytes.Length, state);
            while (reader.Read())
            {
                tokens.Add(reader.Token.ToString());
            }

            start += reader.BytesConsumed;
            if (end == bytes.Length || state.Error is not null)
            {
                error = state.Error;
                return tokens;
            }
        }
    }
}
