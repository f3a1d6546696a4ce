using System.Globalization;
using System.Text.Json;

namespace MedicalAi.DicomScp;

/// <summary>On which line of a JSON text each of its values begins.</summary>
internal sealed class JsonLines
{
    private readonly Dictionary<string, int> _lines = [];

    /// <summary>Looks at a text.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public JsonLines(ReadOnlySpan<byte> utf8)
    {
        Utf8JsonReader reader = new(utf8);
        Stack<(string Path, int Index)> containers = [];
        string? member = null;
        int line = 1;
        int counted = 0;
        while (reader.Read())
        {
            int at = (int)reader.TokenStartIndex;
            line += utf8[counted..at].Count((byte)'\n');
            counted = at;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    member = reader.GetString();
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    containers.Pop();
                    break;
                default:
                    string path = Next();
                    _lines.TryAdd(path, line);
                    if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                    {
                        containers.Push((path, 0));
                    }

                    break;
            }
        }

        string Next()
        {
            if (containers.Count == 0)
            {
                return "$";
            }

            (string path, int index) = containers.Pop();
            containers.Push((path, index + 1));
            string next = member is null ? string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]") : $"{path}.{member}";
            member = null;
            return next;
        }
    }

    /// <summary>The line of a value, or of what it is missing in.</summary>
    public int Find(string path)
    {
        while (path.Length > 0)
        {
            if (_lines.TryGetValue(path, out int line))
            {
                return line;
            }

            path = path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))];
        }

        return 1;
    }
}
