namespace MedicalAi.Dicom;

/// <summary>The identifiers of an instance, and whether they agree (PS3.3 C.12.1, PS3.10 section 7.1).</summary>
internal static class UidRules
{
    private const string SopCommon = "PS3.3 C.12.1";

    /// <summary>Checks the identifiers of a data set.</summary>
    /// <param name="dataSet">The data set.</param>
    /// <param name="hasModules">Whether the demands of its modules are known, which tell what is missing.</param>
    /// <param name="findings">Where findings go.</param>
    public static void Check(DicomDataSet dataSet, bool hasModules, FindingList findings)
    {
        DicomUid? sopClass = dataSet.GetUid(DicomTags.SOPClassUID);
        if (!hasModules && !IsDirectory(dataSet))
        {
            Require(dataSet, DicomTags.SOPClassUID, SopCommon, findings);
            Require(dataSet, DicomTags.SOPInstanceUID, SopCommon, findings);
            if (sopClass is { } known && IsOfStudy(known))
            {
                Require(dataSet, DicomTags.StudyInstanceUID, "PS3.3 C.7.2.1", findings);
                Require(dataSet, DicomTags.SeriesInstanceUID, "PS3.3 C.7.3.1", findings);
            }
        }

        if (sopClass is { } given && !UidRegistry.IsStorageSopClass(given))
        {
            findings.Warning(DicomTags.SOPClassUID.ToString(), "PS3.4 B.5", "no storage SOP class of the standard");
        }

        DicomTag[] levels = [DicomTags.SOPInstanceUID, DicomTags.StudyInstanceUID, DicomTags.SeriesInstanceUID];
        for (int i = 1; i < levels.Length; i++)
        {
            if (dataSet.GetUid(levels[i]) is { } uid && levels[..i].Any(other => dataSet.GetUid(other) == uid))
            {
                findings.Error(levels[i].ToString(), "PS3.5 9", "the UID of another level: study, series and instance have UIDs of their own");
            }
        }
    }

    /// <summary>Checks that file meta information has its UIDs, and that it and the data set name the same instance.</summary>
    public static void CheckMeta(FileMetaInformation meta, DicomDataSet dataSet, FindingList findings)
    {
        if (IsDirectory(dataSet))
        {
            return;
        }

        CheckMeta(DicomTags.MediaStorageSOPClassUID, meta.MediaStorageSopClass, dataSet.GetUid(DicomTags.SOPClassUID), "SOPClassUID", findings);
        CheckMeta(DicomTags.MediaStorageSOPInstanceUID, meta.MediaStorageSopInstance, dataSet.GetUid(DicomTags.SOPInstanceUID), "SOPInstanceUID", findings);
        CheckMeta(DicomTags.ImplementationClassUID, meta.ImplementationClassUid ?? default, null, "", findings);
    }

    private static void CheckMeta(DicomTag tag, DicomUid uid, DicomUid? expected, string name, FindingList findings)
    {
        if (uid.Value is null)
        {
            findings.Error(tag.ToString(), "PS3.10 7.1", $"{DicomDictionary.Find(tag)?.Keyword} is missing, empty or not a UID");
        }
        else if (expected is { } known && known != uid)
        {
            findings.Error(tag.ToString(), "PS3.10 7.1", $"{DicomDictionary.Find(tag)?.Keyword} differs from {name}");
        }
    }

    /// <summary>That the file meta information names the encoding of the data set.</summary>
    public static void CheckTransferSyntax(Part10Header header, FindingList findings)
    {
        if (header.NamedTransferSyntax is not { } named)
        {
            findings.Error(DicomTags.TransferSyntaxUID.ToString(), "PS3.10 7.1", "TransferSyntaxUID is missing");
        }
        else if (named != header.TransferSyntax.Uid)
        {
            findings.Error(DicomTags.TransferSyntaxUID.ToString(), "PS3.10 7.1", $"TransferSyntaxUID is {named}, and the data set is in {header.TransferSyntax.Name} ({header.TransferSyntax.Uid})");
        }
    }

    // A DICOMDIR is no instance that can be stored: its data set has no SOP Common module.
    private static bool IsDirectory(DicomDataSet dataSet) => dataSet.Contains(DicomTags.DirectoryRecordSequence);

    // Procedure protocols and inventories (200, 201) belong to no study or need none.
    private static bool IsOfStudy(DicomUid sopClass) => sopClass.Value.StartsWith("1.2.840.10008.5.1.4.1.1.", StringComparison.Ordinal)
        && !sopClass.Value.StartsWith("1.2.840.10008.5.1.4.1.1.200.", StringComparison.Ordinal)
        && !sopClass.Value.StartsWith("1.2.840.10008.5.1.4.1.1.201.", StringComparison.Ordinal);

    private static void Require(DicomDataSet dataSet, DicomTag tag, string rule, FindingList findings)
    {
        if (dataSet.Find(tag) is not { IsEmpty: false })
        {
            findings.Error(tag.ToString(), rule, $"{DicomDictionary.Find(tag)?.Keyword} is missing or empty");
        }
    }
}
