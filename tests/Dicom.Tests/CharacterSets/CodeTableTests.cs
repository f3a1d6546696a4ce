namespace MedicalAi.Dicom.Tests.CharacterSets;

/// <summary>Every code of every character set, against pydicom.</summary>
public sealed class CodeTableTests
{
    // GBK, GB 18030 and all of today's fonts have these two for 0xA1A4 and 0xA1AA; Python's table of GB 2312 has older ones.
    private static readonly string[] s_known = ["· ・", "— ―"];

    public static TheoryData<string, string> SingleByte => new()
    {
        { "ISO_IR 100", "A0-FF" }, { "ISO_IR 101", "A0-FF" }, { "ISO_IR 109", "A0-FF" }, { "ISO_IR 110", "A0-FF" }, { "ISO_IR 144", "A0-FF" }, { "ISO_IR 127", "A0-FF" },
        { "ISO_IR 126", "A0-FF" }, { "ISO_IR 138", "A0-FF" }, { "ISO_IR 148", "A0-FF" }, { "ISO_IR 166", "A0-FF" }, { "ISO_IR 13", "A1-DF" },
    };

    public static TheoryData<string, string, bool> TwoByte => new()
    {
        { "ISO 2022 IR 87", "1B2442", false }, { "ISO 2022 IR 159", "1B242844", false }, { "ISO 2022 IR 149", "1B242943", true }, { "ISO 2022 IR 58", "1B242941", true },
    };

    [Theory]
    [MemberData(nameof(SingleByte))]
    public Task A_byte_is_the_character_that_pydicom_has(string term, string range) =>
        CompareAsync([term], Bytes(range).Select(code => (byte[])[code]));

    [Theory]
    [MemberData(nameof(TwoByte))]
    public Task Two_bytes_are_the_character_that_pydicom_has(string term, string escape, bool isG1)
    {
        byte[] start = Convert.FromHexString(escape);
        byte high = (byte)(isG1 ? 0x80 : 0);
        byte[] end = isG1 ? [] : [.. "\e(B"u8];
        return CompareAsync(["", term], Bytes("21-7E").SelectMany(_ => Bytes("21-7E"), (first, second) => (byte[])[.. start, (byte)(first | high), (byte)(second | high), .. end]));
    }

    [Theory]
    [InlineData("GB18030")]
    [InlineData("GBK")]
    public Task Chinese_of_two_bytes_is_what_pydicom_has(string term) =>
        CompareAsync([term], Bytes("81-FE").SelectMany(_ => Bytes("40-FE"), (first, second) => (byte[])[first, second]));

    /// <summary>pydicom 2 does not have this term, which is of 2022.</summary>
    [Fact]
    public void Latin_9_differs_from_Latin_1_in_eight_characters() => Assert.Equal(
        "€ŠšŽžŒœŸ",
        string.Concat(Bytes("A0-FF").Select(code => (Old: Decode(code, "ISO_IR 100"), New: Decode(code, "ISO_IR 203"))).Where(pair => pair.Old != pair.New).Select(pair => pair.New)));

    /// <summary>Each set is asked for all of Unicode: what it encodes it decodes again, and what it does not have it does not encode as something like it.</summary>
    [Theory]
    [InlineData("ISO_IR 100", 96)]
    [InlineData("ISO_IR 101", 96)]
    [InlineData("ISO_IR 109", 89)]
    [InlineData("ISO_IR 110", 96)]
    [InlineData("ISO_IR 144", 96)]
    [InlineData("ISO_IR 127", 51)]
    [InlineData("ISO_IR 126", 90)]
    [InlineData("ISO_IR 138", 58)]
    [InlineData("ISO_IR 148", 96)]
    [InlineData("ISO_IR 203", 96)]
    [InlineData("ISO_IR 166", 87)]
    [InlineData("ISO_IR 13", 63)]
    [InlineData("\\ISO 2022 IR 87", 6885)]
    [InlineData("\\ISO 2022 IR 159", 6066)]
    [InlineData("\\ISO 2022 IR 149", 8224)]
    [InlineData("\\ISO 2022 IR 58", 7445)]
    [InlineData("GBK", 21791)]
    [InlineData("GB18030", 65_536 - 128 - 2048)]
    [InlineData("ISO_IR 192", 65_536 - 128 - 2048)]
    public void A_set_encodes_the_characters_that_it_has_and_no_others(string terms, int count)
    {
        SpecificCharacterSet set = SpecificCharacterSet.Parse(terms.Split('\\'));
        int encoded = 0;
        for (int c = 0x80; c <= 0xFFFF; c++)
        {
            if (!char.IsSurrogate((char)c) && set.TryEncode(((char)c).ToString(), Vr.LO, out byte[] bytes))
            {
                encoded++;
                string decoded = set.Decode(bytes, Vr.LO);
                Assert.True(decoded == ((char)c).ToString() || "～∥－￠￡￢".Contains((char)c, StringComparison.Ordinal), $"{c:X4} became {decoded}");
            }
        }

        Assert.Equal(count, encoded);
    }

    private static string Decode(byte code, string term) => SpecificCharacterSet.Parse(term).Decode([code], Vr.LO);

    private static IEnumerable<byte> Bytes(string range)
    {
        byte[] ends = [.. range.Split('-').Select(end => Convert.FromHexString(end)[0])];
        return Enumerable.Range(ends[0], ends[1] - ends[0] + 1).Select(code => (byte)code);
    }

    private static async Task CompareAsync(string[] terms, IEnumerable<byte[]> values)
    {
        byte[][] all = [.. values];
        string?[] theirs = Assert.Single(await PydicomCharsets.DecodeAsync([(terms, Vr.LT, all)], TestContext.Current.CancellationToken));
        SpecificCharacterSet set = SpecificCharacterSet.Parse(terms);
        List<string> differences = [];
        int count = 0;
        for (int i = 0; i < all.Length; i++)
        {
            // pydicom 2.3 leaves this escape sequence in the text.
            if (theirs[i]?.Replace("\e$)A", "", StringComparison.Ordinal) is { } text && !text.Any(char.IsSurrogate))
            {
                count++;
                string ours = set.Decode(all[i], Vr.LT);
                if (ours != text && !s_known.Contains($"{ours} {text}"))
                {
                    differences.Add($"{Convert.ToHexString(all[i])}: we have [{ours}], they have [{text}]");
                }
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(40)));
        Assert.InRange(count, all.Length / 3, all.Length);
    }
}
