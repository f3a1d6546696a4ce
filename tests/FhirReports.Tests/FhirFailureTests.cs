using System.Collections.Concurrent;
using System.Net;
using Hl7.Fhir.Model;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Task = System.Threading.Tasks.Task;

namespace MedicalAi.FhirReports.Tests;

public sealed class FhirFailureTests
{
    [Theory]
    [InlineData("DiagnosticReport?patient.identifier=SECRET-1")]
    [InlineData("DiagnosticReport/SECRET-1")]
    public async Task While_the_archive_is_away_the_client_is_told_to_come_again(string path)
    {
        (HttpResponseMessage response, string log) = await AskAsync(path, new ArchiveUnavailableException("away"));
        using (response)
        {
            await FhirServer.ReadAsync<OperationOutcome>(response, HttpStatusCode.ServiceUnavailable);
            Assert.Equal(5, response.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        }

        Assert.Contains("5501", log, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Patient?identifier=SECRET-1")]
    [InlineData("Patient/SECRET-1")]
    public async Task A_fault_is_an_operation_outcome_and_a_log_line_without_patient_data(string path)
    {
        (HttpResponseMessage response, string log) = await AskAsync(path, new InvalidDataException("The stored FHIR resource cannot be read."));
        using (response)
        {
            OperationOutcome outcome = await FhirServer.ReadAsync<OperationOutcome>(response, HttpStatusCode.InternalServerError);
            Assert.Equal(OperationOutcome.IssueType.Exception, outcome.Issue[0].Code);
            Assert.DoesNotContain("stored", outcome.Issue[0].Diagnostics!, StringComparison.Ordinal);
        }

        Assert.Contains("5500 A FHIR request for /fhir/Patient failed", log, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", log, StringComparison.Ordinal);
    }

    private static async Task<(HttpResponseMessage Response, string Log)> AskAsync(string path, Exception fault)
    {
        using Lines lines = new();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(lines).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddSingleton<IReportIndex>(new FaultyIndex(fault));
        builder.Services.AddSingleton<IStudyIndex>(_ => throw fault);
        await using WebApplication host = builder.Build();
        host.MapFhir(new FhirOptions());
        await host.StartAsync(TestContext.Current.CancellationToken);
        using HttpClient client = new();
        HttpResponseMessage response = await client.GetAsync($"{host.Urls.Single()}/fhir/{path}", TestContext.Current.CancellationToken);
        await host.StopAsync(TestContext.Current.CancellationToken);
        return (response, string.Join('\n', lines.All));
    }

    /// <summary>An index that fails whatever it is asked.</summary>
    private sealed class FaultyIndex(Exception fault) : IReportIndex
    {
        public ValueTask<IReadOnlyList<ReportRow>> ListReportsAsync(DicomUid? study, int limit, int offset, CancellationToken cancellationToken) => throw fault;

        public ValueTask<ReportRow?> FindReportAsync(Guid taskId, CancellationToken cancellationToken) => throw fault;

        public ValueTask<FhirResource?> FindResourceAsync(string type, string id, CancellationToken cancellationToken) => throw fault;

        public ValueTask<IReadOnlyList<FhirResource>> SearchAsync(FhirQuery query, CancellationToken cancellationToken) => throw fault;

        public ValueTask<long> CountAsync(FhirQuery query, CancellationToken cancellationToken) => throw fault;
    }

    /// <summary>Keeps what is logged.</summary>
    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> All { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue($"{eventId.Id} {formatter(state, exception)}");

        public void Dispose()
        {
        }
    }
}
