using System.Text.RegularExpressions;
using MedicalAi.Dicom;
using MedicalAi.Dicom.Imaging;
using MedicalAi.Findings;

namespace MedicalAi.InferenceEngine;

/// <summary>What must hold in a manifest beyond its form.</summary>
internal static partial class ManifestRules
{
    private const long MaxVoxels = 1L << 28;
    private const double MaxSpacing = 1000;
    private const double MaxNumber = 1e6;

    /// <summary>All that is wrong: where, and what.</summary>
    public static IEnumerable<(string Path, string Message)> Check(ModelManifest manifest) =>
        CheckIdentity(manifest).Concat(CheckSelect(manifest.Select)).Concat(CheckInput(manifest)).Concat(CheckOutput(manifest));

    private static IEnumerable<(string Path, string Message)> CheckIdentity(ModelManifest manifest)
    {
        if (!Name().IsMatch(manifest.Name))
        {
            yield return ("$.name", "A name has 1 to 64 lower-case letters, digits, dots, hyphens and underscores.");
        }

        if (!Version().IsMatch(manifest.Version))
        {
            yield return ("$.version", "A version has 1 to 32 letters, digits, dots, hyphens and plus signs.");
        }

        if (manifest.Title.Length is 0 or > 64)
        {
            yield return ("$.title", "A title has 1 to 64 characters.");
        }

        if (manifest.Manufacturer.Length is 0 or > 64)
        {
            yield return ("$.manufacturer", "A manufacturer has 1 to 64 characters.");
        }

        if (!Sha256().IsMatch(manifest.Sha256))
        {
            yield return ("$.sha256", "A digest has 64 lower-case hexadecimal digits.");
        }

        if (manifest.File.Length == 0 || Path.GetFileName(manifest.File) != manifest.File)
        {
            yield return ("$.file", "The file is named without a folder.");
        }

        if (manifest.Batch.MaximumSize is < 1 or > 4096)
        {
            yield return ("$.batch.maximumSize", "A batch has 1 to 4096 inputs.");
        }

        if (manifest.Batch.MaximumDelayMilliseconds is < 0 or > 10_000)
        {
            yield return ("$.batch.maximumDelayMilliseconds", "An input waits 0 to 10000 ms for others.");
        }

        if (manifest.PeakMemoryMiB < 1)
        {
            yield return ("$.peakMemoryMiB", "A run needs 1 MiB or more.");
        }

        if (manifest.TimeoutSeconds < 1)
        {
            yield return ("$.timeoutSeconds", "A task has 1 second or more.");
        }
    }

    private static IEnumerable<(string Path, string Message)> CheckSelect(SelectManifest select)
    {
        if (select.SopClasses.Count == 0)
        {
            yield return ("$.select.sopClasses", "A model takes one SOP class or more.");
        }

        for (int i = 0; i < select.SopClasses.Count; i++)
        {
            if (!UidRegistry.IsStorageSopClass(new DicomUid(select.SopClasses[i])))
            {
                yield return ($"$.select.sopClasses[{i}]", "This is no storage SOP class of the standard.");
            }
        }

        if (select.MinimumInstances < 1 || select.MaximumInstances < select.MinimumInstances)
        {
            yield return ("$.select.minimumInstances", "At least 1 instance, and not more than maximumInstances.");
        }

        for (int i = 0; i < select.Attributes.Count; i++)
        {
            AttributeCondition condition = select.Attributes[i];
            if (DicomDictionary.Find(condition.Attribute) is null)
            {
                yield return ($"$.select.attributes[{i}].attribute", "This is no keyword of the data dictionary (PS3.6).");
            }

            if (condition is { OneOf: null, Contains: null, Without: null })
            {
                yield return ($"$.select.attributes[{i}]", "A condition needs oneOf, contains or without.");
            }
        }
    }

    private static IEnumerable<(string Path, string Message)> CheckInput(ModelManifest manifest)
    {
        IReadOnlyList<PreprocessingStep> steps = manifest.Input.Steps;
        bool isVolume = manifest.Input.Kind == InputKind.Volume;
        if (isVolume && (manifest.Select.Each != SelectEach.Series || manifest.Select.Geometry != SelectGeometry.Volume))
        {
            yield return ("$.select", "A model of volumes takes each series, with geometry volume.");
        }

        if (!isVolume && manifest.Select.Each != SelectEach.Instance)
        {
            yield return ("$.select.each", "A model of images takes each instance.");
        }

        if (isVolume && manifest.Batch.MaximumSize != 1)
        {
            yield return ("$.batch.maximumSize", "Volumes are run one by one.");
        }

        if (isVolume && steps.Count(step => step is ResampleStep) != 1)
        {
            yield return ("$.input.steps", "A model of volumes resamples once.");
        }

        if (!isVolume && !steps.Any(step => step is ResizeStep))
        {
            yield return ("$.input.steps", "A model of images resizes.");
        }

        for (int i = 0; i < steps.Count; i++)
        {
            string path = $"$.input.steps[{i}]";
            switch (steps[i])
            {
                case ResampleStep when !isVolume:
                    yield return (path, "Images are not resampled; resize them.");
                    break;
                case VoiStep or PhotometricStep or CropStep or ResizeStep when isVolume:
                    yield return (path, "This step is for images.");
                    break;
                case ResampleStep resample when resample.Size.Count != 3 || resample.Spacing.Count != 3
                    || resample.Size.Any(size => size < 1) || resample.Spacing.Any(spacing => spacing is not (> 0 and <= MaxSpacing))
                    || (long)resample.Size[0] * resample.Size[1] * resample.Size[2] > MaxVoxels:
                    yield return (path, "A grid has three sizes from 1, in all up to 268435456 voxels, and three spacings above 0 and up to 1000 mm.");
                    break;
                case ResampleStep resample when VolumeGeometry.Along(resample.Orientation, (1, 1, 1), (1, 1, 1), default) is null:
                    yield return ($"{path}.orientation", "An orientation has three letters: one of L and R, one of P and A, one of S and I, in any order.");
                    break;
                case ResampleStep { Outside: not (>= -MaxNumber and <= MaxNumber) }:
                    yield return ($"{path}.outside", "The value outside is from -1000000 to 1000000.");
                    break;
                case ResizeStep resize when resize.Rows is < 1 or > 8192 || resize.Columns is < 1 or > 8192:
                    yield return (path, "An image has 1 to 8192 rows and columns.");
                    break;
                case VoiStep { Top: not (> 0 and <= MaxNumber) } or PhotometricStep { Top: not (> 0 and <= MaxNumber) }:
                    yield return ($"{path}.top", "The highest grey value is above 0, and not above 1000000.");
                    break;
                case ScaleStep { Factor: not (>= -MaxNumber and <= MaxNumber) } or ScaleStep { Offset: not (>= -MaxNumber and <= MaxNumber) }:
                    yield return (path, "Factor and offset are from -1000000 to 1000000.");
                    break;
            }
        }
    }

    private static IEnumerable<(string Path, string Message)> CheckOutput(ModelManifest manifest)
    {
        OutputManifest output = manifest.Output;
        bool isVolume = manifest.Input.Kind == InputKind.Volume;
        if (isVolume ? output.Segments.Count == 0 || output.Classifications.Count > 0 : output.Classifications.Count == 0 || output.Segments.Count > 0)
        {
            yield return ("$.output", isVolume ? "A model of volumes yields segments." : "A model of images yields classifications.");
        }

        for (int i = 0; i < output.Classifications.Count; i++)
        {
            ClassificationManifest classification = output.Classifications[i];
            string path = $"$.output.classifications[{i}]";
            if (classification.Index < 0)
            {
                yield return ($"{path}.index", "An index counts from 0.");
            }

            if (classification.Threshold is not (>= 0 and <= 1))
            {
                yield return ($"{path}.threshold", "A threshold is from 0 to 1.");
            }

            if (!IsCode(classification.Finding))
            {
                yield return ($"{path}.finding", "A code has a value, a scheme and a meaning.");
            }
        }

        for (int i = 0; i < output.Segments.Count; i++)
        {
            SegmentManifest segment = output.Segments[i];
            string path = $"$.output.segments[{i}]";
            if (segment.Value is < 1 or > 255 || output.Segments.Take(i).Any(other => other.Value == segment.Value))
            {
                yield return ($"{path}.value", "A value is from 1 to 255, and no two segments have the same.");
            }

            if (segment.Label.Length is 0 or > 64)
            {
                yield return ($"{path}.label", "A label has 1 to 64 characters.");
            }

            if (segment.Color.Count != 3 || segment.Color.Any(color => color is < 0 or > 255))
            {
                yield return ($"{path}.color", "A colour has red, green and blue, each from 0 to 255.");
            }

            if (!IsCode(segment.Category) || !IsCode(segment.Type))
            {
                yield return (path, "Category and type are codes with a value, a scheme and a meaning.");
            }
        }
    }

    private static bool IsCode(CodedConcept code) =>
        code.Value is { Length: > 0 and <= 64 } && code.Scheme is { Length: > 0 and <= 16 } && code.Meaning is { Length: > 0 and <= 64 };

    [GeneratedRegex("^[a-z0-9][a-z0-9_.-]{0,63}$")]
    private static partial Regex Name();

    [GeneratedRegex("^[0-9A-Za-z][0-9A-Za-z.+-]{0,31}$")]
    private static partial Regex Version();

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex Sha256();
}
