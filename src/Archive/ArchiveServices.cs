using Microsoft.Extensions.DependencyInjection;

namespace MedicalAi.Archive;

/// <summary>Hosting of the archive.</summary>
public static class ArchiveServices
{
    /// <summary>
    /// Adds the embedded archive: <see cref="IngestService"/>, <see cref="ArchiveReader"/>, the seams, and the background services of
    /// stability and outbox. A <see cref="TaskSelector"/> is taken from the container where there is one.
    /// </summary>
    public static IServiceCollection AddArchive(this IServiceCollection services, ArchiveOptions options) => throw new NotImplementedException();
}
