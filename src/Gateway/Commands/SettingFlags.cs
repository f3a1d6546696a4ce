using System.CommandLine;

namespace MedicalAi.Gateway;

/// <summary>The flags of the settings on a command.</summary>
internal sealed class SettingFlags
{
    private readonly Dictionary<string, Option<string?>> _options;

    private SettingFlags(Dictionary<string, Option<string?>> options) => _options = options;

    /// <summary>Adds the flags of the settings to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="keys">The keys of the settings wanted; none for all.</param>
    public static SettingFlags AddTo(Command command, params IReadOnlyCollection<string> keys)
    {
        Dictionary<string, Option<string?>> options = [];
        foreach (Setting setting in Setting.All.Where(setting => setting.Flag is not null && (keys.Count == 0 || keys.Contains(setting.Key))))
        {
            Option<string?> option = new(setting.Flag!)
            {
                Description = setting.Description,
                HelpName = setting.IsSwitch ? "true|false" : setting.Key.ToUpperInvariant(),
                Arity = setting.IsSwitch ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
            };
            options.Add(setting.Flag!, option);
            command.Options.Add(option);
        }

        return new SettingFlags(options);
    }

    /// <summary>The settings as files, environment and the flags of a command line give them.</summary>
    /// <exception cref="ConfigurationException">They cannot be understood.</exception>
    public GatewayOptions Read(ParseResult parsed) =>
        GatewayConfiguration.Read(GatewayConfiguration.DefaultFiles, Environment.GetEnvironmentVariable, name => Find(parsed, name));

    private string? Find(ParseResult parsed, string name) =>
        _options.TryGetValue(name, out Option<string?>? option) && parsed.GetResult(option) is { Implicit: false } ? parsed.GetValue(option) ?? "" : null;
}
