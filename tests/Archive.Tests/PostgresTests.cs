using MedicalAi.Testing;

namespace MedicalAi.Archive.Tests;

public sealed class PostgresStudyIndexTests(PostgresServer server) : StudyIndexContract
{
    protected override async Task<ISeams> OpenAsync() => await PostgresArchive.CreateAsync(server);
}

public sealed class PostgresQueryTests(PostgresServer server) : QueryContract
{
    // Blocks so short that nearly every query needs some of them.
    protected override async Task<ISeams> OpenAsync() => await PostgresArchive.CreateAsync(server, blockLength: 3);
}

public sealed class PostgresTaskIndexTests(PostgresServer server) : TaskIndexContract
{
    protected override async Task<ISeams> OpenAsync() => await PostgresArchive.CreateAsync(server);
}

public sealed class PostgresReportIndexTests(PostgresServer server) : ReportIndexContract
{
    protected override async Task<ISeams> OpenAsync() => await PostgresArchive.CreateAsync(server);
}

public sealed class PostgresWorkQueueTests(PostgresServer server) : WorkQueueContract
{
    protected override async Task<ISeams> OpenAsync() => await PostgresArchive.CreateAsync(server);
}

public sealed class PostgresForwardQueueTests(PostgresServer server) : ForwardQueueContract
{
    protected override async Task<ISeams> OpenAsync() => await PostgresArchive.CreateAsync(server);
}

public sealed class PostgresTaskDeliveryTests(PostgresServer server) : TaskDeliveryContract
{
    protected override async Task<ISeams> OpenAsync() => await PostgresArchive.CreateAsync(server);
}

public sealed class PostgresCommitmentIndexTests(PostgresServer server) : CommitmentIndexContract
{
    protected override async Task<ISeams> OpenAsync() => await PostgresArchive.CreateAsync(server);
}

public sealed class PostgresProcedureIndexTests(PostgresServer server) : ProcedureIndexContract
{
    protected override async Task<ISeams> OpenAsync() => await PostgresArchive.CreateAsync(server);
}
