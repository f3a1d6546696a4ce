using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.DicomWeb.Tests;

/// <summary>Every file of the test data, stored and retrieved again.</summary>
public sealed class CorpusTests(CorpusTests.Corpus corpus) : IClassFixture<CorpusTests.Corpus>
{
    private const string AsStored = "multipart/related; type=application/octet-stream; transfer-syntax=*";

    public static TheoryData<string> Files { get; } = [.. TestData.DicomFiles.Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_sound_file_comes_back_with_the_same_data_set_and_any_other_is_refused(string name)
    {
        byte[] sent = TestData.Bytes("dicom/" + name);
        (HttpStatusCode status, JsonElement answer) = corpus.Answers[name];
        ParseResult<DicomFile> file = DicomFile.Parse(sent);
        bool isInstance = file.Ok && file.Value.DataSet.GetUid(DicomTags.SOPClassUID) is not null && file.Value.DataSet.GetUid(DicomTags.SOPInstanceUID) is not null;
        if (status == HttpStatusCode.Conflict)
        {
            JsonElement failure = answer.EnumerateObject().Single(property => property.Name is "00081198" or "0008119A").Value.GetProperty("Value")[0];
            int reason = failure.Value("00081197").GetInt32();
            Assert.True(isInstance ? reason == 0x0111 && corpus.IsRepeated(failure.Value("00081155").GetString()!) : reason == 0xC000, $"FailureReason {reason:X4} for {file.Error}");
            return;
        }

        Assert.True(status is HttpStatusCode.OK or HttpStatusCode.Accepted, $"{status}: {answer}");
        Assert.True(isInstance, "What is no instance was stored.");
        string url = answer.GetProperty("00081199").GetProperty("Value")[0].Value("00081190").GetString()!;
        using HttpResponseMessage response = await corpus.Gateway.GetAsync(url, "application/dicom");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        byte[] received = await response.ReadBytesAsync();
        Assert.Equal(DataSetOf(sent), DataSetOf(received));
        Assert.Equal($"application/dicom; transfer-syntax={file.Value.TransferSyntax.Uid}", response.Content.Headers.ContentType?.ToString());
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.1")]
    [InlineData("1.2.840.10008.1.2")]
    [InlineData("1.2.840.10008.1.2.2")]
    [InlineData("1.2.840.10008.1.2.1.99")]
    public async Task What_is_not_compressed_can_be_had_in_another_syntax_with_the_same_values(string syntax)
    {
        int files = 0;
        List<string> wrong = [];
        foreach (TestFile file in TestData.DicomFiles)
        {
            if (corpus.FindUrl(file.Name) is not { } url || DicomFile.Parse(await File.ReadAllBytesAsync(file.FullPath, TestContext.Current.CancellationToken)).Value is not { TransferSyntax.IsEncapsulated: false } sent)
            {
                continue;
            }

            using HttpResponseMessage response = await corpus.Gateway.GetAsync(url, $"multipart/related; type=\"application/dicom\"; transfer-syntax={syntax}");
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{file.Name}: {response.StatusCode}");
            (string headers, byte[] body) = Assert.Single(await response.ReadPartsAsync());
            Assert.Contains($"transfer-syntax={syntax}\r\n", headers, StringComparison.Ordinal);
            DicomFile got = DicomFile.Parse(body).Value;
            Assert.Equal(syntax, got.TransferSyntax.Uid.Value);

            // Implicit VR loses the VRs that the dictionary does not have, and a value of odd length is padded.
            bool isSame = got.TransferSyntax == sent.TransferSyntax || (syntax != "1.2.840.10008.1.2" && sent.DataSet.GetBytes(DicomTags.PixelData).Length % 2 == 0);
            DicomDataSet expected = isSame ? sent.DataSet : DicomFile.Parse(DicomFile.ToBytes(sent.DataSet, got.TransferSyntax)).Value.DataSet;
            if (!DicomJson.ToBytes(expected).AsSpan().SequenceEqual(DicomJson.ToBytes(got.DataSet)))
            {
                wrong.Add(file.Name);
            }

            files++;
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(files > 50, $"Only {files} files were compared.");
    }

    [Fact]
    public async Task Frames_are_those_that_pydicom_reads()
    {
        IReadOnlyDictionary<string, string[]> digests = await ReadDigestsAsync();
        int files = 0;
        List<string> wrong = [];
        foreach (TestFile file in TestData.DicomFiles)
        {
            if (!digests.TryGetValue(file.FullPath, out string[]? expected) || corpus.FindUrl(file.Name) is not { } url)
            {
                continue;
            }

            using HttpResponseMessage response = await corpus.Gateway.GetAsync($"{url}/frames/{string.Join(',', Enumerable.Range(1, expected.Length))}", AsStored);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                wrong.Add($"{file.Name}: {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
                continue;
            }

            string[] actual = [.. (await response.ReadPartsAsync()).Select(part => Convert.ToHexStringLower(SHA256.HashData(part.Body)))];
            if (!expected.SequenceEqual(actual))
            {
                wrong.Add($"{file.Name}: {file.TransferSyntax}, {expected.Length} frames");
            }

            files++;
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(files > 100, $"Only {files} files were compared.");
    }

    [Fact]
    public async Task Metadata_of_every_study_is_json_and_its_bulk_data_is_there()
    {
        int values = 0;
        foreach (JsonElement study in (await corpus.Gateway.GetJsonAsync("studies")).EnumerateArray())
        {
            JsonElement metadata = await corpus.Gateway.GetJsonAsync(study.Value("00081190").GetString() + "/metadata");
            Assert.Equal(study.Value("00201208").GetInt32(), metadata.GetArrayLength());
            foreach (string url in metadata.EnumerateArray().SelectMany(FindUrls))
            {
                using HttpResponseMessage response = await corpus.Gateway.GetAsync(url, AsStored + ", */*;q=0.5");
                Assert.True(response.StatusCode == HttpStatusCode.OK, $"{url}: {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
                values++;
            }
        }

        Assert.True(values > 100, $"Only {values} values were read.");
    }

    private static byte[] DataSetOf(byte[] file)
    {
        Part10Header header = FileMetaInformation.TryRead(new ReadOnlySequence<byte>(file), isFinal: true).Value!;
        return file[(int)header.DataSetOffset..];
    }

    private static IEnumerable<string> FindUrls(JsonElement dataSet)
    {
        foreach (JsonProperty attribute in dataSet.EnumerateObject())
        {
            if (attribute.Value.TryGetProperty("BulkDataURI", out JsonElement url))
            {
                yield return url.GetString()!;
            }
            else if (attribute.Value.GetProperty("vr").GetString() == "SQ" && attribute.Value.TryGetProperty("Value", out JsonElement items))
            {
                foreach (string inner in items.EnumerateArray().SelectMany(FindUrls))
                {
                    yield return inner;
                }
            }
        }
    }

    private static async Task<IReadOnlyDictionary<string, string[]>> ReadDigestsAsync()
    {
        using TempFolder folder = new();
        string list = folder.File("files.txt");
        await File.WriteAllLinesAsync(list, TestData.DicomFiles.Select(file => file.FullPath), TestContext.Current.CancellationToken);
        string script = Path.Combine(TestData.Root, "tests", "tools", "frame_digests.py");
        ToolResult result = await ExternalTool.RunAsync("/usr/bin/python3", [script, list], TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.ToString());
        return JsonSerializer.Deserialize<Dictionary<string, string[]>>(result.Output)!;
    }

    public sealed class Corpus : IAsyncLifetime
    {
        internal TestGateway Gateway { get; private set; } = null!;

        internal Dictionary<string, (HttpStatusCode Status, JsonElement Answer)> Answers { get; } = [];

        public async ValueTask InitializeAsync()
        {
            Gateway = await TestGateway.StartAsync();
            foreach (TestFile file in TestData.DicomFiles)
            {
                using HttpResponseMessage response = await Gateway.StoreAsync([await File.ReadAllBytesAsync(file.FullPath)]);
                Answers[file.Name] = (response.StatusCode, await response.ReadJsonAsync());
            }
        }

        /// <summary>Whether an instance of this UID was stored, of some file.</summary>
        internal bool IsRepeated(string instance) => Answers.Keys.Any(name => FindUrl(name)?.EndsWith("/" + instance, StringComparison.Ordinal) == true);

        /// <summary>The URL of the instance of a file; null when it was not stored.</summary>
        internal string? FindUrl(string name) => Answers[name] is { Status: HttpStatusCode.OK or HttpStatusCode.Accepted, Answer: var answer }
            ? answer.GetProperty("00081199").GetProperty("Value")[0].Value("00081190").GetString()
            : null;

        public ValueTask DisposeAsync() => Gateway?.DisposeAsync() ?? default;
    }
}
