using MedicalAi.Testing;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace MedicalAi.Gateway.Tests;

/// <summary><c>gateway db</c>, and how a database is named.</summary>
public sealed class DatabaseTests(PostgresServer server)
{
    [Fact]
    public async Task The_schema_of_SQLite_is_shown_and_brought_up_to_date()
    {
        using TempFolder folder = new();
        ToolResult empty = await RunAsync("status", ["--data", folder.Path]);
        Assert.True(empty.ExitCode == 1, empty.ToString());
        Assert.Contains("1  pending", empty.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));

        ToolResult migrated = await RunAsync("migrate", ["--data", folder.Path]);
        Assert.True(migrated.ExitCode == 0, migrated.ToString());
        Assert.Contains("applied 1, 2", migrated.Output, StringComparison.Ordinal);
        Assert.Contains("was up to date", (await RunAsync("migrate", ["--data", folder.Path])).Output, StringComparison.Ordinal);
        ToolResult now = await RunAsync("status", ["--data", folder.Path]);
        Assert.True(now.ExitCode == 0, now.ToString());
        Assert.Contains("up to date", now.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_schema_of_PostgreSQL_is_shown_and_brought_up_to_date()
    {
        (string, string) url = ("DATABASE_URL", server.UrlOf(await server.CreateDatabaseAsync()));
        ToolResult empty = await RunAsync("status", [], url);
        Assert.True(empty.ExitCode == 1, empty.ToString());
        Assert.Contains("4  pending", empty.Output, StringComparison.Ordinal);
        Assert.Contains("applied 4", (await RunAsync("migrate", [], url)).Output, StringComparison.Ordinal);
        ToolResult now = await RunAsync("status", [], url);
        Assert.True(now.ExitCode == 0, now.ToString());
        Assert.Contains("4  applied 20", now.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serving_that_may_not_migrate_does_not_start_on_an_empty_database_and_says_what_to_do()
    {
        using TempFolder folder = new();
        (string, string) url = ("DATABASE_URL", server.UrlOf(await server.CreateDatabaseAsync()));
        ToolResult refused = await ExternalTool.RunAsync(
            CommandLineTests.Executable,
            ["serve", "--http", "127.0.0.1:0", "--dicom", "127.0.0.1:0", "--data", folder.Path],
            TestContext.Current.CancellationToken,
            environment: [url, ("GATEWAY_MIGRATE", "false")]);
        Assert.True(refused.ExitCode == 1, refused.ToString());
        Assert.Contains("gateway db migrate", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told_without_its_password()
    {
        ToolResult result = await RunAsync("status", [], ("DATABASE_URL", "postgres://me:hidden@127.0.0.1:1/x"));
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Contains("PostgreSQL me@127.0.0.1:1/x", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_is_named_by_its_URL_or_in_parts_and_what_the_URL_leaves_out_by_the_parts()
    {
        GatewayOptions parts = Read(("POSTGRES_HOST", "db"), ("POSTGRES_DB", "archive"), ("POSTGRES_USER", "me"), ("POSTGRES_SSLMODE", "require"), ("POSTGRES_CONNECTIONS", "7"));
        Assert.Equal((true, "PostgreSQL me@db:5432/archive", "require", 7), (parts.UsesPostgres, parts.Postgres.ToString(), parts.Postgres.SslMode, parts.Postgres.MaximumConnections));
        GatewayOptions url = Read(("DATABASE_URL", "postgres://other@db2:6000/"), ("POSTGRES_PASSWORD", "secret"), ("POSTGRES_DB", "archive"));
        Assert.Equal(("PostgreSQL other@db2:6000/archive", "secret"), (url.Postgres.ToString(), url.Postgres.Password));
        Assert.False(Read().UsesPostgres);
        Assert.Null(Read(("POSTGRES_TIMEOUT", "5")).ToArchive().Postgres);
    }

    [Theory]
    [InlineData("DATABASE_URL", "mysql://db")]
    [InlineData("POSTGRES_PORT", "70000")]
    [InlineData("POSTGRES_SSLMODE", "maybe")]
    [InlineData("POSTGRES_TIMEOUT", "0")]
    public void A_value_that_cannot_be_understood_is_an_error_that_names_its_variable(string name, string value) =>
        Assert.StartsWith(name + ":", Assert.Throws<ConfigurationException>(() => Read((name, value))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_password_without_a_server_is_an_error_and_not_SQLite() =>
        Assert.Contains("POSTGRES_HOST", Assert.Throws<ConfigurationException>(() => Read(("POSTGRES_PASSWORD", "x")).Checked()).Message, StringComparison.Ordinal);

    private static GatewayOptions Read(params (string Name, string Value)[] environment) =>
        GatewayConfiguration.Read([], name => environment.Where(one => one.Name == name).Select(one => one.Value).FirstOrDefault(), _ => null);

    private static Task<ToolResult> RunAsync(string command, string[] arguments, params (string Name, string Value)[] environment) =>
        ExternalTool.RunAsync(CommandLineTests.Executable, ["db", command, .. arguments], TestContext.Current.CancellationToken, Path.GetTempPath(), environment: environment);
}
