using System.Globalization;
using System.Text;
using Dapper;
using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>The reports and FHIR resources in a database.</summary>
/// <param name="database">The database.</param>
public sealed class SqlReportIndex(IndexDatabase database) : IReportIndex
{
    private const int SearchValuesOfAStatement = 100;
    private const string ReportColumns = "task_id, study_uid, model, model_version, sr_uid, seg_uid, diagnostic_report_id, status, created_at";

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<ReportRow>> ListReportsAsync(DicomUid? study, int limit, int offset, CancellationToken cancellationToken) =>
        ReadReportsAsync(study is null ? "1 = 1 ORDER BY created_at DESC, task_id" : "study_uid = @study ORDER BY created_at, task_id", new { study = study?.Value, limit = Math.Clamp(limit, 0, 1000), offset = Math.Max(0, offset) }, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<ReportRow?> FindReportAsync(Guid taskId, CancellationToken cancellationToken) =>
        (await ReadReportsAsync("task_id = @id", new { id = taskId.ToString("D"), limit = 1, offset = 0 }, cancellationToken)) is [{ } first, ..] ? first : null;

    /// <inheritdoc />
    public async ValueTask<FhirResource?> FindResourceAsync(string type, string id, CancellationToken cancellationToken) =>
        (await SearchAsync(new FhirQuery(type) { Clauses = [new FhirClause("_id", [new FhirOperand(id)])], Limit = 1 }, cancellationToken)) is [{ } first, ..] ? first : null;

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<FhirResource>> SearchAsync(FhirQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        (string where, DynamicParameters parameters) = Translate(query);
        parameters.Add("@limit", Math.Clamp(query.Limit, 0, 1000));
        parameters.Add("@offset", Math.Max(0, query.Offset));
        IEnumerable<(string Id, long Version, long At, byte[] Json)> rows = await database.ReadTuplesAsync<(string, long, long, byte[])>(
            $"SELECT r.id, r.version, r.last_updated, r.json FROM fhir_resources r WHERE {where} ORDER BY r.last_updated DESC, r.id LIMIT @limit OFFSET @offset", parameters, cancellationToken);
        return [.. rows.Select(row => new FhirResource(query.Type, row.Id, row.Json, []) { Version = (int)row.Version, LastUpdated = Timestamps.FromColumn(row.At) })];
    }

    /// <inheritdoc />
    public async ValueTask<long> CountAsync(FhirQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        (string where, DynamicParameters parameters) = Translate(query);
        return await database.ReadScalarAsync<long>($"SELECT count(*) FROM fhir_resources r WHERE {where}", parameters, cancellationToken);
    }

    /// <summary>Enters the results of a task as part of a transaction; a repeat changes nothing.</summary>
    internal static async Task EnterAsync(IndexTransaction transaction, IndexDialect dialect, TaskCompletion completion, long now)
    {
        ReportRow report = completion.Report;
        await transaction.ExecuteAsync(
            $"INSERT INTO reports ({ReportColumns}) VALUES (@task, @study, @Model, @ModelVersion, @sr, @seg, @DiagnosticReportId, @Status, @at) ON CONFLICT (task_id) DO NOTHING",
            new { task = report.TaskId.ToString("D"), study = report.Study.Value, report.Model, report.ModelVersion, sr = report.StructuredReport.Value, seg = report.Segmentation?.Value, report.DiagnosticReportId, report.Status, at = report.CreatedAt.ToColumn() });
        foreach (FhirResource resource in completion.Resources)
        {
            int changed = await transaction.ExecuteAsync(
                """
                INSERT INTO fhir_resources (type, id, version, last_updated, json) VALUES (@Type, @Id, 1, @now, @json)
                ON CONFLICT (type, id) DO UPDATE SET version = fhir_resources.version + 1, last_updated = excluded.last_updated, json = excluded.json WHERE fhir_resources.json <> excluded.json
                """,
                new { resource.Type, resource.Id, now, json = resource.Json.ToArray() });
            if (changed == 0)
            {
                continue;
            }

            await transaction.ExecuteAsync("DELETE FROM fhir_search_values WHERE type = @Type AND id = @Id", new { resource.Type, resource.Id });
            foreach (FhirSearchValue[] values in resource.SearchValues.Chunk(SearchValuesOfAStatement))
            {
                DynamicParameters parameters = new(new { resource.Type, resource.Id });
                for (int i = 0; i < values.Length; i++)
                {
                    parameters.Add(Name("p", i), values[i].Parameter);
                    parameters.Add(Name("s", i), dialect.Text(values[i].System));
                    parameters.Add(Name("v", i), dialect.Text(values[i].Value));
                }

                string rows = string.Join(", ", Enumerable.Range(0, values.Length).Select(i => $"(@Type, @Id, {Name("@p", i)}, {Name("@s", i)}, {Name("@v", i)})"));
                await transaction.ExecuteAsync($"INSERT INTO fhir_search_values (type, id, parameter, system, value) VALUES {rows}", parameters);
            }
        }
    }

    private static string Name(string kind, int number) => string.Create(CultureInfo.InvariantCulture, $"{kind}{number}");

    private (string Where, DynamicParameters Parameters) Translate(FhirQuery query)
    {
        DynamicParameters parameters = new();
        parameters.Add("@type", database.Dialect.Text(query.Type));
        StringBuilder where = new("r.type = @type");
        foreach (FhirClause clause in query.Clauses)
        {
            string? own = clause.Parameter switch { "_id" => "r.id", "_lastUpdated" => "r.last_updated", _ => null };

            // By ids, not by a look-up for each resource: the index on the values finds the few that match among many.
            where.Append(own is not null ? " AND (" : $" AND r.id IN (SELECT v.id FROM fhir_search_values v WHERE v.type = @type AND v.parameter = {Parameter(clause.Parameter)} AND (");
            where.AppendJoin(" OR ", clause.Operands.Select(operand => Condition(clause.Parameter, own, operand)).DefaultIfEmpty("1 = 0"));
            where.Append(own is not null ? ")" : "))");
        }

        return (where.ToString(), parameters);

        string Condition(string name, string? own, FhirOperand operand)
        {
            List<string> terms = [];
            if (operand.Value is { } value)
            {
                string column = own ?? "v.value";
                object compared = name == "_lastUpdated" ? DateTimeOffset.Parse(value, CultureInfo.InvariantCulture).ToColumn() : value;
                terms.Add(operand.Comparison == FhirComparison.Equal && own is null ? database.Dialect.IsEqual(column, Parameter(compared))
                    : operand.Comparison == FhirComparison.StartsWith
                    ? $"upper(substr({column}, 1, length({Parameter(compared)}))) = upper({Parameter(compared)})"
                    : $"{column} {Operator(operand.Comparison)} {Parameter(compared)}");
            }

            if (own is null && operand.System is { } system)
            {
                terms.Add($"coalesce(v.system, '') = {Parameter(system)}");
            }

            return terms.Count == 0 ? "1 = 1" : $"({string.Join(" AND ", terms)})";
        }

        string Parameter(object value)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"@p{parameters.ParameterNames.Count()}");
            parameters.Add(name, value is string text ? database.Dialect.Text(text) : value);
            return name;
        }
    }

    private static string Operator(FhirComparison comparison) => comparison switch
    {
        FhirComparison.Less => "<",
        FhirComparison.LessOrEqual => "<=",
        FhirComparison.Greater => ">",
        FhirComparison.GreaterOrEqual => ">=",
        _ => "=",
    };

    private async ValueTask<IReadOnlyList<ReportRow>> ReadReportsAsync(string where, object parameters, CancellationToken cancellationToken) => await database.ReadRowsAsync(
        $"SELECT {ReportColumns} FROM reports WHERE {where} LIMIT @limit OFFSET @offset",
        parameters,
        row => new ReportRow(
            Guid.Parse(row.GetString(0)),
            new DicomUid(row.GetString(1)),
            row.GetString(2),
            row.GetString(3),
            new DicomUid(row.GetString(4)),
            row.IsDBNull(5) ? null : new DicomUid(row.GetString(5)),
            row.GetString(6),
            row.GetString(7),
            Timestamps.FromColumn(row.GetInt64(8))),
        cancellationToken);
}
