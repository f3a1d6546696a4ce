using System.Text;

namespace MedicalAi.Dicom;

public sealed partial class DicomDataSet
{
    private const byte Escape = 0x1B;

    /// <summary>
    /// Turns all text into UTF-8, in this data set and in the items of its sequences, and sets Specific Character Set (0008,0005) to
    /// <c>ISO_IR 192</c>. Values of VRs to which no character set applies stay as they are, and so does what is in elements of VR UN that
    /// no dictionary knows.
    /// </summary>
    /// <returns>The number of values some bytes of which are no characters of the character set, and became U+FFFD.</returns>
    /// <exception cref="NotSupportedException">A text was left where it came from (<see cref="DicomElement.IsElsewhere"/>).</exception>
    public int ConvertToUtf8()
    {
        RequireText();
        int damaged = Convert();
        SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192");
        return damaged;
    }

    // Before anything is changed.
    private void RequireText()
    {
        foreach (DicomElement element in _elements)
        {
            if (element.IsElsewhere && element.Vr.UsesCharacterSet())
            {
                throw new NotSupportedException($"The value of {element.Tag} was left where it came from.");
            }

            foreach (DicomDataSet item in element.Items ?? [])
            {
                item.RequireText();
            }
        }
    }

    private int Convert()
    {
        int damaged = 0;
        for (int i = 0; i < _elements.Count; i++)
        {
            DicomElement element = _elements[i];
            foreach (DicomDataSet item in element.Items ?? [])
            {
                // While this data set still says what its character set is.
                damaged += item.Convert();
                item.Remove(DicomTags.SpecificCharacterSet);
            }

            Vr vr = Meant(element);
            if (vr.UsesCharacterSet() && (!Ascii.IsValid(element.Value.Span) || element.Value.Span.Contains(Escape)))
            {
                string text = CharacterSet.Decode(element.Value.Span, vr);
                damaged += text.Contains('\uFFFD', StringComparison.Ordinal) ? 1 : 0;
                _elements[i] = new DicomElement(element.Tag, element.Vr, Encoding.UTF8.GetBytes(text));
            }
        }

        return damaged;
    }
}
