using System.Text;

namespace MedicalAi.Dicom;

internal sealed partial class DataSetDeidentifier
{
    // The attributes of a code (PS3.3 table 8.8-1), which are no free text where the coding scheme is one that everybody knows.
    private static readonly HashSet<DicomTag> s_code =
    [
        DicomTags.CodeValue, DicomTags.LongCodeValue, DicomTags.URNCodeValue, DicomTags.CodingSchemeDesignator, DicomTags.CodingSchemeVersion, DicomTags.CodeMeaning,
        DicomTags.MappingResource, DicomTags.MappingResourceName, DicomTags.ContextIdentifier,
    ];

    private static bool IsFreeText(Vr vr) => vr is Vr.LO or Vr.SH or Vr.ST or Vr.LT or Vr.UT or Vr.UC;

    // Designators of private schemes begin with 99 or L (PS3.3 section 8.2): what such a code means somebody has written himself.
    private static bool IsOfCode(DicomTag tag, DicomDataSet source) =>
        s_code.Contains(tag) && (tag != DicomTags.CodeMeaning || source.GetString(DicomTags.CodingSchemeDesignator) is { } scheme && scheme is not (['9', '9', ..] or "L"));

    // Which scheme a code is of, a program has to know; nobody's name is one.
    private static bool NamesScheme(DicomTag tag) => tag == DicomTags.CodingSchemeDesignator || tag == DicomTags.CodingSchemeVersion || tag == DicomTags.MappingResource;

    /// <summary>Keeps of an element what an option allows when it is clean (C in the table); false when there is nothing, and the basic action is to be done.</summary>
    private bool Clean(DicomElement element, DicomDataSet source, DicomDataSet result)
    {
        if (element.IsEmpty)
        {
            return false;
        }

        if (element.Items is not null)
        {
            Keep(element, null, result, isCleaned: true);
            return true;
        }

        if (element.Vr == Vr.AE)
        {
            result.SetString(element.Tag, Vr.AE, [.. source.GetStrings(element).Select(pseudonyms.AeTitle)]);
            report.Add(element.Tag, DeidentificationChange.Mapped);
            return true;
        }

        if (!IsFreeText(element.Vr) || Cleaned(element, source, result) is not { } cleaned)
        {
            return false;
        }

        result.Set(cleaned);
        return true;
    }

    /// <summary>The text with the words that may stay; null when there are none.</summary>
    private DicomElement? Cleaned(DicomElement element, DicomDataSet source, DicomDataSet result)
    {
        if (element.IsElsewhere)
        {
            return null;
        }

        string[] values = source.GetStrings(element);
        string[] cleaned = [.. values.Select(value => CleanText.Clean(value, known))];
        if (cleaned.All(value => value.Length == 0))
        {
            return element.IsEmpty ? element : null;
        }

        if (cleaned.SequenceEqual(values, StringComparer.Ordinal))
        {
            return element;
        }

        report.Add(element.Tag, DeidentificationChange.Cleaned);
        return Encode(element, cleaned, result);
    }

    /// <summary>The text without known identifiers, or one that says nothing when there is no other; null when there are none in it.</summary>
    private DicomElement? Redacted(DicomElement element, DicomDataSet source, DicomDataSet result)
    {
        string[] values = source.GetStrings(element);
        string[] redacted = [.. values.Select(known.Redact)];
        return redacted.SequenceEqual(values, StringComparer.Ordinal) ? null
            : redacted.All(value => value.Length == 0) ? DummyValues.Replace(element, pseudonyms, result)
            : Encode(element, redacted, result);
    }

    // What is not of the character set was none of its characters before: of such text ASCII is left.
    private static DicomElement Encode(DicomElement element, string[] values, DicomDataSet result)
    {
        string text = string.Join('\\', values);
        if (!element.Vr.UsesCharacterSet())
        {
            return new DicomElement(element.Tag, element.Vr, Encoding.Latin1.GetBytes(text));
        }

        return result.CharacterSet.TryEncode(text, element.Vr, out byte[] bytes)
            ? new DicomElement(element.Tag, element.Vr, bytes)
            : new DicomElement(element.Tag, element.Vr, Encoding.ASCII.GetBytes(text));
    }
}
