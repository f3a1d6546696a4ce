namespace MedicalAi.Dicom.Tests;

public sealed class SpecificCharacterSetTests
{
    // The bytes and names are the examples of PS3.5 annexes H, I and J.
    [Theory]
    [InlineData("ISO_IR 100", "C46E6561732052FC646967657200", "Äneas Rüdiger")]
    [InlineData("ISO_IR 144", "BBEE6B63655E", "Люkce^")]
    [InlineData("ISO_IR 192", "57616E675E5869616F446F6E673DE78E8B5EE5B08FE69DB1", "Wang^XiaoDong=王^小東")]
    [InlineData("GB18030", "57616E675E5869616F446F6E673DCDF55ED0A1B6AB", "Wang^XiaoDong=王^小东")]
    [InlineData("\\ISO 2022 IR 87", "59616D6164615E5461726F753D1B2442 3B33 4544 1B28425E1B2442 4240 4F3A 1B2842", "Yamada^Tarou=山田^太郎")]
    [InlineData("ISO 2022 IR 13\\ISO 2022 IR 87", "D4CFC0DE5EC0DBB33D1B2442 3B33 4544 1B284A5E1B2442 4240 4F3A 1B284A", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎")]
    [InlineData("\\ISO 2022 IR 149", "486F6E675E47696C646F6E673D1B242943 FBF3 5E1B242943 D1CED4D7", "Hong^Gildong=洪^吉洞")]
    public void A_person_name_is_decoded_as_the_standard_shows(string terms, string hex, string expected)
    {
        SpecificCharacterSet set = SpecificCharacterSet.Parse(terms.Split('\\'));
        Assert.Equal(expected, set.Decode(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), Vr.PN).TrimEnd('\0'));
    }

    [Fact]
    public void A_wrong_declaration_decodes_without_an_exception()
    {
        byte[] bytes = [0x1B, 0x24, 0x42, 0x3B, 0xFF, 0x80, 0x1B];
        foreach (string term in (string[])["nonsense", "ISO 2022 IR 87", "GB18030", "ISO_IR 192", ""])
        {
            Assert.NotNull(SpecificCharacterSet.Parse(term, "ISO 2022 IR 149").Decode(bytes, Vr.LO));
        }
    }
}
