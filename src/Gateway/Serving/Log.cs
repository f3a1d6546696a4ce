namespace MedicalAi.Gateway;

/// <summary>All log messages of the executable; events 6000 to 6999. No patient data, no query strings.</summary>
internal static partial class Log
{
    [LoggerMessage(6000, LogLevel.Information, "Gateway {Version} serves: HTTP {Http}, DICOM {Dicom}, data in {DataFolder}, models from {ModelsFolder}, roles {Roles}; ready after {Milliseconds} ms")]
    public static partial void Ready(ILogger logger, string version, string http, string dicom, string dataFolder, string modelsFolder, GatewayRoles roles, long milliseconds);

    [LoggerMessage(6001, LogLevel.Warning, "{Variable} is set, but this version does not use it: objects are files and the index is SQLite in the data folder, and there is no authentication yet")]
    public static partial void Unused(ILogger logger, string variable);

    [LoggerMessage(6002, LogLevel.Warning, "{Endpoint} is open to the network without authentication, as configured")]
    public static partial void Unauthenticated(ILogger logger, string endpoint);

    [LoggerMessage(6003, LogLevel.Information, "The gateway stops: what is in flight is finished or given back")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(6010, LogLevel.Warning, "A user identity of an association was refused: {Reason}")]
    public static partial void IdentityRefused(ILogger logger, string reason);

    [LoggerMessage(6011, LogLevel.Error, "The file of users cannot be read, and nobody is let in by it")]
    public static partial void UsersNotRead(ILogger logger, Exception exception);

    [LoggerMessage(6021, LogLevel.Debug, "{Method} {Endpoint} answered {Status} after {Milliseconds} ms")]
    public static partial void Answered(ILogger logger, string method, string endpoint, int status, long milliseconds);

    [LoggerMessage(6022, LogLevel.Warning, "The change log could not be read for those who follow it; it is tried again")]
    public static partial void ChangesNotRead(ILogger logger, Exception exception);

    [LoggerMessage(6030, LogLevel.Warning, "A health check failed: {Name}")]
    public static partial void Unhealthy(ILogger logger, string name, Exception exception);
}
