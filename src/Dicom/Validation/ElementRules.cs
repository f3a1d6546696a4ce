using System.Globalization;
using System.Text;

namespace MedicalAi.Dicom;

/// <summary>What the dictionary (PS3.6) and PS3.5 say of each element: VR, length, values and their number.</summary>
internal static class ElementRules
{
    /// <summary>Checks one element; the items of a sequence are not looked into.</summary>
    public static void Check(DicomDataSet dataSet, DicomElement element, string path, FindingList findings)
    {
        if (element.Tag.Group is 0x0000 or 0x0002)
        {
            findings.Error(path, "PS3.5 7.1", "an element of a command or of file meta information in a data set");
            return;
        }

        if (!element.Tag.IsGroupLength && CheckVr(dataSet, element, path, findings) is { IsVrRight: var isVrRight } known)
        {
            CheckLength(element, path, findings);
            int count = element.Vr.IsText()
                ? CheckText(dataSet, element, path, findings)
                : element.Value.Length / (element.Vr == Vr.AT ? 4 : element.Vr.UnitSize());
            bool isKnown = element is { IsEmpty: false, IsElsewhere: false, Vr: not Vr.SQ } && !element.Vr.IsBulk();
            if (isKnown && isVrRight && known.Entry is { } entry && !ValueMultiplicity.Parse(entry.Vm).Allows(count))
            {
                findings.Error(path, "PS3.6 6", string.Create(CultureInfo.InvariantCulture, $"{count} values; the dictionary allows {entry.Vm}"));
            }
        }
    }

    private static (bool IsVrRight, DictionaryEntry? Entry)? CheckVr(DicomDataSet dataSet, DicomElement element, string path, FindingList findings)
    {
        if (element.Tag.IsPrivate)
        {
            DicomTag creator = new(element.Tag.Group, (ushort)(element.Tag.Element >> 8));
            if (element.Tag.Element >= 0x1000 && dataSet.Find(creator) is not { IsEmpty: false })
            {
                findings.Warning(path, "PS3.5 7.8.1", "a private element whose block no private creator reserves");
            }
            else if (element.Tag.IsPrivateCreator && element.Vr is not (Vr.LO or Vr.UN))
            {
                findings.Error(path, "PS3.5 7.8.1", $"a private creator with VR {element.Vr}; it is LO");
            }

            return (true, null);
        }

        if (DicomDictionary.Find(element.Tag) is not { } entry)
        {
            findings.Warning(path, "PS3.6 6", "not in the data dictionary");
            return (true, null);
        }

        if (element.Vr == Vr.UN)
        {
            findings.Warning(path, "PS3.5 6.2.2", $"VR UN; the dictionary has {entry.Vrs}");
            return (false, entry);
        }

        if (entry.Vrs != "NONE" && !entry.Vrs.Split(" or ").Contains(element.Vr.ToString(), StringComparer.Ordinal))
        {
            findings.Error(path, "PS3.6 6", $"VR {element.Vr}; the dictionary has {entry.Vrs}");
            return (false, entry);
        }

        return (true, entry);
    }

    private static void CheckLength(DicomElement element, string path, FindingList findings)
    {
        long length = element.Bulk?.Length ?? element.Value.Length;
        int unit = element.Vr == Vr.AT ? 4 : element.Vr.UnitSize();
        if (length % unit != 0)
        {
            findings.Error(path, "PS3.5 6.2", string.Create(CultureInfo.InvariantCulture, $"{length} bytes, not a multiple of the {unit} of VR {element.Vr}"));
        }
    }

    // Gives the number of values.
    private static int CheckText(DicomDataSet dataSet, DicomElement element, string path, FindingList findings)
    {
        ReadOnlySpan<byte> bytes = element.Value.Span;
        Vr vr = element.Vr;
        string text = vr.UsesCharacterSet() ? dataSet.CharacterSet.Decode(bytes, vr) : Encoding.Latin1.GetString(bytes);
        if (vr.UsesCharacterSet() && dataSet.CharacterSet.Terms.Count == 0 && bytes.ContainsAnyExceptInRange((byte)0, (byte)0x7F))
        {
            findings.Error(path, "PS3.5 6.1.2", "characters beyond ASCII without a Specific Character Set (0008,0005)");
        }
        else if (text.Contains('\uFFFD', StringComparison.Ordinal))
        {
            findings.Error(path, "PS3.5 6.1.2", "bytes that are no characters of the Specific Character Set (0008,0005)");
        }

        if (vr != Vr.UI && text.EndsWith('\0'))
        {
            findings.Warning(path, "PS3.5 6.2", "padded with NUL instead of a space");
        }
        else if (vr == Vr.UI && text.EndsWith(' '))
        {
            findings.Warning(path, "PS3.5 9.1", "a UID padded with a space instead of NUL");
        }

        string[] values = ElementText.Split(text, vr);
        if (element.Tag == DicomTags.SpecificCharacterSet)
        {
            CheckTerms(values, path, findings);
        }

        for (int i = 0; i < values.Length; i++)
        {
            if (values[i].Length > 0 && ValueRules.Check(values[i], vr) is { } problem)
            {
                string message = values.Length == 1 ? problem.Message : string.Create(CultureInfo.InvariantCulture, $"value {i + 1}: {problem.Message}");
                if (problem.Severity == DicomSeverity.Error)
                {
                    findings.Error(path, "PS3.5 6.2", message);
                }
                else
                {
                    findings.Warning(path, "PS3.5 6.2", message);
                }
            }
        }

        return values.Length;
    }

    private static void CheckTerms(string[] terms, string path, FindingList findings)
    {
        const string Rule = "PS3.3 C.12.1.1.2";
        if (terms.Any(term => term.Length > 0 && !SpecificCharacterSet.IsDefinedTerm(term)))
        {
            findings.Error(path, Rule, "not a defined term of Specific Character Set");
        }
        else if (terms.Length > 1 && terms.Any(term => term.Length > 0 && !term.StartsWith("ISO 2022", StringComparison.Ordinal)))
        {
            findings.Error(path, Rule, "a term without code extensions among several");
        }
    }
}
