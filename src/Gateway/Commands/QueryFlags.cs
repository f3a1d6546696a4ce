using System.CommandLine;
using MedicalAi.Dicom;

namespace MedicalAi.Gateway;

/// <summary>The flags of commands that query or retrieve: the level, the keys and the information model.</summary>
internal sealed class QueryFlags
{
    private static readonly DicomTag[] s_unique = [DicomTags.PatientID, DicomTags.StudyInstanceUID, DicomTags.SeriesInstanceUID, DicomTags.SOPInstanceUID];
    private static readonly string[] s_levels = ["PATIENT", "STUDY", "SERIES", "IMAGE"];

    private readonly Option<string?> _level = new("--level") { Description = "PATIENT, STUDY, SERIES or IMAGE; default the level of the lowest unique key, else STUDY", HelpName = "LEVEL" };
    private readonly Option<bool> _patientRoot = new("--patient-root") { Description = "by the Patient Root information model; default Study Root" };
    private readonly Option<string[]> _keys = new("--key", "-k")
    {
        Description = "a key by keyword or tag: PatientName=Doe*, StudyInstanceUID=1.2.3, within a sequence after its keyword and a point; without a value it is asked for only",
        HelpName = "KEY[=VALUE]",
        DefaultValueFactory = _ => [],
    };

    private QueryFlags()
    {
    }

    /// <summary>Adds the flags to a command.</summary>
    public static QueryFlags AddTo(Command command)
    {
        QueryFlags flags = new();
        command.Options.Add(flags._keys);
        command.Options.Add(flags._level);
        command.Options.Add(flags._patientRoot);
        flags._keys.Validators.Add(result =>
        {
            foreach (string text in result.Tokens.Select(token => token.Value))
            {
                if (!TrySetKey([], text))
                {
                    result.AddError($"'{text}' is no key: an attribute by its keyword or tag, and a value after '=' where it is to match.");
                }
            }
        });
        flags._level.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } level && !s_levels.Contains(level.ToUpperInvariant()))
            {
                result.AddError($"'{level}' is no level: PATIENT, STUDY, SERIES or IMAGE.");
            }
        });
        return flags;
    }

    /// <summary>Whether the Patient Root information model is wanted.</summary>
    public bool IsPatientRoot(ParseResult parsed) => parsed.GetValue(_patientRoot);

    /// <summary>Whether keys are named.</summary>
    public bool HasKeys(ParseResult parsed) => parsed.GetRequiredValue(_keys).Length > 0;

    /// <summary>The identifier that a command line names.</summary>
    public DicomDataSet Read(ParseResult parsed)
    {
        DicomDataSet identifier = new();
        identifier.SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192");
        foreach (string text in parsed.GetRequiredValue(_keys))
        {
            TrySetKey(identifier, text);
        }

        int lowest = Array.FindLastIndex(s_unique, tag => identifier.GetString(tag) is { Length: > 0 });
        string level = parsed.GetValue(_level)?.ToUpperInvariant() ?? s_levels[Math.Max(lowest, parsed.GetValue(_patientRoot) && lowest == 0 ? 0 : 1)];
        identifier.SetString(DicomTags.QueryRetrieveLevel, level);
        return identifier;
    }

    /// <summary>The identifier of a retrieve, which has unique keys only (PS3.4 C.4.2.1.4.1 and C.4.3.1.3.1).</summary>
    /// <exception cref="ConfigurationException">Another key is named, or that of the level is not.</exception>
    public DicomDataSet ReadUnique(ParseResult parsed)
    {
        DicomDataSet identifier = Read(parsed);
        identifier.Remove(DicomTags.SpecificCharacterSet);
        string level = identifier.GetString(DicomTags.QueryRetrieveLevel)!;
        if (identifier.FirstOrDefault(key => key.Tag != DicomTags.QueryRetrieveLevel && !s_unique.Contains(key.Tag)) is { } other)
        {
            throw new ConfigurationException($"{DicomDictionary.Find(other.Tag)?.Keyword} is no unique key: what is retrieved is named by PatientID, StudyInstanceUID, SeriesInstanceUID and SOPInstanceUID. `gateway find` tells them.");
        }

        DicomTag unique = s_unique[Array.IndexOf(s_levels, level)];
        return identifier.GetString(unique) is { Length: > 0 } ? identifier : throw new ConfigurationException($"The level {level} needs -k {DicomDictionary.Find(unique)!.Keyword}=VALUE.");
    }

    /// <summary>Asks for what tells matches apart and what people want to see, where it is not a key already.</summary>
    public static void AddUsualKeys(DicomDataSet identifier)
    {
        int level = Array.IndexOf(s_levels, identifier.GetString(DicomTags.QueryRetrieveLevel));
        DicomTag[] usual =
        [
            DicomTags.PatientID, DicomTags.PatientName,
            .. level >= 1 ? (DicomTag[])[DicomTags.StudyInstanceUID, DicomTags.StudyDate, DicomTags.StudyDescription, DicomTags.ModalitiesInStudy] : [],
            .. level >= 2 ? (DicomTag[])[DicomTags.SeriesInstanceUID, DicomTags.Modality, DicomTags.SeriesNumber, DicomTags.SeriesDescription] : [],
            .. level >= 3 ? (DicomTag[])[DicomTags.SOPInstanceUID, DicomTags.SOPClassUID, DicomTags.InstanceNumber] : [],
        ];
        foreach (DicomTag tag in usual)
        {
            if (!identifier.Contains(tag))
            {
                identifier.SetEmpty(tag);
            }
        }
    }

    /// <summary>Sets a key of the command line in an identifier; false when it is none. Without a value one that is there stays.</summary>
    /// <param name="identifier">The identifier.</param>
    /// <param name="text">KEYWORD, KEYWORD=VALUE or SEQUENCE.KEYWORD=VALUE.</param>
    /// <param name="home">The data set that a key belongs into, when it is named without its sequence; null for the identifier itself.</param>
    internal static bool TrySetKey(DicomDataSet identifier, string text, Func<DicomTag, DicomDataSet>? home = null)
    {
        string[] parts = text.Split('=', 2);
        string[] path = parts[0].Split('.');
        DicomDataSet target = identifier;
        foreach (string sequence in path[..^1])
        {
            if (!DicomTag.TryParse(sequence, out DicomTag outer) || DicomDictionary.FindVr(outer) != Vr.SQ)
            {
                return false;
            }

            if (target.GetItems(outer) is not [DicomDataSet item, ..])
            {
                item = new DicomDataSet(target);
                target.SetSequence(outer, item);
            }

            target = item;
        }

        if (!DicomTag.TryParse(path[^1], out DicomTag tag) || DicomDictionary.Find(tag) is not { } entry)
        {
            return false;
        }

        if (path.Length == 1 && home is not null)
        {
            target = home(tag);
        }

        if (parts.Length == 1)
        {
            if (!target.Contains(tag))
            {
                target.SetEmpty(tag);
            }

            return true;
        }

        if (!entry.Vr.IsText())
        {
            return false;
        }

        target.SetString(tag, parts[1].Split('\\'));
        return true;
    }
}
