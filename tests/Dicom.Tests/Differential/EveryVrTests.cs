using System.Text.Json;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests.Differential;

/// <summary>A data set with a value of every VR, one with its longest form and one in an item, as others read it.</summary>
public sealed class EveryVrTests
{
    public static TheoryData<string> Syntaxes => ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"];

    [Fact]
    public void Every_VR_of_the_standard_is_in_it() =>
        Assert.Equal(Enum.GetValues<Vr>().Where(vr => vr is not (Vr.None or Vr.UN or Vr.SQ)).Order(), Sample().Select(element => element.Vr).Where(vr => vr != Vr.SQ).Distinct().Order());

    [Theory]
    [MemberData(nameof(Syntaxes))]
    public async Task What_we_write_is_read_by_pydicom_and_dcmtk_as_it_is(string uid)
    {
        using TempFolder folder = new();
        TransferSyntax syntax = TransferSyntax.Find(new DicomUid(uid))!;
        string path = folder.File("every.dcm");
        DicomDataSet dataSet = Sample();
        await File.WriteAllBytesAsync(path, Copies.File(dataSet, syntax), TestContext.Current.CancellationToken);
        SortedDictionary<string, string> ours = FlatDataSet.Of(dataSet);

        PydicomFile pydicom = Assert.Single(await Pydicom.ReadAsync([path], TestContext.Current.CancellationToken));
        Assert.Null(pydicom.Error);
        Assert.Empty(FlatDataSet.Differences(ours, FlatDataSet.Of(pydicom.DataSet!.Value)));

        ToolResult dcmtk = await ExternalTool.RunAsync("dcm2json", ["-fc", "-ee", path], TestContext.Current.CancellationToken);
        Assert.True(dcmtk.ExitCode == 0, dcmtk.ToString());
        Assert.Empty(FlatDataSet.Differences(ours, FlatDataSet.Of(JsonDocument.Parse(dcmtk.Output).RootElement)));
    }

    private static DicomDataSet Sample()
    {
        DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192");
        foreach (Vr vr in Enum.GetValues<Vr>().Where(vr => vr is not (Vr.None or Vr.UN or Vr.SQ)))
        {
            // Hanging protocols can select by values of every VR.
            dataSet.Set(new DicomElement(DicomDictionary.Find($"Selector{vr}Value")!.Tag, vr, Value(vr)));
        }

        DicomDataSet item = new(dataSet);
        foreach (DicomElement element in dataSet.Where(element => element.Tag.Group > 0x0008))
        {
            item.Set(element);
        }

        return dataSet.SetSequence(DicomTags.ReferencedImageSequence, item, new DicomDataSet(dataSet));
    }

    private static byte[] Value(Vr vr) => vr switch
    {
        Vr.AE => "STORE-SCP"u8.ToArray(),
        Vr.AS => "042Y"u8.ToArray(),
        Vr.CS => "PRIMARY"u8.ToArray(),
        Vr.DA => "20260228"u8.ToArray(),
        Vr.DS => "-1.25e3"u8.ToArray(),
        Vr.DT => "20260228120000.123456+0100"u8.ToArray(),
        Vr.IS => "-2147483648"u8.ToArray(),
        Vr.TM => "235959.999999"u8.ToArray(),
        Vr.UI => "1.2.840.10008.1.2"u8.ToArray(),
        Vr.UR => "http://host/path?query"u8.ToArray(),
        Vr.PN => "Yamada^Tarou=山田^太郎=やまだ^たろう"u8.ToArray(),
        Vr.LT or Vr.ST or Vr.UT => "Ä text\\with a backslash\r\nand a line."u8.ToArray(),
        Vr.LO or Vr.SH or Vr.UC => "Ä text"u8.ToArray(),
        Vr.FL or Vr.OF => [.. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-1e-10f)],
        Vr.FD or Vr.OD => [.. BitConverter.GetBytes(0.1), .. BitConverter.GetBytes(-2.5e-7)],
        Vr.AT => [0x18, 0, 0x63, 0x10],
        _ => [1, 2, 3, 4, 5, 6, 7, 0x88],
    };
}
