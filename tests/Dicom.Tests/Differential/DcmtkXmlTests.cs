using System.Collections.Concurrent;
using System.Globalization;
using System.Xml.Linq;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests.Differential;

public sealed class DcmtkXmlTests
{
    private const int MaxLength = 8 * 1024;

    private static readonly XNamespace s_model = DicomXml.Namespace;

    /// <summary>
    /// Not compared: what dcmtk hands on as UN, and we know; values of bytes (the JSON of the same reader is), and whether they are OB or OW; keywords of retired attributes, which dcmtk does not write;
    /// carriage returns, which it writes in a way that XML takes away; the phonetic group where it repeats the ideographic one.
    /// </summary>
    [Fact]
    public async Task The_native_model_is_the_one_that_dcm2xml_makes()
    {
        ConcurrentBag<(string, string)> differences = [];
        await Parallel.ForEachAsync(TestData.DicomFiles.Where(file => file.Length < MaxLength), TestContext.Current.CancellationToken, async (file, cancellationToken) =>
        {
            ToolResult theirs = await ExternalTool.RunAsync("dcm2xml", ["-nat", "+Xn", "+U8", file.FullPath], cancellationToken);
            if (theirs.ExitCode != 0 || DicomFile.Parse(await File.ReadAllBytesAsync(file.FullPath, cancellationToken)) is not { Ok: true } ours)
            {
                return; // Who reads what is compared with dcm2json.
            }

            SortedDictionary<string, string> expected = new(StringComparer.Ordinal), made = new(StringComparer.Ordinal);
            Add(expected, XDocument.Parse(theirs.Output).Root!, "");
            using MemoryStream xml = new(DicomXml.ToBytes(ours.Value.DataSet));
            Add(made, XDocument.Load(xml).Root!, "");
            foreach (string path in expected.Where(pair => pair.Value.StartsWith("UN ", StringComparison.Ordinal)).Select(pair => pair.Key).ToArray())
            {
                expected.Remove(path);
                foreach (string known in made.Keys.Where(key => key == path || key.StartsWith(path + "/", StringComparison.Ordinal)).ToArray())
                {
                    made.Remove(known);
                }
            }

            foreach (string line in FlatDataSet.Differences(made, expected))
            {
                differences.Add((file.Name, line));
            }
        });

        Expectation.AssertAll(KnownDifferences.Of("dcm2xml beside ours"), [.. differences.Order()]);
    }

    private static void Add(SortedDictionary<string, string> flat, XElement parent, string path)
    {
        foreach (XElement attribute in parent.Elements(s_model + "DicomAttribute"))
        {
            string tag = attribute.Attribute("tag")!.Value;
            string vr = attribute.Attribute("vr")!.Value;
            string name = $"{path}{tag}{attribute.Attribute("privateCreator")?.Value}";
            if (tag == "00080005" || tag.EndsWith("0000", StringComparison.Ordinal))
            {
                continue;
            }

            string? keyword = DicomTag.TryParse(tag, out DicomTag parsed) && DicomDictionary.Find(parsed) is { IsRetired: false } ? attribute.Attribute("keyword")?.Value : null;
            flat[name] = $"{(vr == "OW" ? "OB" : vr)} {keyword} {string.Join('\\', attribute.Elements().Where(IsValue).Select(value => Text(vr, value)))}";
            foreach (XElement item in attribute.Elements(s_model + "Item"))
            {
                Add(flat, item, $"{name}/{item.Attribute("number")!.Value}/");
            }
        }
    }

    private static bool IsValue(XElement value) => value.Name.LocalName is "Value" or "PersonName";

    private static string Text(string vr, XElement value) => value.Attribute("number")!.Value + ":" + (
        value.Name.LocalName == "PersonName" ? string.Join('=', value.Elements().Where(group => group.HasElements && !IsRepeated(group)).Select(group =>
            group.Name.LocalName + string.Concat(group.Elements().Where(part => part.Value.Length > 0).Select(part => $" {part.Name.LocalName} {part.Value.Trim()}"))))
        : vr is "FL" or "FD" or "DS" && double.TryParse(value.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            ? number == 0 ? "0" : vr == "FL" ? ((float)number).ToString("R", CultureInfo.InvariantCulture) : number.ToString("G14", CultureInfo.InvariantCulture)
        : value.Value.Replace("\r", "", StringComparison.Ordinal).TrimEnd(' '));

    private static bool IsRepeated(XElement group) => group.Name.LocalName == "Phonetic" && group.Value == group.Parent!.Element(s_model + "Ideographic")?.Value;
}
