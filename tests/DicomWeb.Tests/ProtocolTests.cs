using System.Net;
using System.Text.Json;

namespace MedicalAi.DicomWeb.Tests;

public sealed class ProtocolTests
{
    [Theory]
    [InlineData("PUT", "studies", "POST, GET, HEAD, OPTIONS")]
    [InlineData("DELETE", "studies/1.2.3", "POST, GET, HEAD, OPTIONS")]
    [InlineData("POST", "studies/1.2.3/metadata", "GET, HEAD, OPTIONS")]
    public async Task A_method_that_a_resource_does_not_have_is_405(string method, string path, string allow)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpResponseMessage response = await gateway.SendAsync(new HttpMethod(method), path);
        await response.AssertProblemAsync(HttpStatusCode.MethodNotAllowed);
        Assert.Equal(allow.Split(", "), response.Content.Headers.Allow);
    }

    [Fact]
    public async Task The_capabilities_are_the_resources_that_answer()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpResponseMessage response = await gateway.SendAsync(HttpMethod.Options, "");
        JsonElement resources = (await response.ReadJsonAsync()).GetProperty("resources");
        Assert.Equal(DicomWebResource.All.Count, resources.GetArrayLength());
        foreach (DicomWebResource resource in DicomWebResource.All.Where(resource => resource.Method == "GET" && resource.Template != "/"))
        {
            string path = resource.Template.Replace("{**path}", "7FE00010", StringComparison.Ordinal).Replace("{frames}", "1", StringComparison.Ordinal)
                .Replace("{study}", "1.2", StringComparison.Ordinal).Replace("{series}", "1.2", StringComparison.Ordinal).Replace("{instance}", "1.2", StringComparison.Ordinal);
            using HttpResponseMessage answer = await gateway.GetAsync(path[1..]);
            string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(answer.StatusCode == HttpStatusCode.NoContent || (answer.StatusCode == HttpStatusCode.NotFound && !text.Contains("no such resource", StringComparison.Ordinal)), $"{path}: {answer.StatusCode} {text}");
        }
    }

    [Fact]
    public async Task Options_tells_the_methods_of_a_resource()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using HttpResponseMessage response = await gateway.SendAsync(HttpMethod.Options, "studies");
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(["POST", "GET", "HEAD", "OPTIONS"], response.Content.Headers.Allow);
    }

    [Fact]
    public async Task An_allowed_origin_may_read_answers_and_errors()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(new DicomWebOptions { AllowedOrigins = ["https://viewer.example.org"] });
        foreach (string path in (string[])["studies", "studies/1.2.3/metadata"])
        {
            using HttpResponseMessage response = await gateway.GetAsync(path, null, request => request.Headers.Add("Origin", "https://viewer.example.org"));
            Assert.Equal("https://viewer.example.org", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
            Assert.Contains("Warning", response.Headers.GetValues("Access-Control-Expose-Headers").Single(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_preflight_is_answered()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(new DicomWebOptions { AllowedOrigins = ["*"] });
        using HttpResponseMessage response = await gateway.SendAsync(HttpMethod.Options, "studies", null, request =>
        {
            request.Headers.Add("Origin", "https://viewer.example.org");
            request.Headers.Add("Access-Control-Request-Method", "POST");
        });
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("POST", response.Headers.GetValues("Access-Control-Allow-Methods").Single(), StringComparison.Ordinal);
        Assert.Contains("Authorization", response.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_origin_gets_no_permission()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(new DicomWebOptions { AllowedOrigins = ["https://viewer.example.org"] });
        using HttpResponseMessage response = await gateway.GetAsync("studies", null, request => request.Headers.Add("Origin", "https://evil.example.org"));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Urls_are_those_of_the_public_base_url()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(new DicomWebOptions { PublicBaseUrl = "https://pacs.example.org/a/dicomweb/" });
        await gateway.StoreWellAsync(TestInstances.Ct());
        JsonElement study = (await gateway.GetJsonAsync("studies"))[0];
        Assert.Equal("https://pacs.example.org/a/dicomweb/studies/1.2.1", study.Value("00081190").GetString());
        JsonElement metadata = (await gateway.GetJsonAsync("studies/1.2.1/metadata"))[0];
        Assert.StartsWith("https://pacs.example.org/a/dicomweb/studies/1.2.1/", metadata.GetProperty("7FE00010").GetProperty("BulkDataURI").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_that_is_away_is_503_with_a_time_to_come_back()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(null, services => ChangedStore.Use(services, store => store.Staging = () => throw new IOException("No space left on device.")));
        using HttpResponseMessage response = await gateway.StoreAsync([Dicom.DicomFile.ToBytes(TestInstances.Ct(), Dicom.TransferSyntax.ExplicitVrLittleEndian)]);
        await response.AssertProblemAsync(HttpStatusCode.ServiceUnavailable);
        Assert.NotNull(response.Headers.RetryAfter);
    }
}
