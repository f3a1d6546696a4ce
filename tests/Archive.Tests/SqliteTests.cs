namespace MedicalAi.Archive.Tests;

public sealed class SqliteStudyIndexTests : StudyIndexContract
{
    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync();
}

public sealed class SqliteQueryTests : QueryContract
{
    // Blocks so short that nearly every query needs some of them.
    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync(blockLength: 3);
}

public sealed class SqliteTaskIndexTests : TaskIndexContract
{
    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync();
}

public sealed class SqliteReportIndexTests : ReportIndexContract
{
    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync();
}

public sealed class SqliteWorkQueueTests : WorkQueueContract
{
    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync();
}

public sealed class SqliteForwardQueueTests : ForwardQueueContract
{
    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync();
}

public sealed class SqliteCommitmentIndexTests : CommitmentIndexContract
{
    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync();
}

public sealed class SqliteProcedureIndexTests : ProcedureIndexContract
{
    protected override async Task<ISeams> OpenAsync() => await TestArchive.CreateAsync();
}
