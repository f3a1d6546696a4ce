using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Imaging;

namespace MedicalAi.InferenceEngine;

/// <summary>Applies a manifest's rules of selection to a study.</summary>
internal static class ModelSelector
{
    public static IEnumerable<ModelSelection> Select(Model model, StudySnapshot study)
    {
        SelectManifest rules = model.Manifest.Select;
        foreach (SeriesSnapshot series in study.Series)
        {
            InstanceSnapshot[] instances = [.. series.Instances.Where(instance => rules.SopClasses.Contains(instance.SopClass.Value))];
            if (instances.Length == 0)
            {
                yield return new ModelSelection(model, series.Series, series.Instances, "The SOP class is not one of the model's.");
            }
            else if (rules.Each == SelectEach.Instance)
            {
                foreach (InstanceSnapshot instance in instances)
                {
                    yield return new ModelSelection(model, series.Series, [instance], CheckAttributes(rules, instance.ReadMetadata()));
                }
            }
            else
            {
                yield return new ModelSelection(model, series.Series, instances, CheckSeries(rules, instances));
            }
        }
    }

    private static string? CheckSeries(SelectManifest rules, InstanceSnapshot[] instances)
    {
        if (instances.Length < rules.MinimumInstances || instances.Length > rules.MaximumInstances)
        {
            return string.Create(CultureInfo.InvariantCulture, $"The series has {instances.Length} instances; the model takes {rules.MinimumInstances} to {rules.MaximumInstances}.");
        }

        DicomDataSet first = instances[0].ReadMetadata();
        return CheckAttributes(rules, first) ?? (rules.Geometry == SelectGeometry.Volume ? CheckVolume(instances, first) : null);
    }

    private static string? CheckVolume(InstanceSnapshot[] instances, DicomDataSet first)
    {
        (int? rows, int? columns) = (first.GetInt32(DicomTags.Rows), first.GetInt32(DicomTags.Columns));
        SliceGeometry[] slices = new SliceGeometry[instances.Length];
        for (int i = 0; i < instances.Length; i++)
        {
            DicomDataSet metadata = i == 0 ? first : instances[i].ReadMetadata();
            if (metadata.GetInt32(DicomTags.NumberOfFrames) is > 1)
            {
                return "The instances have several frames.";
            }

            if (metadata.GetInt32(DicomTags.Rows) != rows || metadata.GetInt32(DicomTags.Columns) != columns)
            {
                return "The images have different sizes.";
            }

            ParseResult<SliceGeometry> slice = SliceGeometry.Read(metadata);
            if (!slice.Ok)
            {
                return slice.Error.ToString();
            }

            slices[i] = slice.Value;
        }

        return SeriesGeometry.Build(slices, rows ?? 0, columns ?? 0).Problem;
    }

    private static string? CheckAttributes(SelectManifest rules, DicomDataSet metadata)
    {
        foreach (AttributeCondition condition in rules.Attributes)
        {
            DicomTag tag = DicomDictionary.Find(condition.Attribute)!.Tag;
            string[] values = [.. metadata.GetStrings(tag).Where(value => value.Length > 0)];
            if (values.Length == 0)
            {
                if (!condition.AllowMissing && (condition.OneOf is not null || condition.Contains is not null))
                {
                    return $"{condition.Attribute} is missing.";
                }

                continue;
            }

            if (condition.OneOf is { } wanted && !values.Any(value => wanted.Contains(value, StringComparer.OrdinalIgnoreCase)))
            {
                return $"{condition.Attribute} is none of {string.Join(", ", wanted)}.";
            }

            if (condition.Contains is { } parts && !values.Any(value => parts.Any(part => value.Contains(part, StringComparison.OrdinalIgnoreCase))))
            {
                return $"{condition.Attribute} contains none of {string.Join(", ", parts)}.";
            }

            if (condition.Without is { } unwanted && unwanted.FirstOrDefault(value => values.Contains(value, StringComparer.OrdinalIgnoreCase)) is { } found)
            {
                return $"{condition.Attribute} is {found}.";
            }
        }

        return null;
    }
}
