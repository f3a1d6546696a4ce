namespace MedicalAi.DicomWeb;

/// <summary>
/// A media type or range with its parameters (RFC 9110 8.3.1, 12.5.1). Read tolerantly: viewers send parameters with and without
/// quotes, with slashes in bare values, and twice.
/// </summary>
/// <param name="Name">Type and subtype in lower case, for example <c>multipart/related</c>.</param>
/// <param name="Parameters">The parameters in order; names in lower case, values as they came without quotes.</param>
internal sealed record MediaType(string Name, IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    /// <summary>The first value of a parameter; null when it is absent.</summary>
    public string? Find(string parameter) => FindAll(parameter).FirstOrDefault();

    /// <summary>All values of a parameter.</summary>
    public IEnumerable<string> FindAll(string parameter) => Parameters.Where(pair => pair.Key == parameter).Select(pair => pair.Value);

    /// <summary>Reads one media type; null when it is none.</summary>
    public static MediaType? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        List<string> pieces = Split(text, ';');
        string name = pieces[0].Trim().ToLowerInvariant();
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == name.Length - 1 || name.AsSpan().ContainsAny(" \t\"") || name.LastIndexOf('/') != slash)
        {
            return null;
        }

        List<KeyValuePair<string, string>> parameters = [];
        foreach (string piece in pieces.Skip(1))
        {
            int equals = piece.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                parameters.Add(new(piece[..equals].Trim().ToLowerInvariant(), Unquote(piece.AsSpan(equals + 1).Trim())));
            }
        }

        return new MediaType(name, parameters);
    }

    /// <summary>Reads a list separated by commas; what is no media type is passed over.</summary>
    public static IEnumerable<MediaType> ParseList(string text) => Split(text, ',').Select(Parse).OfType<MediaType>();

    /// <summary>Splits at a separator that does not stand in quotes.</summary>
    private static List<string> Split(string text, char separator)
    {
        List<string> pieces = [];
        bool quoted = false;
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quoted && c == '\\')
            {
                i++;
            }
            else if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == separator && !quoted)
            {
                pieces.Add(text[start..i]);
                start = i + 1;
            }
        }

        pieces.Add(text[start..]);
        return pieces;
    }

    private static string Unquote(ReadOnlySpan<char> value)
    {
        if (value.Length < 2 || value[0] != '"' || value[^1] != '"')
        {
            return value.ToString();
        }

        value = value[1..^1];
        if (!value.Contains('\\'))
        {
            return value.ToString();
        }

        System.Text.StringBuilder text = new(value.Length);
        for (int i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\' && i + 1 < value.Length)
            {
                i++;
            }

            text.Append(value[i]);
        }

        return text.ToString();
    }
}
