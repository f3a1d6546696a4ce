using MedicalAi.Dicom;
using Microsoft.Data.Sqlite;

namespace MedicalAi.Archive;

/// <summary>What the migrations need of this program to fill columns that are new, as functions of SQL.</summary>
internal static class SqliteMigrationFunctions
{
    /// <summary>Makes them known to a connection.</summary>
    public static void AddTo(SqliteConnection connection)
    {
        connection.CreateFunction<string?, long, string?>("name_group", (name, group) => NormalizedName.Parse(name) is var groups && group == 0 ? groups.Alphabetic : group == 1 ? groups.Ideographic : groups.Phonetic);
        connection.CreateFunction<string?, string>("name_words_of", name => System.Text.Json.JsonSerializer.Serialize(NormalizedName.Parse(name).Words));
        connection.CreateFunction<string?, string?>("comparable_date", ComparableDates.Date);
        connection.CreateFunction<string?, string?>("comparable_time", ComparableDates.Time);
        connection.CreateFunction<string?, string?, string?, string?, string?, string>("patient_key_of", PatientKey.Of);
        connection.CreateFunction<byte[]?, string?>("study_attributes_of", metadata => Select(metadata, ModuleAttributes.Study));
        connection.CreateFunction<byte[]?, string?>("series_attributes_of", metadata => Select(metadata, ModuleAttributes.Series));
    }

    private static string? Select(byte[]? metadata, IReadOnlySet<DicomTag> tags) => metadata is null
        ? null
        : AttributeSelection.SelectText(InstanceMetadata.Inflate(metadata).Span, tags.Append(DicomTags.SpecificCharacterSet).ToHashSet());
}
