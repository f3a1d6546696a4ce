using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MedicalAi.Dicom;

namespace MedicalAi.Integration;

/// <summary>What the tests ask a gateway, as any outside client would.</summary>
internal static class GatewayQueries
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);

    /// <summary>A JSON answer.</summary>
    public static async Task<JsonElement> GetJsonAsync(this GatewayProcess gateway, string path, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await gateway.Http.GetAsync(path, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NoContent)
        {
            return JsonSerializer.SerializeToElement(Array.Empty<object>());
        }

        string body = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    /// <summary>The matches of a QIDO-RS query.</summary>
    public static async Task<IReadOnlyList<DicomDataSet>> FindAsync(this GatewayProcess gateway, string query, CancellationToken cancellationToken)
    {
        JsonElement answer = await gateway.GetJsonAsync("/dicomweb/" + query, cancellationToken);
        return DicomJson.ParseArray(System.Text.Encoding.UTF8.GetBytes(answer.GetRawText())).Value;
    }

    /// <summary>The Part 10 file of an instance by WADO-RS.</summary>
    public static async Task<byte[]> RetrieveAsync(this GatewayProcess gateway, string path, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/dicomweb/" + path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/dicom") { Parameters = { new NameValueHeaderValue("transfer-syntax", "*") } });
        using HttpResponseMessage response = await gateway.Http.SendAsync(request, cancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}");
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    /// <summary>Stores a Part 10 file by STOW-RS.</summary>
    public static async Task<HttpResponseMessage> StoreAsync(this GatewayProcess gateway, byte[] file, CancellationToken cancellationToken)
    {
        using ByteArrayContent content = new(file);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
        return await gateway.Http.PostAsync("/dicomweb/studies", content, cancellationToken);
    }

    /// <summary>The tasks of a study.</summary>
    public static async Task<IReadOnlyList<JsonElement>> ListTasksAsync(this GatewayProcess gateway, string? study, CancellationToken cancellationToken)
    {
        JsonElement tasks = await gateway.GetJsonAsync(study is null ? "/api/tasks?limit=1000" : $"/api/tasks?study={study}", cancellationToken);
        return [.. tasks.EnumerateArray()];
    }

    /// <summary>Waits until there are so many tasks and all of them have ended.</summary>
    public static async Task<IReadOnlyList<JsonElement>> WaitForTasksAsync(this GatewayProcess gateway, int count, TimeSpan limit, CancellationToken cancellationToken)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(limit);
        IReadOnlyList<JsonElement> tasks = [];
        try
        {
            while (true)
            {
                tasks = await gateway.ListTasksAsync(null, end.Token);
                if (tasks.Count >= count && tasks.All(task => task.GetProperty("status").GetString() is "completed" or "failed" or "cancelled"))
                {
                    return tasks;
                }

                await Task.Delay(s_poll, end.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The tasks did not end: {string.Join('\n', tasks.Select(task => task.GetRawText()))}\n{gateway.Output}");
        }
    }

    /// <summary>The bytes of the data set of a Part 10 file.</summary>
    public static byte[] DataSetOf(byte[] file) => file[(int)DicomFile.Parse(file, DicomReadOptions.Header).Value.DataSetOffset..];
}
