using System.Data.Common;
using System.Runtime.CompilerServices;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

// Lists that are read as slowly as their reader likes. A statement that stays open would keep the write-ahead log from being
// checkpointed meanwhile, so the numbers of the rows are read at once, and the rows by pages. Rows never change.
public sealed partial class SqlStudyIndex
{
    private const int RowPage = 256;
    private const int MetadataPage = 32;

    /// <inheritdoc />
    public async IAsyncEnumerable<InstanceRow> ListInstancesAsync(DicomUid study, DicomUid? series, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (long[] page in await FindNumbersAsync(study, series, null, RowPage, cancellationToken))
        {
            Dictionary<long, InstanceRow> rows = (await database.ReadRowsAsync($"{SelectInstances} WHERE {IsInList("i.id")}", new { list = database.Dialect.List(page) }, ReadListed, cancellationToken)).ToDictionary(row => row.Id);

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
        List<InstanceRow> page;
        do
        {
            page = await database.ReadRowsAsync($"{SelectInstances} WHERE i.id > @last ORDER BY i.id LIMIT {RowPage}", new { last }, ReadListed, cancellationToken);
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
            Dictionary<long, byte[]> rows = (await database.ReadRowsAsync(
                $"SELECT id, metadata FROM instances WHERE {IsInList("id")}", new { list = database.Dialect.List(page) }, row => (Id: row.GetInt64(0), Metadata: (byte[])row.GetValue(1)), cancellationToken))
                .ToDictionary(row => row.Id, row => row.Metadata);

            foreach (long number in page)
            {
                if (rows.TryGetValue(number, out byte[]? metadata))
                {
                    yield return metadata;
                }
            }
        }
    }

    private string IsInList(string column) => database.Dialect.IsIn(column, "@list");

    private static InstanceRow ReadListed(DbDataReader row) => ReadInstance(row, new DicomUid(row.GetString(0)), new DicomUid(row.GetString(1)), 2);

    /// <summary>The numbers of the rows in the order of a list, by pages.</summary>
    private async ValueTask<IEnumerable<long[]>> FindNumbersAsync(DicomUid study, DicomUid? series, DicomUid? sopInstance, int pageSize, CancellationToken cancellationToken)
    {
        const string Statement = $"""
            SELECT i.id FROM {InstanceJoin}
            WHERE st.study_uid = @study AND (@series IS NULL OR se.series_uid = @series) AND (@instance IS NULL OR i.sop_instance_uid = @instance)
            ORDER BY {InstanceOrder}
            """;
        IEnumerable<long> numbers = await database.ReadTuplesAsync<long>(Statement, new { study = study.Value, series = series?.Value, instance = sopInstance?.Value }, cancellationToken);
        return numbers.Chunk(pageSize);
    }
}
