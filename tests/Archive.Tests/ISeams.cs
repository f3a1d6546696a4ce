using System.Buffers;
using System.Security.Cryptography;
using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

/// <summary>One set of implementations of the archive's seams, ready and empty, for the contract tests.</summary>
public interface ISeams : IAsyncDisposable
{
    SettableClock Clock { get; }

    ArchiveSignals Signals { get; }

    IObjectStore Store { get; }

    IStudyIndex Studies { get; }

    ITaskIndex Tasks { get; }

    IReportIndex Reports { get; }

    IWorkQueue Queue { get; }

    IForwardQueue Forwarding { get; }

    ICommitmentIndex Commitments { get; }

    IProcedureIndex Procedures { get; }
}

/// <summary>What the contract tests put in.</summary>
internal static class SeamsExtensions
{
    public static async Task<StagedObject> StageAsync(this IObjectStore store, byte[] content)
    {
        StagedObject staged = await store.StageAsync(TestContext.Current.CancellationToken);
        await staged.WriteAsync(new ReadOnlySequence<byte>(content), TestContext.Current.CancellationToken);
        return staged;
    }

    public static InstanceRecord Record(this ISeams seams, InstanceIdentity identity, byte[] content, InstanceColumns? columns = null) => new()
    {
        Identity = identity,
        TransferSyntax = TransferSyntax.ExplicitVrLittleEndian,
        Digest = SHA256.HashData(content),
        FileDigest = SHA256.HashData(content),
        File = new ObjectLocation(ObjectKey.ForInstance(identity, SHA256.HashData(content)), 0, content.Length),
        DataSetOffset = 0,
        Columns = columns ?? new InstanceColumns { PatientId = "P1", PatientName = "Müller^Jürgen", StudyDate = "20240229", StudyTime = "101530.5", Modality = "CT" },
        StudyAttributes = """{"00081048":{"vr":"PN","Value":[{"Alphabetic":"Ärztin^Eva"}]},"00101010":{"vr":"AS","Value":["040Y"]},"00101030":{"vr":"DS","Value":[72.5]}}"""u8.ToArray(),
        SeriesAttributes = """{"00181030":{"vr":"LO","Value":["Head routine"]}}"""u8.ToArray(),
        Metadata = InstanceMetadata.Deflate("""{"00080018":{"vr":"UI"}}"""u8),
        Bulk = new BulkMap([], false).Write(),
        ReceivedAt = seams.Clock.GetUtcNow(),
        Origin = new UploadOrigin(UploadOrigin.Dimse, "SENDER"),
    };

    /// <summary>The record of a data set, as the way in makes it.</summary>
    public static InstanceRecord Record(this ISeams seams, DicomDataSet dataSet)
    {
        InstanceIdentity identity = new(dataSet.GetUid(DicomTags.SOPClassUID)!.Value, dataSet.GetUid(DicomTags.StudyInstanceUID)!.Value, dataSet.GetUid(DicomTags.SeriesInstanceUID)!.Value, dataSet.GetUid(DicomTags.SOPInstanceUID)!.Value);
        InstanceDescription description = new(dataSet, identity, TransferSyntax.ExplicitVrLittleEndian);
        return seams.Record(identity, System.Text.Encoding.UTF8.GetBytes(identity.SopInstance.Value), description.Columns) with
        {
            StudyAttributes = description.StudyAttributes,
            SeriesAttributes = description.SeriesAttributes,
            Metadata = description.Metadata,
        };
    }

    /// <summary>Waits until a queue is as long as it is said to be.</summary>
    public static async Task WaitForDepthAsync(this ISeams seams, WorkKind kind, WorkQueueDepth expected)
    {
        long begin = Environment.TickCount64;
        while (await seams.Queue.CountAsync(kind, TestContext.Current.CancellationToken) is var depth && depth != expected)
        {
            Assert.True(Environment.TickCount64 - begin < 30_000, $"{depth} instead of {expected}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public static async Task<Guid> AddTaskAsync(this ISeams seams)
    {
        Assert.Equal(IngestOutcome.Stored, (await seams.Studies.CommitAsync([seams.Record(TestArchive.Identity(), [1])], TestContext.Current.CancellationToken))[0].Outcome);
        await seams.Tasks.AddTasksAsync(new DicomUid("1.2.1"), 1, [new NewTask("model", "1", "digest", [new DicomUid("1.2.1.1.1")])], TestContext.Current.CancellationToken);
        return Assert.Single(await seams.Tasks.ListTasksAsync(new TaskQuery(), TestContext.Current.CancellationToken)).Id;
    }
}
