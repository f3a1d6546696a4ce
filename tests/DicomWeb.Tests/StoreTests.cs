using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using MedicalAi.Dicom;

namespace MedicalAi.DicomWeb.Tests;

public sealed class StoreTests
{
    [Fact]
    public async Task Stored_instances_are_answered_with_200_and_where_they_are()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpResponseMessage response = await gateway.StoreAsync([Bytes(TestInstances.Ct()), Bytes(TestInstances.Ct(instance: "1.2.1.1.2"))], "studies/1.2.1");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/dicom+json", response.Content.Headers.ContentType?.MediaType);
        JsonElement answer = await response.ReadJsonAsync();
        Assert.Equal($"{gateway.BaseUrl}/studies/1.2.1", answer.Value("00081190").GetString());
        JsonElement stored = answer.GetProperty("00081199").GetProperty("Value");
        Assert.Equal(["1.2.1.1.1", "1.2.1.1.2"], stored.EnumerateArray().Select(item => item.Value("00081155").GetString()));
        Assert.Equal($"{gateway.BaseUrl}/studies/1.2.1/series/1.2.1.1/instances/1.2.1.1.1", stored[0].Value("00081190").GetString());
        Assert.Equal(DicomUids.CTImageStorage.Value, stored[0].Value("00081150").GetString());
        Assert.False(answer.TryGetProperty("00081198", out _));
    }

    [Fact]
    public async Task The_same_instance_again_is_a_success()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await gateway.StoreWellAsync(TestInstances.Ct());
        using HttpResponseMessage response = await gateway.StoreAsync([Bytes(TestInstances.Ct())]);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task One_instance_can_be_the_whole_body()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using ByteArrayContent body = new(Bytes(TestInstances.Ct()));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
        using HttpResponseMessage response = await gateway.Client.PostAsync(new Uri("studies", UriKind.Relative), body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("1.2.1.1.1", (await response.ReadJsonAsync()).GetProperty("00081199").GetProperty("Value")[0].Value("00081155").GetString());
    }

    [Fact]
    public async Task Other_content_under_the_same_uid_is_a_failure_with_its_reason_and_the_others_are_stored()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await gateway.StoreWellAsync(TestInstances.Ct());
        using HttpResponseMessage response = await gateway.StoreAsync([Bytes(TestInstances.Ct().SetString(DicomTags.SliceThickness, "3")), Bytes(TestInstances.Ct(instance: "1.2.1.1.2"))]);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        JsonElement answer = await response.ReadJsonAsync();
        JsonElement failed = Assert.Single(answer.GetProperty("00081198").GetProperty("Value").EnumerateArray());
        Assert.Equal("1.2.1.1.1", failed.Value("00081155").GetString());
        Assert.Equal(0x0111, failed.Value("00081197").GetInt32());
        Assert.Single(answer.GetProperty("00081199").GetProperty("Value").EnumerateArray());
    }

    [Fact]
    public async Task An_instance_of_another_study_than_that_of_the_path_is_a_conflict()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpResponseMessage response = await gateway.StoreAsync([Bytes(TestInstances.Ct())], "studies/2.9.9");
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal(0xA900, (await response.ReadJsonAsync()).GetProperty("00081198").GetProperty("Value")[0].Value("00081197").GetInt32());
        using HttpResponseMessage found = await gateway.GetAsync("instances");
        Assert.Equal(HttpStatusCode.NoContent, found.StatusCode);
    }

    [Fact]
    public async Task An_instance_without_study_and_series_is_stored_with_a_warning_and_found_where_the_answer_says()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        DicomDataSet palette = TestInstances.Ct();
        palette.Remove(DicomTags.StudyInstanceUID);
        palette.Remove(DicomTags.SeriesInstanceUID);
        byte[] sent = Bytes(palette);
        using HttpResponseMessage response = await gateway.StoreAsync([sent]);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        JsonElement stored = Assert.Single((await response.ReadJsonAsync()).GetProperty("00081199").GetProperty("Value").EnumerateArray());
        Assert.Equal(0xB007, stored.Value("00081196").GetInt32());
        string url = stored.Value("00081190").GetString()!;

        JsonElement found = Assert.Single((await gateway.GetJsonAsync("instances")).EnumerateArray());
        JsonElement metadata = Assert.Single((await gateway.GetJsonAsync(url + "/metadata")).EnumerateArray());
        foreach (string tag in new[] { "0020000D", "0020000E" })
        {
            Assert.Contains($"/{found.Value(tag).GetString()}/", url, StringComparison.Ordinal);
            Assert.Equal(found.Value(tag).GetString(), metadata.Value(tag).GetString());
        }

        Assert.Equal(found.Value("0020000D").GetString(), Assert.Single((await gateway.GetJsonAsync("studies")).EnumerateArray()).Value("0020000D").GetString());
        using HttpResponseMessage retrieved = await gateway.GetAsync(url, "application/dicom");
        DicomFile file = DicomFile.Parse(await retrieved.ReadBytesAsync()).Value;
        Assert.Equal(DicomJson.ToBytes(palette), DicomJson.ToBytes(file.DataSet));
    }

    [Fact]
    public async Task An_instance_without_a_study_is_not_of_the_study_of_the_path()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        DicomDataSet dataSet = TestInstances.Ct();
        dataSet.Remove(DicomTags.StudyInstanceUID);
        using HttpResponseMessage response = await gateway.StoreAsync([Bytes(dataSet)], "studies/1.2.1");
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal(0xA900, (await response.ReadJsonAsync()).GetProperty("00081198").GetProperty("Value")[0].Value("00081197").GetInt32());
    }

    [Fact]
    public async Task What_is_no_instance_is_a_failure_without_a_uid()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpResponseMessage response = await gateway.StoreAsync([Encoding.ASCII.GetBytes(new string('x', 5000)), Bytes(TestInstances.Ct())]);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        JsonElement answer = await response.ReadJsonAsync();
        Assert.Equal(0xC000, answer.GetProperty("0008119A").GetProperty("Value")[0].Value("00081197").GetInt32());
    }

    [Fact]
    public async Task A_part_of_another_media_type_is_a_failure_of_that_part()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpResponseMessage response = await PostAsync(gateway, "multipart/related; type=\"application/dicom\"; boundary=b", [.. "--b\r\nContent-Type: text/html\r\n\r\n<p>\r\n--b--\r\n"u8]);
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
    }

    [Fact]
    public async Task Warnings_are_told_with_202()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await gateway.StoreWellAsync(TestInstances.Ct());
        using HttpResponseMessage response = await gateway.StoreAsync([Bytes(TestInstances.Ct(instance: "1.2.1.1.2", patient: "Other^Name"))]);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        JsonElement stored = (await response.ReadJsonAsync()).GetProperty("00081199").GetProperty("Value")[0];
        Assert.Equal(0xB007, stored.Value("00081196").GetInt32());
        Assert.DoesNotContain("Other", stored.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("nonsense", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/dicom+json", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("multipart/form-data; boundary=b", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("multipart/related; type=\"application/dicom+xml\"; boundary=b", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("multipart/related; type=\"application/dicom\"", HttpStatusCode.BadRequest)]
    [InlineData("multipart/related; type=\"application/dicom\"; boundary=\"\"", HttpStatusCode.BadRequest)]
    [InlineData("multipart/related; type=\"application/dicom\"; boundary=other", HttpStatusCode.BadRequest)]
    public async Task A_body_that_cannot_be_taken_is_refused_with_problem_details(string contentType, HttpStatusCode status)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpResponseMessage response = await PostAsync(gateway, contentType, [.. "--b\r\nContent-Type: application/dicom\r\n\r\nx\r\n--b--\r\n"u8]);
        await response.AssertProblemAsync(status);
    }

    [Fact]
    public async Task A_body_that_ends_within_an_instance_stores_what_came_before_and_nothing_of_it()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        byte[] whole = Bytes(TestInstances.Ct());
        byte[] cut = Bytes(TestInstances.Ct(instance: "1.2.1.1.2"));
        byte[] body = [.. "--b\r\n\r\n"u8, .. whole, .. "\r\n--b\r\n\r\n"u8, .. cut];
        using HttpResponseMessage response = await PostAsync(gateway, "multipart/related; type=\"application/dicom\"; boundary=b", body);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        JsonElement instances = await gateway.GetJsonAsync("instances");
        Assert.Equal("1.2.1.1.1", Assert.Single(instances.EnumerateArray()).Value("00080018").GetString());
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(new DicomWebOptions { MaximumRequestLength = 1000 });
        using HttpResponseMessage response = await gateway.StoreAsync([new byte[5000]]);
        await response.AssertProblemAsync(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task An_empty_body_is_refused()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpResponseMessage response = await PostAsync(gateway, "multipart/related; type=\"application/dicom\"; boundary=b", [.. "--b--\r\n"u8]);
        await response.AssertProblemAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_client_that_takes_no_json_is_told_so_before_anything_is_stored()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        gateway.Client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", "application/dicom+xml");
        using HttpResponseMessage response = await gateway.StoreAsync([Bytes(TestInstances.Ct())]);
        await response.AssertProblemAsync(HttpStatusCode.NotAcceptable);
        gateway.Client.DefaultRequestHeaders.Clear();
        using HttpResponseMessage found = await gateway.GetAsync("instances");
        Assert.Equal(HttpStatusCode.NoContent, found.StatusCode);
    }

    [Fact]
    public async Task Many_instances_of_one_request_are_answered_in_their_order()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        string[] uids = [.. Enumerable.Range(1, 300).Select(i => $"1.2.1.1.{i}")];
        byte[][] files = [.. uids.Select(uid => Bytes(TestInstances.Ct(instance: uid)))];
        files[100] = [1, 2, 3];
        using HttpResponseMessage response = await gateway.StoreAsync(files);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        JsonElement answer = await response.ReadJsonAsync();
        Assert.Equal(uids.Where((_, i) => i != 100), answer.GetProperty("00081199").GetProperty("Value").EnumerateArray().Select(item => item.Value("00081155").GetString()));
        Assert.Single(answer.GetProperty("0008119A").GetProperty("Value").EnumerateArray());
        Assert.Equal(299, (await gateway.GetJsonAsync("instances")).GetArrayLength());
    }

    [Theory]
    [InlineData(24)]
    [InlineData(700_000)]
    public async Task The_next_instances_are_read_while_one_waits_for_its_commit(int pixels)
    {
        const int Files = 20;
        int staged = 0;
        TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestGateway gateway = await TestGateway.StartAsync(null, services => ChangedStore.Use(services, store =>
        {
            store.Staging = () =>
            {
                if (Interlocked.Increment(ref staged) == Files)
                {
                    all.SetResult();
                }
            };
            store.Publishing = () => all.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }));
        using HttpResponseMessage response = await gateway.StoreAsync(Enumerable.Range(1, Files).Select(i => Bytes(TestInstances.Ct(instance: $"1.2.1.1.{i}").SetBytes(DicomTags.PixelData, Vr.OW, new byte[pixels]))));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static byte[] Bytes(DicomDataSet dataSet) => DicomFile.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian);

    private static async Task<HttpResponseMessage> PostAsync(TestGateway gateway, string contentType, byte[] content)
    {
        using ByteArrayContent body = new(content);
        body.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return await gateway.Client.PostAsync(new Uri("studies", UriKind.Relative), body, TestContext.Current.CancellationToken);
    }
}
