using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

// Queries. As lists are, they are read as slowly as their reader likes: the numbers of the rows by blocks, each beginning behind the
// last row of the one before, and the rows by pages. No statement stays open meanwhile, and what arrives moves nothing.
public sealed partial class SqlStudyIndex
{
    private const int StudyColumnCount = 8;

    // Each row has the attributes of its study and series with it.
    private const int MatchPage = 64;

    /// <summary>How many places of rows are read at once.</summary>
    internal int BlockLength { get; init; } = 4096;

    /// <inheritdoc />
    public async IAsyncEnumerable<IndexMatch> FindAsync(IndexQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        IndexSql sql = new(query, database.Dialect);
        IndexFilter filter = sql.Filter;
        bool withMetadata = query.Level == IndexLevel.Instance && (query.IncludeMetadata || filter.NeedsMetadata);
        int offset = Math.Max(0, query.Offset);
        int left = query.Limit;
        RowPlace? last = null;
        string? lastPatient = null;
        while (left > 0)
        {
            // What the columns decide can be counted off by them.
            int size = filter.IsEmpty ? Math.Min(left, BlockLength) : BlockLength;
            List<RowPlace> block = await FindRowsAsync(query.Level, sql, last, filter.IsEmpty ? offset : 0, size, cancellationToken);
            offset = filter.IsEmpty ? 0 : offset;
            foreach (RowPlace[] page in block.Chunk(withMetadata ? MetadataPage : MatchPage))
            {
                Dictionary<long, IndexMatch> rows = await ReadMatchesAsync(query, page, withMetadata, cancellationToken);
                foreach (RowPlace place in page)
                {
                    // A patient is told once; a row may have gone meanwhile.
                    if ((query.Level == IndexLevel.Patient && place.Patient == lastPatient)
                        || !rows.TryGetValue(place.Id, out IndexMatch? row)
                        || !await PassesAsync(filter, row, cancellationToken))
                    {
                        continue;
                    }

                    lastPatient = place.Patient;
                    if (!filter.IsEmpty && offset > 0)
                    {
                        offset--;
                        continue;
                    }

                    yield return query.IncludeMetadata || !withMetadata ? row : row with { Metadata = default };
                    if (--left == 0)
                    {
                        yield break;
                    }
                }
            }

            if (block.Count < size)
            {
                yield break;
            }

            last = block[^1];
        }
    }

    /// <inheritdoc />
    public async ValueTask<long> CountAsync(IndexQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        IndexSql sql = new(query, database.Dialect);
        if (!sql.Filter.IsEmpty)
        {
            return await FindAsync(query with { Limit = int.MaxValue, Offset = 0, IncludeMetadata = false, IncludePatientCounts = false }, cancellationToken).LongCountAsync(cancellationToken);
        }

        string what = query.Level == IndexLevel.Patient ? "DISTINCT st.patient_key" : "*";
        return await database.ReadScalarAsync<long>($"SELECT count({what}) FROM {JoinOf(query.Level)} WHERE {sql.Where}", sql.Parameters, cancellationToken);
    }

    /// <inheritdoc />
    public IReadOnlyList<DicomTag> FindUnsupported(IndexQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return [.. query.Matches.Where(key => !key.IsUniversal && !IndexAttributes.CanMatch(key, query.Level, query.IsRelational)).Select(key => key.Tag)];
    }

    private static string JoinOf(IndexLevel level) => level switch
    {
        IndexLevel.Series => SeriesJoin,
        IndexLevel.Instance => InstanceJoin,
        _ => "studies st",
    };

    private async ValueTask<bool> PassesAsync(IndexFilter filter, IndexMatch row, CancellationToken cancellationToken) =>
        filter.IsEmpty
        || (filter.IsMatch(row) && (filter.BelowOf(row) is not { } below || await FindAsync(below, cancellationToken).AnyAsync(cancellationToken)));

    /// <summary>The next rows that the columns let pass, in the order of the matches.</summary>
    private async ValueTask<List<RowPlace>> FindRowsAsync(IndexLevel level, IndexSql sql, RowPlace? after, int offset, int limit, CancellationToken cancellationToken)
    {
        DynamicParameters parameters = new(sql.Parameters);
        parameters.AddDynamicParams(new { limit, offset });
        string behind = "";
        if (after is { } last)
        {
            parameters.AddDynamicParams(new { study = last.Study, series = last.Series, number = last.Number, uid = last.Uid, patient = last.Patient });
            behind = level switch
            {
                IndexLevel.Patient when sql.Filter.IsEmpty => " AND st.patient_key > @patient",
                IndexLevel.Patient => " AND st.patient_key >= @patient AND (st.patient_key > @patient OR st.id < @study)",
                IndexLevel.Study => " AND st.id < @study",
                IndexLevel.Series => " AND st.id <= @study AND (st.id < @study OR se.id > @series)",
                _ when last.Number is null => " AND st.id <= @study AND (st.id < @study OR se.id > @series OR (se.id = @series AND (i.instance_number IS NOT NULL OR i.sop_instance_uid > @uid)))",
                _ => " AND st.id <= @study AND (st.id < @study OR se.id > @series OR (se.id = @series AND (i.instance_number > @number OR (i.instance_number = @number AND i.sop_instance_uid > @uid))))",
            };
        }

        // By going through the studies in their order no block needs all rows to be sorted; one UID is found sooner by its own index.
        string join = sql.HasUidBelowStudy ? JoinOf(level) : JoinOf(level).Replace("JOIN", database.Dialect.OrderedJoin, StringComparison.Ordinal);
        string statement = (level switch
        {
            IndexLevel.Patient when sql.Filter.IsEmpty => $"SELECT max(st.id), max(st.id), NULL, NULL, NULL, st.patient_key FROM studies st WHERE {sql.Where}{behind} GROUP BY st.patient_key ORDER BY st.patient_key",
            IndexLevel.Patient => $"SELECT st.id, st.id, NULL, NULL, NULL, st.patient_key FROM studies st WHERE {sql.Where}{behind} ORDER BY st.patient_key, st.id DESC",
            IndexLevel.Study => $"SELECT st.id, st.id FROM studies st WHERE {sql.Where}{behind} ORDER BY st.id DESC",
            IndexLevel.Series => $"SELECT se.id, st.id, se.id FROM {join} WHERE {sql.Where}{behind} ORDER BY st.id DESC, se.id",
            _ => $"SELECT i.id, st.id, se.id, i.instance_number, i.sop_instance_uid FROM {join} WHERE {sql.Where}{behind} ORDER BY st.id DESC, {InstanceOrder}",
        }) + " LIMIT @limit OFFSET @offset";

        // Of the last one only its UID is needed.
        string? uid = null;
        List<RowPlace> places = await database.ReadRowsAsync(statement, parameters, Read, cancellationToken);
        if (places.Count > 0)
        {
            places[^1] = places[^1] with { Uid = uid };
        }

        return places;

        RowPlace Read(DbDataReader row)
        {
            uid = level == IndexLevel.Instance ? row.GetString(4) : null;
            return new RowPlace(
                row.GetInt64(0),
                row.GetInt64(1),
                level >= IndexLevel.Series ? row.GetInt64(2) : 0,
                level == IndexLevel.Instance && !row.IsDBNull(3) ? row.GetInt64(3) : null,
                null,
                level == IndexLevel.Patient ? row.GetString(5) : null);
        }
    }

    /// <summary>The rows of some places, by their numbers.</summary>
    private async ValueTask<Dictionary<long, IndexMatch>> ReadMatchesAsync(IndexQuery query, RowPlace[] places, bool withMetadata, CancellationToken cancellationToken)
    {
        string statement = query.Level switch
        {
            IndexLevel.Series => $"SELECT {StudyColumns}, {SeriesColumns}, se.id FROM {SeriesJoin} WHERE {IsInList("se.id")}",
            IndexLevel.Instance => $"SELECT {StudyColumns}, {SeriesColumns}, {InstanceColumnList}{(withMetadata ? ", i.metadata" : "")} FROM {InstanceJoin} WHERE {IsInList("i.id")}",
            _ => $"SELECT {StudyColumns}, st.id, st.patient_key FROM studies st WHERE {IsInList("st.id")}",
        };
        Dictionary<string, PatientCounts>? counts = query is { Level: IndexLevel.Patient, IncludePatientCounts: true } ? await CountPatientsAsync(places, cancellationToken) : null;
        return (await database.ReadRowsAsync(statement, new { list = database.Dialect.List(Array.ConvertAll(places, place => place.Id)) }, Read, cancellationToken)).ToDictionary(row => row.Id, row => row.Match);

        (long Id, IndexMatch Match) Read(DbDataReader row)
        {
            StudyRow study = ReadStudy(row);
            SeriesRow? series = query.Level >= IndexLevel.Series ? ReadSeries(row, study.Study, StudyColumnCount) : null;
            InstanceRow? instance = query.Level == IndexLevel.Instance ? ReadInstance(row, study.Study, series!.Series, 13) : null;
            ReadOnlyMemory<byte> metadata = withMetadata ? InstanceMetadata.Inflate((byte[])row.GetValue(29)) : default;
            return (instance?.Id ?? row.GetInt64(series is null ? StudyColumnCount : 13), new IndexMatch(study, series, instance, metadata) { Patient = counts?.GetValueOrDefault(row.GetString(9)) });
        }
    }

    private async ValueTask<Dictionary<string, PatientCounts>> CountPatientsAsync(RowPlace[] places, CancellationToken cancellationToken)
    {
        string statement = $"""
            SELECT patient_key, count(*), CAST(sum(number_of_series) AS BIGINT), CAST(sum(number_of_instances) AS BIGINT) FROM studies
            WHERE {IsInList("patient_key")} GROUP BY patient_key
            """;
        object list = database.Dialect.List([.. places.Select(place => place.Patient!).Distinct()]);
        return (await database.ReadTuplesAsync<(string Key, long Studies, long Series, long Instances)>(statement, new { list }, cancellationToken))
            .ToDictionary(row => row.Key, row => new PatientCounts(row.Studies, row.Series, row.Instances));
    }

    /// <summary>A row in the order of the matches, for the next block to begin behind it.</summary>
    private readonly record struct RowPlace(long Id, long Study, long Series, long? Number, string? Uid, string? Patient);
}
