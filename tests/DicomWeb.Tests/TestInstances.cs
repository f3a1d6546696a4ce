using MedicalAi.Dicom;

namespace MedicalAi.DicomWeb.Tests;

/// <summary>Small instances.</summary>
internal static class TestInstances
{
    /// <summary>A CT slice of 4 x 3 pixels, 16 bits.</summary>
    public static DicomDataSet Ct(string study = "1.2.1", string series = "1.2.1.1", string instance = "1.2.1.1.1", string patient = "Müller^Jürgen", string date = "20240229")
    {
        byte[] pixels = [.. Enumerable.Range(0, 24).Select(i => (byte)i)];
        DicomDataSet dataSet = new();
        return dataSet.SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192")
            .SetUid(DicomTags.SOPClassUID, DicomUids.CTImageStorage)
            .SetUid(DicomTags.SOPInstanceUID, new DicomUid(instance))
            .SetString(DicomTags.StudyDate, date)
            .SetString(DicomTags.StudyTime, "101112")
            .SetString(DicomTags.AccessionNumber, "A" + study)
            .SetString(DicomTags.Modality, "CT")
            .SetString(DicomTags.ReferringPhysicianName, "Referrer^Rita")
            .SetString(DicomTags.StudyDescription, "Thorax")
            .SetString(DicomTags.SeriesDescription, "Axial")
            .SetString(DicomTags.PatientName, patient)
            .SetString(DicomTags.PatientID, "P-" + study)
            .SetString(DicomTags.PatientBirthDate, "19700101")
            .SetString(DicomTags.PatientSex, "F")
            .SetString(DicomTags.SliceThickness, "2.5")
            .SetUid(DicomTags.StudyInstanceUID, new DicomUid(study))
            .SetUid(DicomTags.SeriesInstanceUID, new DicomUid(series))
            .SetString(DicomTags.StudyID, "S1")
            .SetInt(DicomTags.SeriesNumber, 3)
            .SetInt(DicomTags.InstanceNumber, int.Parse(instance.Split('.')[^1], System.Globalization.CultureInfo.InvariantCulture))
            .SetInt(DicomTags.SamplesPerPixel, 1)
            .SetString(DicomTags.PhotometricInterpretation, "MONOCHROME2")
            .SetInt(DicomTags.Rows, 3)
            .SetInt(DicomTags.Columns, 4)
            .SetInt(DicomTags.BitsAllocated, 16)
            .SetInt(DicomTags.BitsStored, 12)
            .SetInt(DicomTags.HighBit, 11)
            .SetInt(DicomTags.PixelRepresentation, 0L)
            .SetBytes(DicomTags.PixelData, Vr.OW, pixels);
    }

    /// <summary>Three frames of 5 x 3 pixels of 1 bit, of which the second and third begin within a byte.</summary>
    public static DicomDataSet Bits(out bool[] pixels)
    {
        pixels = [.. Enumerable.Range(0, 45).Select(i => i % 7 is 0 or 3 or 4)];
        byte[] packed = new byte[6];
        for (int i = 0; i < pixels.Length; i++)
        {
            packed[i / 8] |= (byte)(pixels[i] ? 1 << (i % 8) : 0);
        }

        return Ct(study: "1.2.9", series: "1.2.9.1", instance: "1.2.9.1.1")
            .SetInt(DicomTags.NumberOfFrames, 3)
            .SetInt(DicomTags.Rows, 5)
            .SetInt(DicomTags.Columns, 3)
            .SetInt(DicomTags.BitsAllocated, 1)
            .SetInt(DicomTags.BitsStored, 1)
            .SetInt(DicomTags.HighBit, 0L)
            .SetBytes(DicomTags.PixelData, Vr.OB, packed);
    }
}
