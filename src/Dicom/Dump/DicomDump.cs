namespace MedicalAi.Dicom;

/// <summary>A data set as text for people to read; the form may change and is not for programs (they take DICOM JSON).</summary>
public static class DicomDump
{
    /// <summary>
    /// Writes a line for each element: tag, VR, value, and after <c>#</c> its length in bytes, the number of its values and its
    /// name. Items are numbered and indented. Long values are cut, control characters shown as <c>.</c>; any data set can be written.
    /// </summary>
    public static void Write(DicomDataSet dataSet, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentNullException.ThrowIfNull(output);
        new DicomDumpWriter(output).WriteDataSet(dataSet, 0);
    }
}
