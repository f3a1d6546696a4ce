using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace MedicalAi.Archive;

/// <summary>One numbered step of the schema, forward only. A version means the same in every database.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Needs">The oldest program that can serve with the schema that it makes, by the version that it knows; <c>-- needs: N</c> in its first line, else the version itself.</param>
/// <param name="Sql">Its statements.</param>
internal sealed partial record Migration(long Version, long Needs, string Sql)
{
    /// <summary>The steps of a database in order.</summary>
    /// <param name="folder">Which one's.</param>
    public static IReadOnlyList<Migration> ReadAll(string folder)
    {
        Assembly assembly = typeof(Migration).Assembly;
        return [.. assembly.GetManifestResourceNames().Where(name => name.StartsWith($"{folder}/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Read)];

        Migration Read(string name)
        {
            using StreamReader reader = new(assembly.GetManifestResourceStream(name)!);
            string sql = reader.ReadToEnd();
            long version = long.Parse(Path.GetFileNameWithoutExtension(name), CultureInfo.InvariantCulture);
            return new Migration(version, NeedsLine().Match(sql) is { Success: true } needs ? long.Parse(needs.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : version, sql);
        }
    }

    [GeneratedRegex(@"\A-- needs: (\d+)")]
    private static partial Regex NeedsLine();
}
