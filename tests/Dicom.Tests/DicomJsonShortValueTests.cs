using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsCheck;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

/// <summary>Short values are written in a way of their own; indented JSON goes the long way, so that the two show each other's mistakes.</summary>
public sealed class DicomJsonShortValueTests
{
    private static readonly JavaScriptEncoder[] s_encoders = [JavaScriptEncoder.Default, JavaScriptEncoder.UnsafeRelaxedJsonEscaping];

    public static TheoryData<string> Files => [.. TestData.DicomFiles.Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_is_the_same_json_indented_and_not(string name)
    {
        if (DicomFile.Parse(TestData.Bytes("dicom/" + name)) is { Ok: true } file)
        {
            AssertSame(file.Value.DataSet);
        }
    }

    [Fact]
    public void Any_data_set_is_the_same_json_indented_and_not() => DataSetGen.DataSet.Sample(AssertSame, iter: 2000);

    [Theory]
    [InlineData(Vr.LO, "plain")]
    [InlineData(Vr.LO, "a\"b<&>\u007f")]
    [InlineData(Vr.LO, "one\\two")]
    [InlineData(Vr.LO, " \0")]
    [InlineData(Vr.LO, "\\")]
    [InlineData(Vr.LO, "\e(B")]
    [InlineData(Vr.LO, "é")]
    [InlineData(Vr.LT, " kept in front\\one value ")]
    [InlineData(Vr.DS, " +01.50 ")]
    [InlineData(Vr.DS, "1e400")]
    [InlineData(Vr.DS, "no number")]
    [InlineData(Vr.DS, "1\\2")]
    [InlineData(Vr.IS, "9007199254740993")]
    [InlineData(Vr.IS, "1E99")]
    [InlineData(Vr.IS, "-012")]
    [InlineData(Vr.PN, "A^B=C")]
    [InlineData(Vr.US, "")]
    [InlineData(Vr.US, "x")]
    [InlineData(Vr.US, "xy")]
    [InlineData(Vr.US, "xyz")]
    [InlineData(Vr.SL, "\u00ff\u00ff\u00ff\u00ff")]
    public void A_value_is_the_same_json_indented_and_not(Vr vr, string text)
    {
        for (int longer = 0; longer < 100; longer += 33)
        {
            byte[] value = [.. Encoding.Latin1.GetBytes(text), .. Enumerable.Repeat((byte)' ', longer)];
            AssertSame(new DicomDataSet().SetBytes(new DicomTag(0x0009, 0x1001), vr, value));
        }
    }

    private static void AssertSame(DicomDataSet dataSet)
    {
        foreach (JavaScriptEncoder encoder in s_encoders)
        {
            using JsonDocument compact = Write(dataSet, encoder, isIndented: false), indented = Write(dataSet, encoder, isIndented: true);
            Assert.True(JsonElement.DeepEquals(compact.RootElement, indented.RootElement), $"{compact.RootElement}\n{indented.RootElement}");
        }
    }

    private static JsonDocument Write(DicomDataSet dataSet, JavaScriptEncoder encoder, bool isIndented)
    {
        ArrayBufferWriter<byte> output = new();
        using (Utf8JsonWriter writer = new(output, new JsonWriterOptions { Encoder = encoder, Indented = isIndented }))
        {
            DicomJson.Write(dataSet, writer);
        }

        return JsonDocument.Parse(output.WrittenMemory);
    }
}
