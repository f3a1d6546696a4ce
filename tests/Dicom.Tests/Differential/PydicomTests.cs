using System.Globalization;
using System.Text.Json;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests.Differential;

public sealed class PydicomTests
{
    private const string NoPrefix = "no preamble and no meta information: pydicom wants to be forced, we find the encoding by the first element";
    private const string CutShort = "the file is cut short: pydicom keeps what there is, we say so; a gateway must not keep half an instance as a whole one";

    private static readonly Expectation[] s_values =
    [
        new("fo-dicom/charset/chrGB2312.dcm", "00100010", "pydicom leaves the escape sequences of ISO 2022 IR 58 in the name"),
        new("fo-dicom/GH195.dcm", "00091105", "text in DS that is no number: pydicom fails, we hand on the text (PS3.18 F.2.3.1)"),
        new("pydicom/test_files/badVR.dcm", "00280008", "text in IS that is no number: pydicom fails, we hand on the text"),
    ];

    private static readonly Expectation[] s_expected =
    [
        new("dcm4che/OT-PAL-8-face", "we read", NoPrefix),
        new("fo-dicom/CR-MONO1-10-chest", "we read", NoPrefix),
        new("pydicom-data/JLSL_RGB_ILV0.dcm", "we read", NoPrefix),
        new("pydicom-data/JLSL_RGB_ILV1.dcm", "we read", NoPrefix),
        new("pydicom-data/JLSL_RGB_ILV2.dcm", "we read", NoPrefix),
        new("pydicom-data/JLSN_RGB_ILV0.dcm", "we read", NoPrefix),
        new("pydicom/test_files/ExplVR_BigEndNoMeta.dcm", "we read", NoPrefix),
        new("pydicom/test_files/ExplVR_LitEndNoMeta.dcm", "we read", NoPrefix),
        new("pydicom/test_files/rtstruct.dcm", "we read", NoPrefix),
        new("dcm4che/no_preamble_dicm_in_data", "", "pydicom takes the letters DICM at byte 128, in the middle of a value, for the prefix, and reads from there"),
        new("fo-dicom/GH179B.dcm", "they read", CutShort),
        new("fo-dicom/GH626.dcm", "they read", CutShort),
        new("pydicom/test_files/MR_truncated.dcm", "they read", CutShort),
        new("pydicom/test_files/rtplan_truncated.dcm", "they read", CutShort),
        new("pydicom/test_files/dicomdirtests/DICOMDIR-nooffset", "they read", CutShort),
        new("pydicom-data/emri_small_jpeg_2k_lossless_too_short.dcm", "they read", CutShort),
        new("fo-dicom/GH364.dcm", "they read", "an item stands where an element must, and what it holds would be lost; dcmtk refuses it too"),
        new("fo-dicom/GH179A.dcm", "", "pydicom takes the VR of two spaces for one with a long length and loses its way; dcmtk reads it as we do"),
        new("dcm4che/Tag-0040-A170-VR-CS.dcm", "0040A020/0/0040A730/", "text in a sequence (0040,A170) in implicit VR: pydicom reads letters as an item, we keep the bytes as UN"),
    ];

    [Fact]
    public async Task What_we_read_is_what_pydicom_reads()
    {
        List<(string, string)> differences = [];
        foreach ((string path, JsonElement? theirs, string? error) in await Pydicom.ReadAsync([.. TestData.DicomFiles.Select(file => file.FullPath)], TestContext.Current.CancellationToken))
        {
            string name = Path.GetRelativePath(TestData.Path("dicom"), path);
            ParseResult<DicomFile> ours = DicomFile.Parse(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
            if (ours.Ok && theirs is not null)
            {
                differences.AddRange(FlatDataSet.Differences(FlatDataSet.Of(ours.Value.DataSet), FlatDataSet.Of(theirs.Value)).Select(line => (name, line)));
            }
            else if (ours.Ok)
            {
                differences.Add((name, "we read, they say " + error));
            }
            else if (theirs is not null)
            {
                differences.Add((name, "they read, we say " + ours.Error));
            }
        }

        Expectation.AssertAll([.. s_values, .. s_expected], differences);
    }

    [Theory]
    [InlineData("the one of the file")]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2.1.99")]
    [InlineData("1.2.840.10008.1.2.2")]
    public async Task What_we_write_has_the_values_of_the_original_for_pydicom(string transferSyntax)
    {
        TransferSyntax? asked = DicomUid.TryParse(transferSyntax, out DicomUid uid) ? TransferSyntax.Find(uid) : null;
        using TempFolder folder = new();
        List<string> names = [];
        List<string> paths = [];
        List<SortedDictionary<string, string>> originals = [];
        foreach (TestFile file in TestData.DicomFiles)
        {
            byte[] bytes = await File.ReadAllBytesAsync(file.FullPath, TestContext.Current.CancellationToken);
            if (DicomFile.Parse(bytes) is { Ok: true } read)
            {
                TransferSyntax syntax = asked ?? read.Value.TransferSyntax;
                DicomDataSet dataSet = Copies.For(syntax, read.Value.DataSet);
                paths.Add(folder.File(names.Count.ToString(CultureInfo.InvariantCulture)));
                names.Add(file.Name);
                originals.Add(FlatDataSet.Of(dataSet));
                await File.WriteAllBytesAsync(paths[^1], Copies.File(dataSet, syntax), TestContext.Current.CancellationToken);
            }
        }

        List<(string, string)> differences = [];
        foreach ((int i, PydicomFile theirs) in (await Pydicom.ReadAsync(paths, TestContext.Current.CancellationToken)).Index())
        {
            differences.AddRange(theirs.DataSet is null
                ? [(names[i], theirs.Error!)]
                : FlatDataSet.Differences(originals[i], FlatDataSet.Of(theirs.DataSet.Value)).Select(line => (names[i], line)));
        }

        Expectation.AssertAll(asked?.IsExplicitVr ?? true ? s_values : [.. s_values.Where(one => one.Difference != "00091105")], differences);
    }
}
