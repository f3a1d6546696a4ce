using System.Globalization;
using System.Text.Json;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests.Differential;

public sealed class PydicomTests
{
    [Fact]
    public async Task What_we_read_is_what_pydicom_reads()
    {
        List<(string, Difference)> differences = [];
        foreach ((string path, JsonElement? theirs, string? error) in await Pydicom.ReadAsync([.. TestData.DicomFiles.Select(file => file.FullPath)], TestContext.Current.CancellationToken))
        {
            string name = Path.GetRelativePath(TestData.Path("dicom"), path);
            ParseResult<DicomFile> ours = DicomFile.Parse(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
            if (ours.Ok && theirs is not null)
            {
                differences.AddRange(FlatDataSet.Compare(FlatDataSet.Of(ours.Value.DataSet), FlatDataSet.Of(theirs.Value))
                    .Select(one => ("pydicom", new Difference(name, one.Path, one.Ours, one.Theirs))));
            }
            else if (ours.Ok || theirs is not null)
            {
                differences.Add(("pydicom", new Difference(name, "", ours.Ok ? "read" : $"refused: {ours.Error.Kind}", error is null ? "read" : "refused")));
            }
        }

        KnownDifferences.AssertAre(["pydicom"], differences);
    }

    [Theory]
    [InlineData("its own syntax")]
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

        string tool = "pydicom of our copy in " + transferSyntax;
        List<(string, Difference)> differences = [];
        foreach ((int i, PydicomFile theirs) in (await Pydicom.ReadAsync(paths, TestContext.Current.CancellationToken)).Index())
        {
            differences.AddRange(theirs.DataSet is null
                ? KnownDifferences.Has("pydicom", names[i], "") ? [] : [(tool, new Difference(names[i], "", "written", "refused"))]
                : FlatDataSet.Compare(originals[i], FlatDataSet.Of(theirs.DataSet.Value))
                    .Where(one => !KnownDifferences.Has("pydicom", names[i], one.Path)) // of a value that pydicom cannot read in the original
                    .Select(one => (tool, new Difference(names[i], one.Path, one.Ours, one.Theirs))));
        }

        KnownDifferences.AssertAre([tool], differences);
    }
}
