namespace MedicalAi.Dicom;

/// <summary>
/// Private elements that are known to hold no identity: of PS3.15 table E.3.10-1 those of single values that describe the
/// acquisition. Its sequences and opaque payloads are left out, for they cannot be looked into, and Acquisition Duration of ELSCINT1, which stands
/// in group 00E1 in dictionaries and in group 01E1 in transcriptions of the table.
/// </summary>
internal static class SafePrivateElements
{
    // Longer than any value that the table speaks of: what is longer is something else under the same tag.
    private const int LongestValue = 64;

    private static readonly HashSet<(string Creator, ushort Group, byte Element)> s_elements =
    [
        ("Philips PET Private Group", 0x7053, 0x00), ("Philips PET Private Group", 0x7053, 0x09),
        ("ELSCINT1", 0x00E1, 0x21), ("ELSCINT1", 0x01E1, 0x26), ("ELSCINT1", 0x01F1, 0x01),
        ("ELSCINT1", 0x01F1, 0x07), ("ELSCINT1", 0x01F1, 0x26), ("ELSCINT1", 0x01F1, 0x27),
        ("GEMS_ACQU_01", 0x0019, 0x23), ("GEMS_ACQU_01", 0x0019, 0x24), ("GEMS_ACQU_01", 0x0019, 0x27), ("GEMS_ACQU_01", 0x0019, 0x9E),
        ("GEMS_PARM_01", 0x0043, 0x27), ("GEMS_PARM_01", 0x0043, 0x39), ("GEMS_PARM_01", 0x0043, 0x6F),
        ("GEMS_HELIOS_01", 0x0045, 0x01), ("GEMS_HELIOS_01", 0x0045, 0x02), ("GEMS_SERS_01", 0x0025, 0x07),
        ("GEIIS PACS", 0x0903, 0x10), ("GEIIS PACS", 0x0903, 0x11), ("GEIIS PACS", 0x0903, 0x12),
        ("Philips Imaging DD 001", 0x2001, 0x03), ("Philips Imaging DD 001", 0x2001, 0x04),
        ("Philips MR Imaging DD 001", 0x2005, 0x0D), ("Philips MR Imaging DD 001", 0x2005, 0x0E),
        ("SIEMENS MR HEADER", 0x0019, 0x0C), ("SIEMENS MR HEADER", 0x0019, 0x0D), ("SIEMENS MR HEADER", 0x0019, 0x0E), ("SIEMENS MR HEADER", 0x0019, 0x27),
    ];

    /// <summary>Whether an element is known to be safe.</summary>
    /// <param name="element">A private element.</param>
    /// <param name="source">The data set that it stands in.</param>
    /// <param name="creator">The element that names the creator of its block.</param>
    public static bool Contains(DicomElement element, DicomDataSet source, out DicomTag creator)
    {
        creator = new DicomTag(element.Tag.Group, (ushort)(element.Tag.Element >> 8));
        return creator.IsPrivateCreator
            && element.Items is null
            && element.Value.Length is > 0 and <= LongestValue
            && source.GetString(creator) is { } name
            && s_elements.Contains((name, element.Tag.Group, (byte)element.Tag.Element));
    }
}
