namespace MedicalAi.Gateway;

/// <summary>
/// Reads the settings: defaults, then <c>appsettings.json</c> beside the program and in the current folder, then the environment,
/// then flags; the later ones hold.
/// </summary>
internal static class GatewayConfiguration
{
    private const string Section = "Gateway";

    /// <summary>Reads the settings.</summary>
    /// <param name="files">The files, the later ones hold; those that do not exist are passed over.</param>
    /// <param name="environment">The value of an environment variable; null when it is not set.</param>
    /// <param name="flags">The value of a flag; null when it is not given.</param>
    /// <exception cref="ConfigurationException">A value cannot be understood.</exception>
    public static GatewayOptions Read(IEnumerable<string> files, Func<string, string?> environment, Func<string, string?> flags)
    {
        IConfigurationSection section = ReadFiles(files).GetSection(Section);
        HashSet<string> known = Setting.All.Select(setting => setting.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (section.GetChildren().FirstOrDefault(child => !known.Contains(child.Key)) is { } unknown)
        {
            throw new ConfigurationException($"appsettings.json: there is no setting '{Section}:{unknown.Key}'. Known are {string.Join(", ", Setting.All.Select(setting => setting.Key))}.");
        }

        GatewayOptions options = new();
        foreach (Setting setting in Setting.All)
        {
            (string? value, string source) = Find(setting, section, environment, flags);
            if (value is not null)
            {
                try
                {
                    options = setting.Apply(options, value);
                }
                catch (FormatException e)
                {
                    throw new ConfigurationException($"{source}: {e.Message}.");
                }
                catch (ArgumentException e)
                {
                    throw new ConfigurationException($"{source}: {e.Message}");
                }
            }
        }

        return options;
    }

    /// <summary>Those variables that are set but mean nothing to this version.</summary>
    public static IReadOnlyList<string> FindUnused(Func<string, string?> environment) =>
        [.. Setting.NotYet.Where(name => !string.IsNullOrEmpty(environment(name)) || !string.IsNullOrEmpty(environment(name + "_FILE")))];

    /// <summary>Where <c>appsettings.json</c> is looked for.</summary>
    public static IReadOnlyList<string> DefaultFiles => [Path.Combine(AppContext.BaseDirectory, "appsettings.json"), Path.GetFullPath("appsettings.json")];

    /// <summary>The files as one configuration; it also holds the section <c>Logging</c>.</summary>
    /// <exception cref="ConfigurationException">A file is not JSON.</exception>
    public static IConfigurationRoot ReadFiles(IEnumerable<string> files)
    {
        ConfigurationBuilder builder = new();
        foreach (string file in files.Distinct())
        {
            builder.AddJsonFile(file, optional: true, reloadOnChange: false);
        }

        try
        {
            return builder.Build();
        }
        catch (InvalidDataException e)
        {
            throw new ConfigurationException($"{e.Message} {e.InnerException?.Message}");
        }
    }

    private static (string? Value, string Source) Find(Setting setting, IConfigurationSection section, Func<string, string?> environment, Func<string, string?> flags)
    {
        if (setting.Flag is { } flag && flags(flag) is { } given)
        {
            return (given, flag);
        }

        if (environment(setting.Variable) is { Length: > 0 } variable)
        {
            return (variable, setting.Variable);
        }

        string fileVariable = setting.Variable + "_FILE";
        if (environment(fileVariable) is { Length: > 0 } path)
        {
            try
            {
                return (File.ReadAllText(path).Trim(), fileVariable);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new ConfigurationException($"{fileVariable}: {e.Message}");
            }
        }

        return (ReadValue(section.GetSection(setting.Key)), $"appsettings.json, {Section}:{setting.Key}");
    }

    // A JSON array of texts counts as their list.
    private static string? ReadValue(IConfigurationSection section) =>
        section.Value ?? (section.GetChildren().Select(child => child.Value).OfType<string>().ToArray() is { Length: > 0 } items ? string.Join(',', items) : null);
}
