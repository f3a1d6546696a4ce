namespace MedicalAi.Dicom;

/// <summary>The modules that the IOD of a SOP class demands, and the attributes that these demand (PS3.3; types of attributes: PS3.5 section 7.4).</summary>
internal static class ModuleRules
{
    /// <summary>Checks a data set.</summary>
    public static void Check(DicomDataSet dataSet, Iod iod, FindingList findings)
    {
        IodModule[] due = [.. iod.Modules.Where(module => module.Condition?.IsTrue(dataSet) != false)];
        Module[] present = [.. due.Select(module => module.Module).OfType<Module>().Where(module => module.IsIn(dataSet))];
        Module[] absent = [.. due.Select(module => module.Module).OfType<Module>().Except(present)];
        List<string> unknown = [.. due.Where(module => module.Module is null).Select(module => module.Name)];
        HashSet<DicomTag> overridden = [.. present.Concat(absent).SelectMany(module => module.Attributes).Where(attribute => attribute.Overrides).Select(attribute => attribute.Path[^1])];
        foreach (IodModule module in due.Where(module => module.Module is { } known && absent.Contains(known)))
        {
            string[] required = [.. module.Module!.Required.Select(attribute => attribute.Path[0]).Where(tag => !overridden.Contains(tag)).Select(Name)];
            if (required.Length > 0)
            {
                string because = module.Condition is null ? "the mandatory module is missing" : $"the module is missing, which is mandatory because {module.Condition}";
                findings.Error("", $"PS3.3 {module.Name}", $"{because}: none of its attributes is there; required are {string.Join(", ", required)}");
            }
        }

        Check(dataSet, AttributeDemand.Of(present, absent), "", findings);
        if (dataSet.Contains(DicomTags.SharedFunctionalGroupsSequence) || dataSet.Contains(DicomTags.PerFrameFunctionalGroupsSequence))
        {
            unknown.Add("the macros of functional groups");
        }

        if (unknown.Count > 0)
        {
            findings.Note("PS3.3 A", $"not checked, for what they demand is not known here: {string.Join(", ", unknown)}");
        }
    }

    private static void Check(DicomDataSet dataSet, AttributeDemand demands, string path, FindingList findings)
    {
        foreach (AttributeDemand demand in demands.Children)
        {
            DicomElement? element = dataSet.Find(demand.Tag);
            if (element is null && demand.Type is "1" or "2")
            {
                findings.Error(ElementPath.Of(path, demand.Tag), $"PS3.3 {demand.Module}", $"{Name(demand.Tag)}, type {demand.Type}, is missing");
            }
            else if (element is { IsEmpty: true } && demand.Type is "1" or "1C")
            {
                findings.Error(ElementPath.Of(path, demand.Tag), $"PS3.3 {demand.Module}", $"{Name(demand.Tag)}, type {demand.Type}, is empty");
            }
            else if (element is null && demand.Conditional.FirstOrDefault(attribute => attribute.Condition!.IsTrue(dataSet)) is { } due)
            {
                findings.Error(ElementPath.Of(path, demand.Tag), $"PS3.3 {demand.Module}", $"{Name(demand.Tag)}, type {due.Type}, is missing, and {due.Condition}");
            }

            if (element?.Items is not { } items)
            {
                continue;
            }

            for (int i = 0; i < items.Count; i++)
            {
                string itemPath = ElementPath.Of(path, demand.Tag, i);
                Check(items[i], demand, itemPath, findings);
                if (demand.IsCode)
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
