using System.Collections.Concurrent;
using System.Text.Json;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests.Differential;

public sealed class DcmtkTests
{
    private const string NoIso2022 = "the conversion library that dcmtk is built with has no ISO 2022";
    private const string PadsOdd = "of an odd length, which dcmtk pads when it reads";

    private static readonly Expectation[] s_expected =
    [
        new("fo-dicom/charset/chrH31.dcm", "we read", NoIso2022),
        new("fo-dicom/charset/chrH32.dcm", "we read", NoIso2022),
        new("fo-dicom/charset/chrJapMulti.dcm", "we read", NoIso2022),
        new("fo-dicom/charset/chrJapMultiExplicitIR6.dcm", "we read", NoIso2022),
        new("fo-dicom/charset/chrSQEncoding1.dcm", "we read", NoIso2022),
        new("pydicom/test_files/J2K_pixelrep_mismatch.dcm", "we read", NoIso2022),
        new("fo-dicom/charset/chrSQEncoding.dcm", "00321064/0/00100010", "the item has a character set of its own, with ISO 2022; dcmtk hands on the bytes"),
        new("dcm4che/DICOMDIR", "we read", "text with high bytes and no character set: dcmtk refuses to guess, we take Latin 1"),
        new("fo-dicom/GH1301.dcm", "00100040", "high bytes in CS: dcmtk hands them on, which is no UTF-8; we take Latin 1"),
        new("fo-dicom/GH195.dcm", "00100030", "a date of blanks: dcmtk keeps them, we take them for padding"),
        new("dcm4che/Tag-0040-A170-VR-CS.dcm", "we read", "text in a sequence (0040,A170) in implicit VR: dcmtk gives up, we keep the bytes as UN"),
        new("dcm4che/no_preamble_dicm_in_data", "we read", "dcmtk takes the letters DICM at byte 128, in the middle of a value, for the prefix"),
        new("pydicom/test_files/dicomdirtests/DICOMDIR-nooffset", "they read", "the file is cut short: dcmtk keeps what there is, we say so"),
        new("highdicom/dx_image.dcm", "7FE00010", PadsOdd),
        new("pydicom/test_files/meta_missing_tsyntax.dcm", "00010001/0/00010002", PadsOdd),
        new("pydicom/test_files/nested_priv_SQ.dcm", "00010001/0/00010002", PadsOdd),
    ];

    /// <summary>dcm2json does not know pixel data in fragments: of such files it gets a copy of ours without it.</summary>
    [Fact]
    public async Task What_we_read_is_what_dcm2json_reads()
    {
        ConcurrentBag<(string, string)> differences = [];
        using TempFolder folder = new();
        await Parallel.ForEachAsync(TestData.DicomFiles, TestContext.Current.CancellationToken, async (file, cancellationToken) =>
        {
            ParseResult<DicomFile> ours = DicomFile.Parse(await File.ReadAllBytesAsync(file.FullPath, cancellationToken));
            string path = file.FullPath;
            DicomDataSet? dataSet = ours.Ok ? ours.Value.DataSet : null;
            if (dataSet is not null && dataSet.Any(element => element.Fragments is not null))
            {
                dataSet = Copies.For(TransferSyntax.ExplicitVrLittleEndian, dataSet);
                path = folder.File(Path.GetRandomFileName());
                await File.WriteAllBytesAsync(path, Copies.File(dataSet, TransferSyntax.ExplicitVrLittleEndian), cancellationToken);
            }

            ToolResult theirs = await ExternalTool.RunAsync("dcm2json", ["-fc", "-ee", path], cancellationToken);
            bool isRead = theirs.ExitCode == 0;
            if (dataSet is not null && isRead)
            {
                foreach (string line in FlatDataSet.Differences(FlatDataSet.Of(dataSet), FlatDataSet.Of(JsonDocument.Parse(theirs.Output).RootElement)))
                {
                    differences.Add((file.Name, line));
                }
            }
            else if (isRead != ours.Ok)
            {
                differences.Add((file.Name, isRead ? $"they read, we say {ours.Error}" : $"we read, they say {theirs.Error}"));
            }
        });

        Expectation.AssertAll(s_expected, [.. differences.Order()]);
    }
}
