using MedicalAi.Dicom;
using Microsoft.Extensions.Logging.Abstractions;

namespace MedicalAi.Archive.Tests;

/// <summary>An archive in a folder of its own.</summary>
internal sealed class TestArchive : ISeams
{
    private TestArchive(string folder, Func<FileObjectStore, IObjectStore>? wrapStore, Func<SqlStudyIndex, IStudyIndex>? wrapIndex, int blockLength, TimeSpan? quiet = null)
    {
        Options = new ArchiveOptions { DataFolder = folder, StudyStability = TimeSpan.FromSeconds(3), MaximumAttempts = 3, MaximumDeliveries = 3 };
        Store = new FileObjectStore(folder, NullLogger.Instance, quiet);
        Database = new SqliteDatabase(Path.Combine(folder, "index", "gateway.db"), busySeconds: 1);
        Studies = new SqlStudyIndex(Database, Options.StudyStability, Clock) { BlockLength = blockLength };
        Tasks = new SqlTaskIndex(Database, Options, Signals, Clock);
        Reports = new SqlReportIndex(Database);
        Queue = new SqlWorkQueue(Database, Options, Clock);
        Forwarding = new SqlForwardQueue(Database, Clock);
        Commitments = new SqlCommitmentIndex(Database, Clock);
        Procedures = new SqlProcedureIndex(Database, Options, Signals, Clock);
        IObjectStore store = wrapStore?.Invoke(Store) ?? Store;
        IStudyIndex index = wrapIndex?.Invoke(Studies) ?? Studies;
        Journal = new PublicationJournal(Path.Combine(folder, "index", "publishing"));
        Committer = new GroupCommitter(store, index, Journal, Options, Signals, NullLogger<GroupCommitter>.Instance);
        Ingest = new IngestService(store, Committer, Clock, NullLogger<IngestService>.Instance);
        Reader = new ArchiveReader(Studies, Store);
    }

    public ArchiveOptions Options { get; }

    public SettableClock Clock { get; } = new();

    public ArchiveSignals Signals { get; } = new();

    public FileObjectStore Store { get; }

    public SqliteDatabase Database { get; }

    public SqlStudyIndex Studies { get; }

    public SqlTaskIndex Tasks { get; }

    public SqlReportIndex Reports { get; }

    public SqlWorkQueue Queue { get; }

    public SqlForwardQueue Forwarding { get; }

    public SqlCommitmentIndex Commitments { get; }

    public SqlProcedureIndex Procedures { get; }

    public PublicationJournal Journal { get; }

    public GroupCommitter Committer { get; }

    public IngestService Ingest { get; }

    public ArchiveReader Reader { get; }

    IObjectStore ISeams.Store => Store;

    IStudyIndex ISeams.Studies => Studies;

    ITaskIndex ISeams.Tasks => Tasks;

    IReportIndex ISeams.Reports => Reports;

    IWorkQueue ISeams.Queue => Queue;

    IForwardQueue ISeams.Forwarding => Forwarding;

    ICommitmentIndex ISeams.Commitments => Commitments;

    IProcedureIndex ISeams.Procedures => Procedures;

    public string StagingFolder => Path.Combine(Options.DataFolder, "staging");

    /// <summary>An archive whose committer does not run yet.</summary>
    /// <param name="wrapStore">Puts a store of the test's own between ingest and the files.</param>
    /// <param name="wrapIndex">Puts an index of the test's own between ingest and the database.</param>
    /// <param name="blockLength">How many rows of a query's matches the index finds at once.</param>
    public static async Task<TestArchive> CreateAsync(Func<FileObjectStore, IObjectStore>? wrapStore = null, Func<SqlStudyIndex, IStudyIndex>? wrapIndex = null, int blockLength = 4096)
    {
        TestArchive archive = new(Directory.CreateTempSubdirectory("archive-test-").FullName, wrapStore, wrapIndex, blockLength);
        await archive.Store.InitializeAsync(default);
        await archive.Studies.InitializeAsync(default);
        return archive;
    }

    /// <summary>An archive over a folder that holds one.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="quiet">How long objects may stand in the journal of the store when nothing new comes.</param>
    public static async Task<TestArchive> OpenAsync(string folder, TimeSpan? quiet = null)
    {
        TestArchive archive = new(folder, null, null, 4096, quiet);
        await archive.Store.InitializeAsync(default);
        await archive.Studies.InitializeAsync(default);
        return archive;
    }

    /// <summary>An archive that takes instances.</summary>
    public static async Task<TestArchive> StartAsync(Func<FileObjectStore, IObjectStore>? wrapStore = null, Func<SqlStudyIndex, IStudyIndex>? wrapIndex = null)
    {
        TestArchive archive = await CreateAsync(wrapStore, wrapIndex);
        await archive.Committer.StartAsync(default);
        return archive;
    }

    public static InstanceIdentity Identity(string study = "1.2.1", string series = "1.2.1.1", string instance = "1.2.1.1.1") =>
        new(DicomUids.CTImageStorage, new DicomUid(study), new DicomUid(series), new DicomUid(instance));

    public async Task<IngestResult> IngestAsync(InstanceIdentity identity, byte[] content, InstanceColumns? columns = null) =>
        await Committer.CommitAsync(await Store.StageAsync(content), this.Record(identity, content, columns), default);

    public async ValueTask DisposeAsync()
    {
        await Committer.StopAsync(default);
        Committer.Dispose();
        Journal.Dispose();
        Store.Dispose();
        Signals.Dispose();
        await Database.DisposeAsync();
        Directory.Delete(Options.DataFolder, recursive: true);
    }
}

/// <summary>A clock that moves when it is told to.</summary>
public sealed class SettableClock : TimeProvider
{
    private DateTimeOffset _now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan time) => _now += time;
}
