namespace MedicalAi.Dicom;

/// <summary>Values in decoded characters: where one ends and the next begins, and what of it is padding (PS3.5 sections 6.2 and 6.4).</summary>
internal static class ElementText
{
    /// <summary>Splits decoded characters into values and takes the padding off each.</summary>
    public static string[] Split(string text, Vr vr)
    {
        if (!vr.IsMultiValuedText() || !text.Contains('\\', StringComparison.Ordinal))
        {
            return [Trim(text, vr).ToString()];
        }

        string[] values = text.Split('\\');
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Trim(values[i], vr).ToString();
        }

        return values;
    }

    /// <summary>
    /// Takes the padding off: trailing spaces and NULs everywhere, leading spaces where the standard says that they are not
    /// significant (they are in LT, ST, UT, UC and UR).
    /// </summary>
    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> value, Vr vr)
    {
        ReadOnlySpan<char> end = value.TrimEnd(" \0");
        return vr is Vr.LT or Vr.ST or Vr.UT or Vr.UC or Vr.UR ? end : end.TrimStart(' ');
    }
}
