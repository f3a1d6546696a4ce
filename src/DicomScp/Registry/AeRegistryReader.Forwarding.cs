using System.Globalization;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

// What is forwarded, and how.
internal sealed partial class AeRegistryReader
{
    private static readonly IReadOnlySet<DayOfWeek> s_everyDay = Enum.GetValues<DayOfWeek>().ToHashSet();

    private List<ForwardRule> ReadRules(List<RuleEntry> entries, List<ApplicationEntity> entities)
    {
        List<ForwardRule> rules = [];
        for (int i = 0; i < entries.Count; i++)
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"$.rules[{i}]");
            if (entries[i] is not { } entry)
            {
                _problems.Add((path, "An item of a list is never null."));
                continue;
            }

            if (entry.Name.Length is 0 or > 64 || entry.Name.Any(char.IsControl))
            {
                _problems.Add(($"{path}.name", "The name of a rule has 1 to 64 characters."));
            }

            if (rules.Any(other => other.Name == entry.Name))
            {
                _problems.Add(($"{path}.name", $"There are two rules with the name '{entry.Name}'."));
            }

            rules.Add(new ForwardRule
            {
                Name = entry.Name,
                To = ReadDestinations(entry.To, entities, $"{path}.to"),
                Matches = [.. entry.Match.Select(match => ReadMatch(match.Key, match.Value, $"{path}.match")).OfType<ForwardMatch>()],
                Callers = [.. entry.Callers.Select((caller, j) => ReadTitle(caller, string.Create(CultureInfo.InvariantCulture, $"{path}.callers[{j}]"))).OfType<AeTitle>()],
                Source = entry.Source,
                When = entry.When,
                Window = ReadWindow(entry.Window, $"{path}.window"),
                Priority = entry.Priority,
                MayReturn = entry.MayReturn,
            });
        }

        return rules;
    }

    private List<AeTitle> ReadDestinations(List<string> texts, List<ApplicationEntity> entities, string path)
    {
        if (texts.Count == 0)
        {
            _problems.Add((path, "A rule has one destination or more."));
        }

        List<AeTitle> titles = [];
        for (int i = 0; i < texts.Count; i++)
        {
            string place = string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]");
            if (ReadTitle(texts[i], place) is not { } title)
            {
                continue;
            }

            if (!entities.Any(entity => entity.AeTitle == title && entity.IsDestination))
            {
                _problems.Add((place, $"There is no destination {title} in this file."));
            }

            titles.Add(title);
        }

        return titles;
    }

    private ForwardMatch? ReadMatch(string name, OneOrMore keys, string path)
    {
        if ((DicomDictionary.Find(name)?.Tag ?? (DicomTag.TryParse(name, out DicomTag read) ? read : null)) is not { } tag)
        {
            _problems.Add(($"{path}.{name}", $"'{name}' is no keyword of the data dictionary (PS3.6) and no tag."));
            return null;
        }

        if (!_context.CanMatch(tag))
        {
            _problems.Add(($"{path}.{name}", $"The index cannot match {name}."));
        }

        return new ForwardMatch(tag, keys.Values);
    }

    private SendingOptions ReadSending(SendingEntry entry, string path)
    {
        Check(entry.Associations, 1, 64, $"{path}.associations", "The number of associations");
        Check(entry.IdleSeconds, 0, 3600, $"{path}.idleSeconds", "The time that an association is kept");
        Check(entry.InstancesPerSecond, 0.001, 1_000_000, $"{path}.instancesPerSecond", "The number of instances in a second");
        Check(entry.MegabytesPerSecond, 0.001, 1_000_000, $"{path}.megabytesPerSecond", "The number of megabytes in a second");
        Check(entry.FirstRetrySeconds, 0.01, 86_400, $"{path}.firstRetrySeconds", "The wait after the first failure");
        Check(entry.LongestRetrySeconds, 0.01, 86_400, $"{path}.longestRetrySeconds", "The longest wait after a failure");
        Check(entry.MaximumAttempts, 1, 1_000_000, $"{path}.maximumAttempts", "The number of attempts");
        Check(entry.GiveUpAfterHours, 0.001, 100_000, $"{path}.giveUpAfterHours", "The time after which instances are given up");
        Check(entry.CommitmentHours, 0.0001, 100_000, $"{path}.commitmentHours", "The time that a destination has to commit itself");
        Check(entry.OperationsWindow, 1, 64, $"{path}.operationsWindow", "The number of operations at once");
        TimeWindow? window = ReadWindow(entry.Window, $"{path}.window");
        SendingOptions defaults = new();
        return _problems.Count > 0 ? defaults : new SendingOptions
        {
            Associations = entry.Associations ?? defaults.Associations,
            IdleTime = Seconds(entry.IdleSeconds) ?? defaults.IdleTime,
            InstancesPerSecond = entry.InstancesPerSecond,
            MegabytesPerSecond = entry.MegabytesPerSecond,
            OperationsWindow = entry.OperationsWindow ?? defaults.OperationsWindow,
            Window = window,
            FirstRetry = Seconds(entry.FirstRetrySeconds) ?? defaults.FirstRetry,
            LongestRetry = Seconds(entry.LongestRetrySeconds) ?? defaults.LongestRetry,
            MaximumAttempts = entry.MaximumAttempts ?? defaults.MaximumAttempts,
            GiveUpAfter = entry.GiveUpAfterHours is { } hours ? TimeSpan.FromHours(hours) : defaults.GiveUpAfter,
            Commitment = entry.Commitment,
            CommitmentTime = entry.CommitmentHours is { } given ? TimeSpan.FromHours(given) : defaults.CommitmentTime,
        };

        static TimeSpan? Seconds(double? value) => value is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    private TimeWindow? ReadWindow(WindowEntry? entry, string path)
    {
        if (entry is null)
        {
            return null;
        }

        TimeOnly from = ReadTime(entry.From, $"{path}.from");
        TimeOnly to = ReadTime(entry.To, $"{path}.to");
        if (entry.Days is { Count: 0 })
        {
            _problems.Add(($"{path}.days", "A window opens on one day or more."));
        }

        return new TimeWindow(from, to, entry.Days?.Select(day => (DayOfWeek)day).ToHashSet() ?? s_everyDay);
    }

    private TimeOnly ReadTime(string text, string path)
    {
        if (!TimeOnly.TryParseExact(text, ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly time))
        {
            _problems.Add((path, $"'{text}' is no time of day such as 22:30."));
        }

        return time;
    }
}
