using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MedicalAi.DicomWeb.Tests;

/// <summary>DICOMweb on a real server, over an archive in a folder of its own.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly WebApplication _app;

    private TestGateway(TempFolder folder, WebApplication app, string address)
    {
        _folder = folder;
        _app = app;
        BaseUrl = address + "/dicomweb";
        Client = new HttpClient { BaseAddress = new Uri(BaseUrl + "/") };
    }

    public string BaseUrl { get; }

    public HttpClient Client { get; }

    public IStudyIndex Index => _app.Services.GetRequiredService<IStudyIndex>();

    public static async Task<TestGateway> StartAsync(DicomWebOptions? options = null, Action<IServiceCollection>? configure = null)
    {
        TempFolder folder = new();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddArchive(new ArchiveOptions { DataFolder = folder.Path });
        builder.Services.AddDicomWeb(options ?? new DicomWebOptions());
        configure?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        app.MapDicomWeb();
        await app.StartAsync(TestContext.Current.CancellationToken);
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new TestGateway(folder, app, address);
    }

    /// <summary>Sends files as parts of one request.</summary>
    public async Task<HttpResponseMessage> StoreAsync(IEnumerable<byte[]> files, string path = "studies")
    {
        using MultipartContent body = new("related", "a-boundary-of-the-tests");
        body.Headers.ContentType!.Parameters.Add(new NameValueHeaderValue("type", "\"application/dicom\""));
        foreach (byte[] file in files)
        {
            ByteArrayContent part = new(file);
            part.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
            body.Add(part);
        }

        return await Client.PostAsync(new Uri(path, UriKind.Relative), body, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends files that are expected to be stored.</summary>
    public async Task StoreWellAsync(params DicomDataSet[] dataSets)
    {
        using HttpResponseMessage response = await StoreAsync(dataSets.Select(dataSet => DicomFile.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian)));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Sends a GET request.</summary>
    public Task<HttpResponseMessage> GetAsync(string path, string? accept = null, Action<HttpRequestMessage>? change = null) => SendAsync(HttpMethod.Get, path, accept, change);

    /// <summary>Sends a request without a body.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? accept = null, Action<HttpRequestMessage>? change = null)
    {
        using HttpRequestMessage request = new(method, path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        change?.Invoke(request);
        return await Client.SendAsync(request, HttpCompletionOption.ResponseContentRead, TestContext.Current.CancellationToken);
    }

    /// <summary>The JSON that a path answers with.</summary>
    public async Task<JsonElement> GetJsonAsync(string path)
    {
        using HttpResponseMessage response = await GetAsync(path, "application/dicom+json");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.ReadJsonAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}
