namespace MedicalAi.Dicom;

/// <summary>The attributes that the mandatory modules of a SOP class demand (PS3.3; types of attributes: PS3.5 section 7.4).</summary>
internal static class ModuleRules
{
    /// <summary>Checks a data set, and the items of its sequences as far as there are demands on them.</summary>
    public static void Check(DicomDataSet dataSet, ModuleTable.Node demands, string path, FindingList findings)
    {
        foreach (ModuleTable.Node node in demands.Children)
        {
            DicomElement? element = dataSet.Find(node.Tag);
            if (element is null && node.Type is "1" or "2")
            {
                findings.Error(ElementPath.Of(path, node.Tag), $"PS3.3 {node.Module}", $"{Name(node.Tag)}, type {node.Type}, is missing");
            }
            else if (element is { IsEmpty: true } && node.Type is "1" or "1C")
            {
                findings.Error(ElementPath.Of(path, node.Tag), $"PS3.3 {node.Module}", $"{Name(node.Tag)}, type {node.Type}, is empty");
            }

            if (element?.Items is not { } items)
            {
                continue;
            }

            for (int i = 0; i < items.Count; i++)
            {
                string itemPath = ElementPath.Of(path, node.Tag, i);
                Check(items[i], node, itemPath, findings);
                if (node.IsCode)
                {
                    CheckCode(items[i], itemPath, findings);
                }
            }
        }
    }

    private static void CheckCode(DicomDataSet item, string path, FindingList findings)
    {
        const string Rule = "PS3.3 8.8";
        if (item.Find(DicomTags.CodeMeaning) is not { IsEmpty: false })
        {
            findings.Error(ElementPath.Of(path, DicomTags.CodeMeaning), Rule, "CodeMeaning, type 1, is missing or empty");
        }

        bool hasValue = item.Find(DicomTags.CodeValue) is { IsEmpty: false } || item.Find(DicomTags.LongCodeValue) is { IsEmpty: false };
        if (!hasValue && item.Find(DicomTags.URNCodeValue) is not { IsEmpty: false })
        {
            findings.Error(path, Rule, "none of CodeValue, LongCodeValue and URNCodeValue");
        }

        if (hasValue && item.Find(DicomTags.CodingSchemeDesignator) is not { IsEmpty: false })
        {
            findings.Error(ElementPath.Of(path, DicomTags.CodingSchemeDesignator), Rule, "CodingSchemeDesignator, needed with a code value, is missing or empty");
        }
    }

    private static string Name(DicomTag tag) => DicomDictionary.Find(tag)?.Keyword ?? "the attribute";
}
