namespace MedicalAi.Gateway;

/// <summary>Hosting of the reports role.</summary>
internal static class ReportingServices
{
    /// <summary>Adds the making of reports from saved findings. It needs the archive.</summary>
    public static IServiceCollection AddReporting(this IServiceCollection services, ReportingOptions options)
    {
        services.AddSingleton(options);
        services.AddHostedService<ReportPublisher>();
        return services;
    }
}

/// <summary>The settings of the reports role.</summary>
internal sealed record ReportingOptions
{
    /// <summary>The URL of the DICOMweb services as others reach it; it stands in FHIR resources.</summary>
    public required string DicomWebBase { get; init; }

    /// <summary>The most reports made at once.</summary>
    public int MaximumTasks { get; init; } = 2;

    /// <summary>How long a task is held without a heartbeat.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);
}
