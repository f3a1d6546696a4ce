using System.Globalization;
using System.Text;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Imaging;
using MedicalAi.Testing;

namespace MedicalAi.DicomWeb.Tests;

/// <summary>
/// The tables of section 6 of <c>conformance-statement.md</c> are made from the tables of the code. After a change, run this class
/// once with <c>UPDATE_CONFORMANCE_STATEMENT=1</c> in the environment: it writes them anew.
/// </summary>
public sealed class ConformanceStatementTests
{
    private const string End = "<!-- end of generated -->";

    [Fact]
    public async Task The_tables_of_dicomweb_are_those_of_the_code()
    {
        string path = Path.Combine(TestData.Root, "conformance-statement.md");
        string text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        string expected = text;
        await using TestGateway gateway = await TestGateway.StartAsync();
        foreach ((string name, string table) in Tables(gateway.Index))
        {
            string marker = $"<!-- generated: {name} -->\n";
            int start = expected.IndexOf(marker, StringComparison.Ordinal) + marker.Length;
            Assert.True(start >= marker.Length, $"The table {name} has no place.");
            expected = expected[..start] + "\n" + table + "\n" + expected[expected.IndexOf(End, start, StringComparison.Ordinal)..];
        }

        if (Environment.GetEnvironmentVariable("UPDATE_CONFORMANCE_STATEMENT") == "1")
        {
            await File.WriteAllTextAsync(path, expected, TestContext.Current.CancellationToken);
        }
        else
        {
            Assert.Equal(expected, text);
        }
    }

    private static IEnumerable<(string Name, string Table)> Tables(IStudyIndex index)
    {
        yield return ("dicomweb-resources", Table(
            ["transaction", "method", "resource", "takes", "answers"],
            DicomWebResource.All.Select(one => new[]
            {
                Words(one.Transaction), one.Method, $"`{one.Template.Replace("{**", "{", StringComparison.Ordinal)}`", List(one.RequestMediaTypes), List(one.ResponseMediaTypes),
            })));
        yield return ("dicomweb-store-outcomes", Table(
            ["outcome", "sequence", "Failure Reason (0008,1197)"],
            Enum.GetValues<IngestOutcome>().Select(outcome => outcome is IngestOutcome.Stored or IngestOutcome.AlreadyStored
                ? new[] { Words(outcome), "Referenced SOP Sequence (0008,1199)", "" }
                : [Words(outcome), "Failed SOP Sequence (0008,1198)", $"`{StoreReport.ReasonOf(outcome).ToString("X4", CultureInfo.InvariantCulture)}`"])));
        yield return ("dicomweb-search-keys", Table(
            ["attribute", "tag", "studies", "series"],
            DicomDictionary.Entries
                .Select(entry => (Entry: entry, Levels: new[] { IndexLevel.Study, IndexLevel.Series }.Select(level => Matches(index, level, entry.Tag)).ToArray()))
                .Where(one => one.Levels[1])
                .Select(one => (string[])[one.Entry.Keyword, one.Entry.Tag.ToString(), .. one.Levels.Select(matches => matches ? "yes" : "")])));
        yield return ("dicomweb-frames", Table(
            ["transfer syntax", "UID", "media type as stored", "as pixels", "rendered"],
            TransferSyntax.All.Where(syntax => !syntax.Name.StartsWith("JPIP", StringComparison.Ordinal)).Select(syntax => new[]
            {
                syntax.Name,
                $"`{syntax.Uid}`",
                syntax.IsEncapsulated ? MediaTypes.OfFrame(syntax) : "",
                FrameDecoder.IsSupported(syntax) ? "yes" : "",
                FrameDecoder.IsSupported(syntax) ? "yes" : MediaTypes.OfFrame(syntax).StartsWith("video/", StringComparison.Ordinal) ? "as itself" : "",
            })));
    }

    private static bool Matches(IStudyIndex index, IndexLevel level, DicomTag tag) =>
        index.FindUnsupported(new IndexQuery(level) { Matches = [new AttributeMatch(tag, "1") { Item = [new AttributeMatch(DicomTags.CodeValue, "1")] }] }).Count == 0;

    private static string List(IReadOnlyList<string> types) => string.Join("; ", types.Select(type => type.Contains('/', StringComparison.Ordinal) && !type.Contains(" of ", StringComparison.Ordinal) && !type.Contains(" or ", StringComparison.Ordinal) && !type.Contains(" with ", StringComparison.Ordinal) ? $"`{type}`" : type));

    private static string Words(DicomWebTransaction transaction) => transaction switch
    {
        DicomWebTransaction.RetrieveCapabilities => "Retrieve Capabilities",
        DicomWebTransaction.Store => "Store",
        DicomWebTransaction.SearchStudies or DicomWebTransaction.SearchSeries or DicomWebTransaction.SearchInstances => "Search",
        DicomWebTransaction.RetrieveInstances => "Retrieve instances",
        DicomWebTransaction.RetrieveMetadata => "Retrieve metadata",
        DicomWebTransaction.RetrieveFrames => "Retrieve frames",
        DicomWebTransaction.RetrieveBulkData => "Retrieve bulk data",
        DicomWebTransaction.RetrieveRendered => "Retrieve rendered",
        DicomWebTransaction.RetrieveThumbnail => "Retrieve thumbnail",
        _ => throw new ArgumentOutOfRangeException(nameof(transaction)),
    };

    private static string Words(IngestOutcome outcome) => outcome switch
    {
        IngestOutcome.Stored => "durable in the object store and committed in the index",
        IngestOutcome.AlreadyStored => "the same instance with the same content was there already",
        IngestOutcome.Quarantined => "the SOP Instance UID is taken by other content: the first stays, this one is kept aside",
        IngestOutcome.CannotUnderstand => "not a data set, or without a valid SOP Class or SOP Instance UID",
        IngestOutcome.Mismatch => "of another study than that of the path, or of none",
        IngestOutcome.OutOfResources => "the disk is full or failed",
        IngestOutcome.Unavailable => "the object store or the index is away",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    private static string Table(string[] heads, IEnumerable<string[]> rows)
    {
        StringBuilder text = new();
        foreach (string[] row in (string[][])[heads, [.. heads.Select(_ => "---")], .. rows])
        {
            text.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        }

        return text.ToString();
    }
}
