using System.Collections.Concurrent;
using System.Text.Json;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests.Differential;

public sealed class DcmtkTests
{
    /// <summary>dcm2json does not know pixel data in fragments, and its conversion library no ISO 2022: of such files dcmdump is asked.</summary>
    [Fact]
    public async Task What_we_read_is_what_dcmtk_reads()
    {
        ConcurrentBag<(string, Difference)> differences = [];
        await Parallel.ForEachAsync(TestData.DicomFiles, TestContext.Current.CancellationToken, async (file, cancellationToken) =>
        {
            ParseResult<DicomFile> ours = DicomFile.Parse(await File.ReadAllBytesAsync(file.FullPath, cancellationToken));
            string tool = "dcm2json";
            ToolResult theirs = await ExternalTool.RunAsync("dcm2json", ["-fc", "-ee", file.FullPath], cancellationToken);
            if (theirs.ExitCode != 0)
            {
                tool = "dcmdump";
                theirs = await ExternalTool.RunAsync("dcmdump", ["-q", "-dc", "-Un", "+L", "+Qn", file.FullPath], cancellationToken);
            }

            if (ours.Ok && theirs.ExitCode == 0)
            {
                foreach ((string path, string our, string their) in tool == "dcm2json"
                    ? FlatDataSet.Compare(FlatDataSet.Of(ours.Value.DataSet), FlatDataSet.Of(JsonDocument.Parse(theirs.Output).RootElement))
                    : FlatDataSet.Compare(DcmdumpText.Of(ours.Value.DataSet), DcmdumpText.Parse(theirs.Output)))
                {
                    differences.Add((tool, new Difference(file.Name, path, our, their)));
                }
            }
            else if (theirs.ExitCode == 0 || ours.Ok)
            {
                differences.Add((tool, new Difference(file.Name, "", ours.Ok ? "read" : $"refused: {ours.Error.Kind}", theirs.ExitCode == 0 ? "read" : "refused")));
            }
        });

        KnownDifferences.AssertAre(["dcm2json", "dcmdump"], differences);
    }
}
