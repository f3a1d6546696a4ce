using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MedicalAi.Testing;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace MedicalAi.Archive.Tests;

/// <summary>The seams on a PostgreSQL database of their own, with objects in a folder.</summary>
internal sealed class PostgresArchive : ISeams
{
    private const string Template = "migrated";
    private static readonly SemaphoreSlim s_template = new(1, 1);
    private static readonly ConditionalWeakTable<PostgresServer, ConcurrentBag<string>> s_empty = [];
    private readonly PostgresServer _server;
    private readonly string _name;
    private readonly TempFolder _folder = new();

    private PostgresArchive(PostgresServer server, string name, int blockLength)
    {
        (_server, _name) = (server, name);
        Options = new ArchiveOptions { DataFolder = _folder.Path, StudyStability = TimeSpan.FromSeconds(3), MaximumAttempts = 3, MaximumDeliveries = 3 };
        Store = new FileObjectStore(_folder.Path);
        Database = Open();
        Studies = new SqlStudyIndex(Database, Options.StudyStability, Clock) { BlockLength = blockLength };
        Tasks = new SqlTaskIndex(Database, Options, Signals, Clock);
        Reports = new SqlReportIndex(Database);
        Queue = new SqlWorkQueue(Database, Options, Clock);
        Forwarding = new SqlForwardQueue(Database, Clock);
        Commitments = new SqlCommitmentIndex(Database, Clock);
        Procedures = new SqlProcedureIndex(Database, Options, Signals, Clock);
    }

    public ArchiveOptions Options { get; }

    public SettableClock Clock { get; } = new();

    public ArchiveSignals Signals { get; } = new();

    public FileObjectStore Store { get; }

    public PostgresDatabase Database { get; }

    public SqlStudyIndex Studies { get; }

    public SqlTaskIndex Tasks { get; }

    public SqlReportIndex Reports { get; }

    public SqlWorkQueue Queue { get; }

    public SqlForwardQueue Forwarding { get; }

    public SqlCommitmentIndex Commitments { get; }

    public SqlProcedureIndex Procedures { get; }

    IObjectStore ISeams.Store => Store;

    IStudyIndex ISeams.Studies => Studies;

    ITaskIndex ISeams.Tasks => Tasks;

    IReportIndex ISeams.Reports => Reports;

    IWorkQueue ISeams.Queue => Queue;

    IForwardQueue ISeams.Forwarding => Forwarding;

    ICommitmentIndex ISeams.Commitments => Commitments;

    IProcedureIndex ISeams.Procedures => Procedures;

    public static async Task<PostgresArchive> CreateAsync(PostgresServer server, int blockLength = 4096)
    {
        await EnsureTemplateAsync(server);
        PostgresArchive archive = new(server, s_empty.GetOrCreateValue(server).TryTake(out string? name) ? name : await server.CreateDatabaseAsync(Template), blockLength);
        await archive.Store.InitializeAsync(default);
        return archive;
    }

    /// <summary>Another process' view of the same database.</summary>
    public PostgresDatabase Open(TimeSpan? timeout = null) =>
        new(PostgresOptions.Parse(_server.UrlOf(_name), new PostgresOptions { MaximumConnections = 10, StatementTimeout = timeout ?? TimeSpan.FromSeconds(20) }));

    /// <summary>Runs a statement beside the program.</summary>
    public Task<string> QueryAsync(string statement) => _server.QueryAsync(_name, statement);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Store.Dispose();
        Signals.Dispose();
        _folder.Dispose();

        // Emptying one is quicker than making another.
        await _server.QueryAsync(
            _name,
            """
            DO $$ DECLARE one record; BEGIN
                SET LOCAL session_replication_role = replica;
                FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version' LOOP
                    EXECUTE format('DELETE FROM %I', one.tablename);
                END LOOP;
            END $$
            """);
        s_empty.GetOrCreateValue(_server).Add(_name);
    }

    /// <summary>Each test gets a copy of one database that was migrated.</summary>
    private static async Task EnsureTemplateAsync(PostgresServer server)
    {
        await s_template.WaitAsync();
        try
        {
            if (!s_empty.TryGetValue(server, out _))
            {
                await server.CreateDatabaseAsync(name: Template);
                await using PostgresDatabase database = new(PostgresOptions.Parse(server.UrlOf(Template)));
                await database.MigrateAsync(default);
                s_empty.GetOrCreateValue(server);
            }
        }
        finally
        {
            s_template.Release();
        }
    }
}
