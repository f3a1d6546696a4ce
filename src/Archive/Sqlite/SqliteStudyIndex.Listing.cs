using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;
using MedicalAi.Dicom;
using Microsoft.Data.Sqlite;

namespace MedicalAi.Archive;

// Lists that are read as slowly as their reader likes. A statement that stays open would keep the write-ahead log from being
// checkpointed meanwhile, so the numbers of the rows are read at once, and the rows by pages. Rows never change.
public sealed partial class SqliteStudyIndex
{
    private const int RowPage = 256;
    private const int MetadataPage = 32;

    /// <inheritdoc />
    public async IAsyncEnumerable<InstanceRow> ListInstancesAsync(DicomUid study, DicomUid? series, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (long[] page in await FindNumbersAsync(study, series, null, RowPage, cancellationToken))
        {
            Dictionary<long, InstanceRow> rows = [];
            await foreach (DbDataReader row in ReadAsync($"{SelectInstances} WHERE i.id IN (SELECT value FROM json_each(@list))", new { list = ToList(page) }, cancellationToken))
            {
                InstanceRow instance = ReadListed(row);
                rows.Add(instance.Id, instance);
            }

            foreach (long number in page)
            {
                if (rows.TryGetValue(number, out InstanceRow? instance))
                {
                    yield return instance;
                }
            }
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<InstanceRow> ListAllInstancesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long last = 0;
        List<InstanceRow> page = [];
        do
        {
            page.Clear();
            await foreach (DbDataReader row in ReadAsync($"{SelectInstances} WHERE i.id > @last ORDER BY i.id LIMIT {RowPage}", new { last }, cancellationToken))
            {
                page.Add(ReadListed(row));
            }

            foreach (InstanceRow instance in page)
            {
                yield return instance;
                last = instance.Id;
            }
        }
        while (page.Count > 0);
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ListMetadataAsync(DicomUid study, DicomUid? series, DicomUid? sopInstance, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (long[] page in await FindNumbersAsync(study, series, sopInstance, MetadataPage, cancellationToken))
        {
            Dictionary<long, byte[]> rows = [];
            await foreach (DbDataReader row in ReadAsync("SELECT id, metadata FROM instances WHERE id IN (SELECT value FROM json_each(@list))", new { list = ToList(page) }, cancellationToken))
            {
                rows.Add(row.GetInt64(0), (byte[])row.GetValue(1));
            }

            foreach (long number in page)
            {
                if (rows.TryGetValue(number, out byte[]? metadata))
                {
                    yield return metadata;
                }
            }
        }
    }

    private static string ToList(long[] numbers) => System.Text.Json.JsonSerializer.Serialize(numbers);

    private static InstanceRow ReadListed(DbDataReader row) => ReadInstance(row, new DicomUid(row.GetString(0)), new DicomUid(row.GetString(1)), 2);

    /// <summary>The numbers of the rows in the order of a list, by pages.</summary>
    private async ValueTask<IEnumerable<long[]>> FindNumbersAsync(DicomUid study, DicomUid? series, DicomUid? sopInstance, int pageSize, CancellationToken cancellationToken)
    {
        const string Statement = $"""
            SELECT i.id FROM {InstanceJoin}
            WHERE st.study_uid = @study AND (@series IS NULL OR se.series_uid = @series) AND (@instance IS NULL OR i.sop_instance_uid = @instance)
            ORDER BY {InstanceOrder}
            """;
        using SqliteConnection connection = database.OpenReader();
        IEnumerable<long> numbers = await connection.QueryAsync<long>(new CommandDefinition(Statement, new { study = study.Value, series = series?.Value, instance = sopInstance?.Value }, cancellationToken: cancellationToken));
        return numbers.Chunk(pageSize);
    }
}
