using System.Globalization;

namespace MedicalAi.Dicom;

/// <summary>The code that each character has in a set of <see cref="CodeElements"/>: what the set decodes, the other way round.</summary>
internal sealed class CharacterCodes
{
    // Typed on one system and on another, these are the same characters of JIS X 0208.
    private static readonly (char Written, char Same)[] s_same = [('～', '〜'), ('∥', '‖'), ('－', '−'), ('￠', '¢'), ('￡', '£'), ('￢', '¬')];

    private readonly Dictionary<char, ushort> _codes = [];

    public CharacterCodes(CodeElements elements)
    {
        foreach (string range in elements.Ranges.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = range.Split('-');
            int last = int.Parse(ends[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            for (int code = int.Parse(ends[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture); code <= last; code++)
            {
                if (elements.BytesPerCharacter == 1)
                {
                    Add(elements.Decode([(byte)code]), code);
                }
                else if ((code & 0xFF) is >= 0x21 and <= 0x7E)
                {
                    Add(elements.Decode((byte)(code >> 8), (byte)code), elements.IsG1 ? code | 0x8080 : code);
                }
            }
        }

        foreach ((char written, char same) in s_same)
        {
            if (_codes.TryGetValue(same, out ushort code) && elements.BytesPerCharacter == 2)
            {
                _codes.TryAdd(written, code);
            }
        }
    }

    /// <summary>The code of a character, of one or two bytes as they stand in a value; false when the set does not have it.</summary>
    public bool TryFind(char character, out ushort code) => _codes.TryGetValue(character, out code);

    private void Add(string character, int code)
    {
        // Private use and U+FFFD are no characters of a standard.
        if (character is [var one] && !CodeElements.IsPrivate(one) && one != '\uFFFD')
        {
            _codes.TryAdd(one, (ushort)code);
        }
    }
}
