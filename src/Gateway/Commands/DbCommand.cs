using System.CommandLine;
using System.Globalization;
using MedicalAi.Archive;

namespace MedicalAi.Gateway;

/// <summary><c>gateway db migrate | status</c>: the schema of the index.</summary>
internal static class DbCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create() => new("db", "Shows the schema of the index, and brings it up to date.") { Status(), Migrate() };

    private static Command Status()
    {
        Command command = new("status", "Shows which versions of the schema were applied, and which this program would apply; exit code 1 when there are such. Changes nothing.");
        SettingFlags settings = SettingFlags.AddTo(command, "Data");
        command.SetAction((parsed, cancellationToken) => RunAsync(
            settings.Read(parsed),
            async database =>
            {
                SchemaStatus schema = await database.ReadSchemaAsync(cancellationToken);
                foreach ((long version, string at) in schema.Applied)
                {
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{version,6}  applied {at}"));
                }

                foreach (long version in schema.Pending)
                {
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{version,6}  pending"));
                }

                Console.WriteLine($"{database.Description}: {(schema.Pending.Count == 0 ? "up to date" : "not up to date, run gateway db migrate")}");
                return schema.Pending.Count == 0 ? ExitCode.Done : ExitCode.Failed;
            }));
        return command;
    }

    private static Command Migrate()
    {
        Command command = new("migrate", "Brings the schema of the index to the version of this program. Safe while gateways of the version before serve PostgreSQL.");
        SettingFlags settings = SettingFlags.AddTo(command, "Data");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            GatewayOptions options = settings.Read(parsed);
            using DataFolderLock? held = options.UsesPostgres ? null : DataFolderLock.TryTake(options.DataFolder)
                ?? throw new CommandFailedException($"The data folder {options.DataFolder} is in use by a gateway, which has brought its index up to date itself.");
            return await RunAsync(
                options,
                async database =>
                {
                    IReadOnlyList<long> applied = await database.MigrateAsync(cancellationToken);
                    Console.WriteLine($"{database.Description}: {(applied.Count == 0 ? "was up to date" : $"applied {string.Join(", ", applied)}")}");
                    return ExitCode.Done;
                });
        });
        return command;
    }

    private static async Task<int> RunAsync(GatewayOptions options, Func<IndexDatabase, ValueTask<int>> work)
    {
        options.CheckDatabase();
        await using IndexDatabase database = ArchiveServices.OpenIndex(options.ToArchive());
        try
        {
            return await work(database);
        }
        catch (Exception e) when (e is ArchiveUnavailableException or IOException)
        {
            throw new CommandFailedException(e.InnerException is { } inner && !e.Message.Contains(inner.Message, StringComparison.Ordinal) ? $"{database.Description}: {e.Message} {inner.Message}" : $"{database.Description}: {e.Message}", e);
        }
    }
}
