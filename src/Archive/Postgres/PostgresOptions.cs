using System.Globalization;
using Npgsql;

namespace MedicalAi.Archive;

/// <summary>Where PostgreSQL is and how it is used.</summary>
public sealed record PostgresOptions
{
    private const int DefaultPort = 5432;

    /// <summary>Name of the server, its address, or the folder of its socket.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>Its port.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>The database.</summary>
    public string Database { get; init; } = "medicalai";

    /// <summary>The user.</summary>
    public string User { get; init; } = "medicalai";

    /// <summary>The password; null when none is needed.</summary>
    public string? Password { get; init; }

    /// <summary>How TLS is used: <c>disable</c>, <c>prefer</c>, <c>require</c>, <c>verify-ca</c> or <c>verify-full</c>.</summary>
    public string SslMode { get; init; } = "prefer";

    /// <summary>PEM file of the authorities that the server's certificate must be of; null for those of the system.</summary>
    public string? SslRootCertificate { get; init; }

    /// <summary>The most connections of this process.</summary>
    public int MaximumConnections { get; init; } = 20;

    /// <summary>The longest that a statement may take; a connection is waited for half as long at most.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Reads <c>postgres://user:password@host:port/database?sslmode=…</c>; <c>postgresql://</c> too.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static PostgresOptions Parse(string url, PostgresOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!Uri.TryCreate(url.Trim(), UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("postgres" or "postgresql"))
        {
            throw new FormatException("it is no URL of the form postgres://user:password@host:port/database");
        }

        options ??= new PostgresOptions();
        string[] user = uri.UserInfo.Split(':', 2);
        options = options with
        {
            Host = uri.Host.Length > 0 ? Uri.UnescapeDataString(uri.Host) : options.Host,
            Port = uri.Port > 0 ? uri.Port : DefaultPort,
            User = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : options.User,
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : options.Password,
            Database = uri.AbsolutePath.Length > 1 ? Uri.UnescapeDataString(uri.AbsolutePath[1..]) : options.Database,
        };
        foreach (string[] pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=', 2)))
        {
            string value = pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : "";
            options = pair[0] switch
            {
                "sslmode" => options with { SslMode = ReadSslMode(value) },
                "sslrootcert" => options with { SslRootCertificate = value },
                "host" => options with { Host = value },
                _ => throw new FormatException($"there is no parameter '{pair[0]}': sslmode, sslrootcert, host"),
            };
        }

        return options;
    }

    /// <summary>Reads a mode of TLS.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static string ReadSslMode(string value) => value is "disable" or "prefer" or "require" or "verify-ca" or "verify-full"
        ? value
        : throw new FormatException($"'{value}' is none of disable, prefer, require, verify-ca, verify-full");

    /// <summary>What people know the database by; without the password.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"PostgreSQL {User}@{Host}:{Port}/{Database}");

    internal string ToConnectionString()
    {
        int seconds = Math.Max(1, (int)Math.Ceiling(StatementTimeout.TotalSeconds));
        NpgsqlConnectionStringBuilder builder = new()
        {
            Host = Host,
            Port = Port,
            Database = Database,
            Username = User,
            Password = Password,
            SslMode = SslMode switch
            {
                "disable" => Npgsql.SslMode.Disable,
                "require" => Npgsql.SslMode.Require,
                "verify-ca" => Npgsql.SslMode.VerifyCA,
                "verify-full" => Npgsql.SslMode.VerifyFull,
                _ => Npgsql.SslMode.Prefer,
            },
            RootCertificate = SslRootCertificate,
            ApplicationName = "medicalai-gateway",
            MaxPoolSize = MaximumConnections,
            Timeout = Math.Max(1, seconds / 2),
            CommandTimeout = seconds,
            CancellationTimeout = 1000,
            KeepAlive = 30,
            MaxAutoPrepare = 100,

            // The server ends by itself what nobody waits for any more, and the transactions of a process that stands still: they may hold what the others need.
            Options = string.Create(CultureInfo.InvariantCulture, $"-c statement_timeout={seconds * 1000} -c idle_in_transaction_session_timeout={seconds * 1000} -c timezone=UTC"),
        };
        return builder.ConnectionString;
    }
}
