using MedicalAi.Bench.Data;
using MedicalAi.Bench.Measuring;

namespace MedicalAi.Bench.Headers;

/// <summary>Reading the headers of 2,000 CT files, up to their pixel data.</summary>
internal static class HeaderCase
{
    private const string Pydicom = "pydicom";
    private const string Dcmtk = "dcmtk";

    public static async Task RunAsync(Report report, string data, CancellationToken cancellationToken)
    {
        string folder = BenchData.WholeFiles(data);
        string[] files = BenchData.Files(folder);
        string script = Path.Combine(AppContext.BaseDirectory, "Headers", "read_headers.py");
        Report.Title(
            "Headers",
            $"The headers of {files.Length} CT files of 530 KB (255 elements, private groups among them) are read up to the pixel data, one after the other. The files are in the page cache. The start of programs is left out.");

        long elements = 0;
        await report.CompareAsync(
            "headers",
            [
                new Side(Pydicom, "`dcmread(stop_before_pixels=True)` in a loop; values stay undecoded until they are asked for", async token =>
                    Check(Pass.Parse(await Tool.ReadAsync("/usr/bin/python3", [script, folder], token))).Sample),
                new Side(Dcmtk, "`dcmdump +sb 7FE0,0010 +P 0008,0018`: reads all elements, prints one; less the time for one file", token => DcmdumpAsync(["+P", "0008,0018"], token)),
                new Side("dcmtk, printing", "`dcmdump +sb 7FE0,0010`: prints all elements to /dev/null; less the time for one file", token => DcmdumpAsync([], token)),
                new Side("ours, new process", "as ours, the first pass of its process: most of it is the compilation of the code", async token =>
                    Check(await Pass.OfOursAsync(isFirst: true, token, "headers", folder, nameof(HeaderWay.DataSet))).Sample),
                new Side("ours, pull reader", "`DicomReader`: every element is seen, none is kept", async token =>
                    Check(await Pass.OfOursAsync(isFirst: false, token, "headers", folder, nameof(HeaderWay.Reader))).Sample),
                new Side("ours", "`DicomFile.ReadAsync` with a stop tag: a data set of all elements; values stay undecoded until they are asked for", async token =>
                    Check(await Pass.OfOursAsync(isFirst: false, token, "headers", folder, nameof(HeaderWay.DataSet))).Sample),
            ],
            [
                new Target(Pydicom, Ratio.Rate, 10),
                new Target(Dcmtk, Ratio.Rate, 1),
            ],
            cancellationToken);

        async Task<Sample> DcmdumpAsync(string[] more, CancellationToken token)
        {
            string[] arguments = ["-q", "+sb", "7FE0,0010", .. more];
            ToolUse one = await Tool.RunAsync("dcmdump", [.. arguments, files[0]], token);
            ToolUse all = await Tool.RunAsync("dcmdump", [.. arguments, .. files], token);
            return new Sample((files.Length - 1) / (all.Seconds - one.Seconds), (all.CpuSeconds - one.CpuSeconds) * 1000 / (files.Length - 1));
        }

        // All who count elements must find the same number of them.
        Pass Check(Pass pass)
        {
            elements = elements == 0 ? pass.Checksum : elements;
            return pass.Checksum == elements ? pass : throw new InvalidDataException($"{pass.Checksum} elements were found where others found {elements}.");
        }
    }
}
