using System.Text;
using MedicalAi.Dicom;

namespace MedicalAi.Fuzz;

public sealed class ValueFuzz
{
    private static readonly string[] s_terms =
    [
        "", "ISO_IR 6", "ISO_IR 100", "ISO_IR 101", "ISO_IR 109", "ISO_IR 110", "ISO_IR 144", "ISO_IR 127", "ISO_IR 126", "ISO_IR 138", "ISO_IR 148", "ISO_IR 203",
        "ISO_IR 13", "ISO_IR 166", "ISO_IR 192", "GB18030", "GBK", "ISO 2022 IR 6", "ISO 2022 IR 100", "ISO 2022 IR 13", "ISO 2022 IR 87", "ISO 2022 IR 159",
        "ISO 2022 IR 149", "ISO 2022 IR 58", "ISO 2022 IR 203", "nonsense",
    ];

    // The first text of a code page loads its table.
    private const int TableLength = 4 * 1024 * 1024;

    private static readonly Vr[] s_vrs = [Vr.PN, Vr.LO, Vr.LT, Vr.UT, Vr.SH];

    [Fact]
    public async Task Text_of_any_bytes_in_any_character_set_is_text() => await FuzzRun.RunAsync(
        random =>
        {
            byte[] bytes = new byte[random.Next(60)];
            random.NextBytes(bytes);
            return Mutator.Mutate(random, bytes, Corpus.Files);
        },
        (random, bytes) =>
        {
            SpecificCharacterSet set = SpecificCharacterSet.Parse([.. Enumerable.Range(0, random.Next(4)).Select(_ => s_terms[random.Next(s_terms.Length)])]);
            Vr vr = s_vrs[random.Next(s_vrs.Length)];
            string text = FuzzRun.Bounded((64L * bytes.Length) + TableLength, () => set.Decode(bytes, vr));
            Assert.True(text.Length <= 2 * bytes.Length, $"{text.Length} characters of {bytes.Length} bytes");
            if (FuzzRun.Bounded((64L * bytes.Length) + TableLength, () => set.TryEncode(text, vr, out byte[] encoded) ? encoded : null) is { } again)
            {
                Assert.Equal(Plain(text), Plain(set.Decode(again, vr)));
            }
        });

    // Written differently on two systems, these are the same characters of JIS X 0208.
    private static string Plain(string text) => string.Concat(text.Select(c => "～∥－￠￡￢".IndexOf(c, StringComparison.Ordinal) is var i and >= 0 ? "〜‖−¢£¬"[i] : c));

    [Fact]
    public async Task Dates_names_and_numbers_of_any_text_are_read_or_not() => await FuzzRun.RunAsync(
        random => Mutator.Mutate(random, "20240229235960.999999+1400-19991231"u8.ToArray()[random.Next(20)..], ["20240229-"u8.ToArray(), "-0500"u8.ToArray(), "Doe^J=山田"u8.ToArray(), "1e-5"u8.ToArray()]),
        (random, bytes) =>
        {
            string text = Encoding.Latin1.GetString(bytes);
            if (DicomDate.TryParse(text, out DateOnly date))
            {
                Assert.True(DicomDate.TryParse(DicomDate.Format(date), out DateOnly again) && again == date);
            }

            _ = DicomDate.TryParseRange(text, out _);
            _ = DicomTime.TryParseRange(text, out _);
            _ = DicomDateTime.TryParse(text, TimeSpan.Zero, out _);
            _ = DicomDateTime.TryParseRange(text, TimeSpan.FromHours(random.Next(-12, 15)), out _);
            _ = DicomUid.TryParse(text, out _);
            _ = DicomTag.TryParse(text, out _);
            Assert.NotNull(PersonName.Parse(text).ToString());
            DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.PixelSpacing, text).SetString(DicomTags.InstanceNumber, text);
            Assert.True(DicomJson.Parse(DicomJson.ToBytes(dataSet)).Ok);
        });
}
