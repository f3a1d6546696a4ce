using System.Collections.Frozen;
using System.Globalization;

namespace MedicalAi.Dicom;

/// <summary>A row of PS3.15 table E.1-1.</summary>
/// <param name="Tag">The tag; of a repeating group the first one.</param>
/// <param name="Mask">The bits of the tag that count.</param>
/// <param name="Action">The action of the basic profile.</param>
/// <param name="Options">The actions of the options, where they differ: K or C.</param>
internal sealed record DeidentificationRow(DicomTag Tag, uint Mask, string Action, IReadOnlyDictionary<RetainOptions, char> Options);

/// <summary>PS3.15 table E.1-1, which tells what becomes of an attribute.</summary>
internal static class DeidentificationTable
{
    // Columns of the table that are options here, with the names of its header line.
    private static readonly Dictionary<string, RetainOptions> s_columns = new(StringComparer.Ordinal)
    {
        ["rtnSafePrivOpt"] = RetainOptions.SafePrivate,
        ["rtnUIDsOpt"] = RetainOptions.Uids,
        ["rtnDevIdOpt"] = RetainOptions.DeviceIdentity,
        ["rtnInstIdOpt"] = RetainOptions.InstitutionIdentity,
        ["rtnPatCharsOpt"] = RetainOptions.PatientCharacteristics,
        ["rtnLongFullDatesOpt"] = RetainOptions.FullDates,
        ["rtnLongModifDatesOpt"] = RetainOptions.ModifiedDates,
        ["cleanDescOpt"] = RetainOptions.CleanDescriptors,
        ["cleanGraphOpt"] = RetainOptions.CleanGraphics,
        ["cleanStructContOpt"] = RetainOptions.CleanStructuredContent,
    };

    private static readonly Lazy<Tables> s_tables = new(() => new Tables());

    /// <summary>The rows but that of private attributes, which is a rule and not a tag.</summary>
    public static IReadOnlyList<DeidentificationRow> Rows => s_tables.Value.Rows;

    /// <summary>The row of an attribute; null when the table does not name it.</summary>
    public static DeidentificationRow? Find(DicomTag tag) => s_tables.Value.Exact.TryGetValue(tag, out DeidentificationRow? row)
        ? row
        : Array.Find(s_tables.Value.Repeating, repeating => (tag.Value & repeating.Mask) == repeating.Tag.Value);

    private sealed class Tables
    {
        public Tables()
        {
            using Stream stream = typeof(DeidentificationTable).Assembly.GetManifestResourceStream("deidentification.tsv")
                ?? throw new InvalidOperationException("The table of PS3.15 E.1-1 is not in the assembly.");
            using StreamReader reader = new(stream);
            string[] header = reader.ReadLine()!.Split('\t');
            List<DeidentificationRow> rows = [];
            while (reader.ReadLine() is { } line)
            {
                string[] fields = line.Split('\t');
                if (!fields[0].Contains("ODD", StringComparison.Ordinal))
                {
                    rows.Add(Row(fields, header));
                }
            }

            Rows = rows;
            Exact = rows.Where(row => row.Mask == uint.MaxValue).ToFrozenDictionary(row => row.Tag);
            Repeating = [.. rows.Where(row => row.Mask != uint.MaxValue)];
        }

        public IReadOnlyList<DeidentificationRow> Rows { get; }

        public FrozenDictionary<DicomTag, DeidentificationRow> Exact { get; }

        public DeidentificationRow[] Repeating { get; }

        private static DeidentificationRow Row(string[] fields, string[] header)
        {
            string digits = fields[0][1..5] + fields[0][6..10];
            uint tag = uint.Parse(digits.Replace('X', '0'), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            uint mask = uint.Parse(string.Concat(digits.Select(c => c == 'X' ? '0' : 'F')), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            Dictionary<RetainOptions, char> options = [];
            for (int i = 4; i < fields.Length; i++)
            {
                if (fields[i].Length > 0 && s_columns.TryGetValue(header[i], out RetainOptions option))
                {
                    options[option] = fields[i][0];
                }
            }

            return new DeidentificationRow(DicomTag.FromValue(tag), mask, fields[3], options);
        }
    }
}
