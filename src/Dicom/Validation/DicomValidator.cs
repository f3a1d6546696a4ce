namespace MedicalAi.Dicom;

/// <summary>
/// Tells where a data set or file departs from the standard: VRs, value multiplicities and values (PS3.5, PS3.6), identifiers,
/// the order of the elements, and the modules and attributes that the IOD of its SOP class demands (PS3.3). It reports
/// and never throws on what was read. Values longer than the data set holds in memory are not looked into. Conditions (types 1C and 2C, modules of
/// usage C) are looked into where they can be told from the data set; of others no more is asked than that what is there of type 1C is not
/// empty. Modules of usage U are not asked for.
/// </summary>
public static class DicomValidator
{
    /// <summary>The most findings that are listed when the caller says nothing else.</summary>
    public const int DefaultLimit = 1000;

    private static readonly DicomReadOptions s_reading = new() { MaxBulkLength = 64 * 1024 };

    /// <summary>Checks a data set. The order of its elements and the padding of its values are matters of its encoding: see <see cref="CheckFile"/>.</summary>
    /// <param name="dataSet">The data set, without file meta information.</param>
    /// <param name="limit">The most findings to list; of those beyond, one more finding gives the number.</param>
    /// <returns>The findings, by rule and then by element; empty when there are none.</returns>
    public static IReadOnlyList<DicomFinding> Check(DicomDataSet dataSet, int limit = DefaultLimit)
    {
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        FindingList findings = new(limit);
        Check(dataSet, findings);
        return findings.ToList();
    }

    /// <summary>
    /// Checks a DICOM file: its data set, that the file meta information agrees with it, and that the elements are in
    /// order and of even length (which is not looked at in deflated data sets). A file that cannot be read is one error.
    /// </summary>
    /// <param name="file">The whole file.</param>
    /// <param name="limit">The most findings to list; of those beyond, one more finding gives the number.</param>
    public static IReadOnlyList<DicomFinding> CheckFile(ReadOnlyMemory<byte> file, int limit = DefaultLimit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        FindingList findings = new(limit);
        ParseResult<DicomFile> read = DicomFile.Parse(file);
        if (read.Ok && !read.Value.TransferSyntax.IsDeflated)
        {
            EncodingRules.Check(file.Span[(int)read.Value.DataSetOffset..], read.Value.TransferSyntax, findings);
        }

        Check(read, findings);
        return findings.ToList();
    }

    /// <summary>
    /// Checks a DICOM file on disk, of whatever length: values of bytes that are longer than 64 KiB stay in it and are not looked into.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="limit">The most findings to list; of those beyond, one more finding gives the number.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<IReadOnlyList<DicomFinding>> CheckFileAsync(string path, CancellationToken cancellationToken, int limit = DefaultLimit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        FindingList findings = new(limit);
        await using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
        ParseResult<DicomFile> read = await DicomFile.ReadAsync(file, s_reading, cancellationToken);
        if (read.Ok && !read.Value.TransferSyntax.IsDeflated)
        {
            file.Position = read.Value.DataSetOffset;
            await EncodingRules.CheckAsync(file, read.Value.TransferSyntax, findings, cancellationToken);
        }

        Check(read, findings);
        return findings.ToList();
    }

    private static void Check(ParseResult<DicomFile> read, FindingList findings)
    {
        if (read.Error is { } error)
        {
            findings.Error(error.Tag?.ToString() ?? "", "PS3.10 7", $"the file cannot be read: {error.Kind} at byte {error.Offset}");
            return;
        }

        if (read.Value.Meta is { } meta)
        {
            UidRules.CheckMeta(meta, read.Value.DataSet, findings);
            UidRules.CheckTransferSyntax(read.Value.Header, findings);
        }
        else
        {
            findings.Error("", "PS3.10 7.1", "no file meta information");
        }

        Check(read.Value.DataSet, findings);
    }

    private static void Check(DicomDataSet dataSet, FindingList findings)
    {
        CheckElements(dataSet, "", findings);
        DicomUid? sopClass = dataSet.GetUid(DicomTags.SOPClassUID);
        Iod? iod = sopClass is { } known ? IodTable.Find(known) : null;
        UidRules.Check(dataSet, iod is not null, findings);
        if (iod is not null)
        {
            ModuleRules.Check(dataSet, iod, findings);
        }
        else if (sopClass is not null)
        {
            findings.Note("PS3.3 A", "modules were not checked: no IOD is known here for the SOP class");
        }
    }

    private static void CheckElements(DicomDataSet dataSet, string path, FindingList findings)
    {
        foreach (DicomElement element in dataSet)
        {
            ElementRules.Check(dataSet, element, ElementPath.Of(path, element.Tag), findings);
            if (element.Items is { } items)
            {
                for (int i = 0; i < items.Count; i++)
                {
                    CheckElements(items[i], ElementPath.Of(path, element.Tag, i), findings);
                }
            }
        }
    }
}
