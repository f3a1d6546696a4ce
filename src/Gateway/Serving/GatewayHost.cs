using MedicalAi.Archive;
using MedicalAi.Dicom.Network;
using MedicalAi.DicomScp;
using MedicalAi.DicomWeb;
using MedicalAi.FhirReports;
using MedicalAi.InferenceEngine;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using Prometheus;

namespace MedicalAi.Gateway;

/// <summary>The gateway put together: one process with one Kestrel for HTTP and DICOM, by its roles.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    /// <summary>The path of DICOMweb.</summary>
    public const string DicomWebPath = "/dicomweb";

    // What runs is finished or given back within this time; it is longer than the associations' own.
    private static readonly TimeSpan s_shutdown = TimeSpan.FromSeconds(30);

    // After a crash, what the dead process held is taken up after this time.
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(15);

    private readonly GatewayOptions _options;
    private readonly DicomTlsOptions? _tls;
    private volatile bool _hasStarted;
    private ListenOptions? _http;
    private ListenOptions? _dicom;

    private GatewayHost(GatewayOptions options, DicomTlsOptions? tls) => (_options, _tls) = (options, tls);

    /// <summary>The application.</summary>
    public WebApplication App { get; private set; } = null!;

    /// <summary>Where HTTP is served; the port that was taken, after the start.</summary>
    public string HttpUrl => $"http://{Bound(_http, _options.Http)}";

    /// <summary>Where associations are accepted; null when they are not.</summary>
    public EndpointAddress? DicomEndpoint => _options.Has(GatewayRoles.Dicom) ? Bound(_dicom, _options.Dicom) : null;

    /// <summary>The URL by which others reach HTTP.</summary>
    public string PublicUrl => _options.PublicUrl ?? $"http://{_options.Http with { Address = _options.Http.Reachable }}";

    /// <summary>Puts the gateway together.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="leastLevel">What is logged where nothing else is configured.</param>
    /// <exception cref="ConfigurationException">The certificates or the AE registry cannot be used.</exception>
    public static GatewayHost Build(GatewayOptions options, LogLevel leastLevel = LogLevel.Information)
    {
        GatewayHost host = new(options, options.Has(GatewayRoles.Dicom) ? options.LoadDicomTls() : null);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddConfiguration(GatewayConfiguration.ReadFiles(GatewayConfiguration.DefaultFiles));
        host.ConfigureLogging(builder.Logging, leastLevel);
        builder.WebHost.ConfigureKestrel(host.Listen);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = s_shutdown);
        host.AddServices(builder.Services);
        host.App = builder.Build();
        host.ReadRegistry();
        _ = host.App.Services.GetRequiredService<SystemOverview>(); // The time of serving counts from here.
        host.Map();
        return host;
    }

    /// <summary>Starts to serve.</summary>
    /// <exception cref="IOException">An address cannot be listened on, or the data folder cannot be used.</exception>
    /// <exception cref="ArchiveUnavailableException">The index or the object store cannot be used.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await App.StartAsync(cancellationToken);
            _hasStarted = true;
        }
        catch
        {
            // The parts that had begun must have ended before what they use is gone.
            await App.StopAsync(CancellationToken.None);
            throw;
        }
    }

    /// <summary>Waits until the gateway was told to stop, or a part of it failed, and has stopped.</summary>
    /// <returns>Whether all parts did their work to the end.</returns>
    public async Task<bool> WaitForShutdownAsync(CancellationToken cancellationToken)
    {
        BackgroundService[] parts = [.. App.Services.GetServices<IHostedService>().OfType<BackgroundService>()];
        await App.WaitForShutdownAsync(cancellationToken);
        return !parts.Any(part => part.ExecuteTask is { IsFaulted: true });
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => App.DisposeAsync();

    private static EndpointAddress Bound(ListenOptions? listen, EndpointAddress configured) =>
        listen?.IPEndPoint is { } bound ? configured with { Address = configured.Reachable, Port = bound.Port } : configured with { Address = configured.Reachable };

    private void ReadRegistry()
    {
        try
        {
            App.Services.GetRequiredService<AeRegistryFile>().Load();
        }
        catch (InvalidDataException e)
        {
            throw new ConfigurationException($"The AE registry {e.Message}");
        }
    }

    private void ConfigureLogging(ILoggingBuilder logging, LogLevel leastLevel)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(_options.IsDebug ? LogLevel.Debug : leastLevel);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);

        // What hinders the start is told to the caller, in one line; afterwards the host's own words are wanted.
        logging.AddFilter("Microsoft.Extensions.Hosting", level => _hasStarted && level >= LogLevel.Warning);
        logging.Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        if (_options.IsProduction)
        {
            logging.AddJsonConsole(o =>
            {
                o.UseUtcTimestamp = true;
                o.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
        else
        {
            logging.AddSimpleConsole(o =>
            {
                o.SingleLine = true;
                o.ColorBehavior = Console.IsErrorRedirected ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
                o.UseUtcTimestamp = true;
                o.TimestampFormat = "HH:mm:ss.fff ";
            });
        }
    }

    private void Listen(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(_options.Http.Address, _options.Http.Port, listen =>
        {
            _http = listen;
            listen.Protocols = HttpProtocols.Http1;
        });
        if (_options.Has(GatewayRoles.Dicom))
        {
            kestrel.Listen(new DicomEndPoint(_options.Dicom.Address, _options.Dicom.Port), listen =>
            {
                _dicom = listen;
                if (_tls is not null)
                {
                    listen.UseDicomTls(_tls);
                }

                listen.UseConnectionHandler<DicomConnectionHandler>();
            });
        }
    }

    private void AddServices(IServiceCollection services)
    {
        CollectorRegistry registry = Metrics.NewCustomRegistry();
        DotNetStats.Register(registry);
        services.AddSingleton(_options);
        services.AddSingleton(registry);
        services.AddSingleton(new MeterBridge(registry));
        services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
        services.AddArchive(_options.ToArchive());
        services.AddAeRegistry(new AeRegistryFileOptions
        {
            Path = _options.AesPath,
            IsRequired = _options.AesFile is not null,
            KnownCallers = _options.Callers,
            MayBeOpen = _options.AllowUnauthenticated || !_options.IsDicomOpen,
        });
        if (_options.Worklist is { } worklist)
        {
            services.AddWorklist(new WorklistOptions { Source = worklist, Calling = _options.AeTitle });
        }

        services.AddInferenceEngine(new InferenceOptions
        {
            ModelsFolder = _options.ModelsFolder,
            Accelerator = _options.Accelerator,
            RunsTasks = _options.Has(GatewayRoles.Engine),
            Lease = s_lease,
        });
        services.AddCors();
        services.AddSingleton<SystemOverview>();
        services.AddSingleton<GatewayHealth>();
        services.AddSingleton<ChangeFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<ChangeFeed>());
        if (_options.Has(GatewayRoles.Reports))
        {
            services.AddReporting(new ReportingOptions { DicomWebBase = PublicUrl + DicomWebPath, Lease = s_lease });
        }

        if (_options.Has(GatewayRoles.Dicom))
        {
            if (_options.DicomIdentity != DicomIdentity.None)
            {
                services.AddSingleton(new UserStore(_options.UsersPath));
                services.AddSingleton<DicomIdentityCheck>();
                services.AddSingleton<UserIdentityCheck>(provider => provider.GetRequiredService<DicomIdentityCheck>().CheckAsync);
            }

            services.AddDicomScp(new DicomServerOptions
            {
                AeTitle = _options.AeTitle,
                KnownCallers = _options.Callers,
                AcceptAnyCalledAeTitle = _options.AcceptAnyCalledAe,
                AcceptUnknownSopClasses = _options.AcceptUnknownSopClasses,
                MaxAssociations = _options.DicomAssociations,
                MaxAssociationsPerPeer = _options.DicomAssociationsPerPeer,
                MaxOperationsPerformed = (ushort)_options.DicomOperations,
                IdleTimeout = _options.DicomIdle,
                MaxPduLength = (uint)_options.DicomPduLength,
            });
            services.AddForwarding();
        }

        if (_options.Has(GatewayRoles.Web))
        {
            services.AddDicomWeb(new DicomWebOptions
            {
                PublicBaseUrl = _options.PublicUrl is { } url ? url + DicomWebPath : null,
                AllowedOrigins = _options.AllowedOrigins,
                MaximumRequestLength = _options.MaximumRequestLength,
            });
        }
    }

    // A page whose name is made to point at this machine must not read from it: on loopback only its own names are answered.
    private IReadOnlyList<string> AllowedHosts() =>
        _options.AllowedHosts.Count > 0 ? _options.AllowedHosts
        : !_options.Http.IsLoopback ? ["*"]
        : _options.PublicUrl is { } url ? ["localhost", "127.0.0.1", "[::1]", new Uri(url).Host]
        : ["localhost", "127.0.0.1", "[::1]"];

    private void Map()
    {
        App.UseMiddleware<RequestMetrics>();
        App.UseSecurityHeaders();
        App.UseExceptionHandler(new ExceptionHandlerOptions { AllowStatusCode404Response = true, ExceptionHandler = AnswerFailureAsync });
        App.UseStatusCodePages(context => ProblemResource
            .Result(context.HttpContext.Response.StatusCode, Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(context.HttpContext.Response.StatusCode), "There is no answer to this request.")
            .ExecuteAsync(context.HttpContext));

        // Probes and scrapers come by address.
        App.UseWhen(context => !IsForMachines(context.Request.Path), app => app.UseAllowedHosts(AllowedHosts()));
        App.UseRouting();
        App.UseCors();
        App.MapHealth();
        App.MapMetrics();
        RouteGroupBuilder api = App.MapGroup("/api");
        api.RefuseOtherSites();
        api.MapTasks();
        api.MapSystem();
        api.MapDestinations();
        api.MapForwardQueues();
        api.MapCommitments();
        api.MapChanges();
        if (_options.Has(GatewayRoles.Web))
        {
            App.MapStatusPage();
            App.MapDicomWeb(DicomWebPath);
            RouteGroupBuilder fhir = App.MapFhir(new FhirOptions { PublicBaseUrl = _options.PublicUrl is { } url ? url + "/fhir" : null });
            if (_options.AllowedOrigins.Count > 0)
            {
                fhir.RequireCors(policy => policy
                    .WithOrigins([.. _options.AllowedOrigins])
                    .WithMethods("GET", "POST", "OPTIONS")
                    .WithHeaders("Accept", "Authorization", "Content-Type", "If-None-Match", "If-Modified-Since", "traceparent")
                    .WithExposedHeaders("ETag", "Last-Modified", "Location"));
            }
        }
    }

    private static bool IsForMachines(PathString path) => path.StartsWithSegments("/health") || path.StartsWithSegments("/metrics");

    private static async Task AnswerFailureAsync(HttpContext context)
    {
        Exception? exception = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        bool isUnavailable = exception is ArchiveUnavailableException;
        if (isUnavailable)
        {
            context.Response.Headers.RetryAfter = "5";
        }

        int status = exception is Microsoft.AspNetCore.Http.BadHttpRequestException bad ? bad.StatusCode : isUnavailable ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError;
        await ProblemResource
            .Result(status, status == StatusCodes.Status500InternalServerError ? "Internal error" : isUnavailable ? "Unavailable" : "Bad request", isUnavailable ? "The archive is not available." : "The request failed.")
            .ExecuteAsync(context);
    }
}
