using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;

namespace MedicalAi.Dicom;

/// <summary>The modules of IODs and the attributes of modules (PS3.3 annex A and C), as far as the tables beside it tell.</summary>
internal static class IodTable
{
    private static readonly Lazy<FrozenDictionary<string, Iod>> s_bySopClass = new(Load);

    /// <summary>The UIDs of the SOP classes that the table knows.</summary>
    public static IEnumerable<string> SopClasses => s_bySopClass.Value.Keys;

    /// <summary>The IOD of a SOP class; null when the tables do not have it.</summary>
    public static Iod? Find(DicomUid sopClass) => sopClass.Value is { } value && s_bySopClass.Value.TryGetValue(value, out Iod? iod) ? iod : null;

    private static FrozenDictionary<string, Iod> Load()
    {
        Dictionary<string, Module> modules = Read("module-attributes.tsv").GroupBy(row => row[0]).ToDictionary(
            group => group.Key,
            group => new Module(group.Key, [.. group.Select(row => new ModuleAttribute(
                Path(row[1]), row[2].Split('+')[0].TrimEnd('!'), row[2].EndsWith("+code", StringComparison.Ordinal), row[2].Contains('!', StringComparison.Ordinal), ModuleCondition.Parse(row[3])))]),
            StringComparer.Ordinal);
        Dictionary<string, Iod> found = new(StringComparer.Ordinal);
        foreach (IGrouping<string, string[]> rows in Read("iod-modules.tsv").GroupBy(row => row[0]))
        {
            Iod iod = new(rows.Key, [.. rows.Select(row => new IodModule(row[2], ModuleCondition.Parse(row[4]), modules.GetValueOrDefault(row[2])))]);
            foreach (string sopClass in rows.First()[1].Split(','))
            {
                found[sopClass] = iod;
            }
        }

        return found.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static DicomTag[] Path(string text) =>
        [.. text.Split('/').Select(tag => DicomTag.FromValue(uint.Parse(tag, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)))];

    private static IEnumerable<string[]> Read(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"validation/{name}")
            ?? throw new InvalidOperationException($"The assembly lacks its table {name}.");
        using StreamReader reader = new(stream);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            yield return line.Split('\t');
        }
    }
}

/// <summary>An information object definition.</summary>
/// <param name="Name">Its name, in small letters with hyphens.</param>
/// <param name="Modules">The modules that are mandatory, always or under a condition that can be told.</param>
internal sealed record Iod(string Name, IReadOnlyList<IodModule> Modules);

/// <summary>A module of an IOD.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Condition">When it is mandatory; null for always.</param>
/// <param name="Module">Its attributes; null when they are not known here.</param>
internal sealed record IodModule(string Name, ModuleCondition? Condition, Module? Module);

/// <summary>A module and what it asks for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Attributes">Its attributes: all of the top level, and those within sequences on which there are demands.</param>
internal sealed record Module(string Name, IReadOnlyList<ModuleAttribute> Attributes)
{
    /// <summary>The attributes that must be there when the module is.</summary>
    public IEnumerable<ModuleAttribute> Required => Attributes.Where(attribute => attribute.Path.Length == 1 && attribute.Type is "1" or "2");

    /// <summary>Whether any of its attributes is in a data set.</summary>
    public bool IsIn(DicomDataSet dataSet) => Attributes.Any(attribute => attribute.Path.Length == 1 && dataSet.Contains(attribute.Path[0]));
}

/// <summary>An attribute of a module.</summary>
/// <param name="Path">The tag, after those of the sequences that it stands in.</param>
/// <param name="Type">1, 1C, 2, 2C or 3 (PS3.5 section 7.4).</param>
/// <param name="IsCode">Whether it is a sequence of codes (Code Sequence Macro, PS3.3 section 8.8), whose attributes are not spelled out.</param>
/// <param name="Overrides">Whether the type holds whatever other modules say.</param>
/// <param name="Condition">The condition of 1C and 2C; null when it cannot be told from the data set.</param>
internal sealed record ModuleAttribute(DicomTag[] Path, string Type, bool IsCode, bool Overrides, ModuleCondition? Condition);
