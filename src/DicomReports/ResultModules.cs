using System.Globalization;
using MedicalAi.Dicom;
using MedicalAi.Findings;

namespace MedicalAi.DicomReports;

/// <summary>What SR and SEG have in common: SOP Common, patient, study, series, equipment, content date (PS3.3 C.7, C.12).</summary>
internal static class ResultModules
{
    /// <summary>What each result says of itself.</summary>
    public const string Notice = "Preliminary result of an artificial intelligence algorithm, not reviewed by a physician.";

    /// <summary>A new result under the patient and study of its source.</summary>
    public static DicomDataSet Create(StudyFindings findings, DicomDataSet source, DicomUid sopClass, DicomUid sopInstance)
    {
        DicomDataSet result = new DicomDataSet()
            .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192")
            .SetUid(DicomTags.SOPClassUID, sopClass)
            .SetUid(DicomTags.SOPInstanceUID, sopInstance);
        PatientStudyModules.Copy(source, result, findings.Study);
        SetTimes(findings, source, result);
        SetEquipment(findings.Model, source, result);
        return result;
    }

    /// <summary>Sets the General Series module.</summary>
    /// <param name="result">The result.</param>
    /// <param name="findings">The findings.</param>
    /// <param name="source">The first source header.</param>
    /// <param name="modality">The modality.</param>
    /// <param name="series">Series Instance UID.</param>
    /// <param name="offset">What is added to a hundred times the number of the source series, so that results stand behind it in a list.</param>
    public static void SetSeries(DicomDataSet result, StudyFindings findings, DicomDataSet source, string modality, DicomUid series, int offset)
    {
        int number = source.GetInt32(DicomTags.SeriesNumber) is { } n and > 0 and < 10_000_000 ? n : 1;
        result
            .SetString(DicomTags.Modality, modality)
            .SetUid(DicomTags.SeriesInstanceUID, series)
            .SetInt(DicomTags.SeriesNumber, (number * 100) + offset)
            .SetString(DicomTags.SeriesDescription, Cut($"AI {findings.Model.AlgorithmName} {findings.Model.Version} (preliminary)"))
            .SetInt(DicomTags.InstanceNumber, 1);
    }

    /// <summary>The first 64 characters of a text, which is what VR LO holds.</summary>
    public static string Cut(string text) => text.Length <= 64 ? text : text[..(char.IsHighSurrogate(text[63]) ? 63 : 64)];

    // The dates of an instance have one time zone, (0008,0201). Where the source names one, the time of the findings is written in it.
    private static void SetTimes(StudyFindings findings, DicomDataSet source, DicomDataSet result)
    {
        DateTimeOffset at = DicomDateTime.TryParseOffset(source.GetString(DicomTags.TimezoneOffsetFromUTC), out TimeSpan offset) ? findings.MadeAt.ToOffset(offset) : findings.MadeAt;
        string date = DicomDate.Format(DateOnly.FromDateTime(at.DateTime));
        string time = at.ToString("HHmmss.ffffff", CultureInfo.InvariantCulture);
        result
            .SetString(DicomTags.InstanceCreationDate, date).SetString(DicomTags.InstanceCreationTime, time)
            .SetString(DicomTags.SeriesDate, date).SetString(DicomTags.SeriesTime, time)
            .SetString(DicomTags.ContentDate, date).SetString(DicomTags.ContentTime, time);
    }

    // General and Enhanced General Equipment: the algorithm made this instance; the device that made the images contributed to it.
    private static void SetEquipment(ModelIdentity model, DicomDataSet source, DicomDataSet result)
    {
        result
            .SetString(DicomTags.Manufacturer, model.Manufacturer)
            .SetString(DicomTags.ManufacturerModelName, model.Name)
            .SetString(DicomTags.DeviceSerialNumber, SerialNumber(model))
            .SetString(DicomTags.SoftwareVersions, model.Version);
        DicomDataSet equipment = new(result);
        if (!PatientStudyModules.Copy(source, equipment, DicomTags.Manufacturer))
        {
            return;
        }

        equipment.SetSequence(DicomTags.PurposeOfReferenceCodeSequence, CodeItems.Write(result, Codes.AcquisitionEquipment));
        foreach (DicomTag tag in (ReadOnlySpan<DicomTag>)[DicomTags.InstitutionName, DicomTags.StationName, DicomTags.ManufacturerModelName, DicomTags.DeviceSerialNumber, DicomTags.SoftwareVersions])
        {
            PatientStudyModules.Copy(source, equipment, tag);
        }

        result.SetSequence(DicomTags.ContributingEquipmentSequence, equipment);
    }

    /// <summary>What tells a model from another of its name: the digest of its file, else its version.</summary>
    public static string SerialNumber(ModelIdentity model) => model.Digest ?? model.Version;
}
