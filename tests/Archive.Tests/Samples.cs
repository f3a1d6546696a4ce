using System.Buffers;
using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

/// <summary>Data sets made for tests.</summary>
internal static class Samples
{
    /// <summary>A CT image of 16 by 16 pixels.</summary>
    public static DicomDataSet Image(InstanceIdentity? identity = null)
    {
        InstanceIdentity id = identity ?? TestArchive.Identity();
        return new DicomDataSet()
            .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 100")
            .SetUid(DicomTags.SOPClassUID, id.SopClass)
            .SetUid(DicomTags.SOPInstanceUID, id.SopInstance)
            .SetString(DicomTags.StudyDate, "20240229")
            .SetString(DicomTags.StudyTime, "101530.5")
            .SetString(DicomTags.AccessionNumber, "A1")
            .SetString(DicomTags.Modality, "CT")
            .SetString(DicomTags.PatientName, "Müller^Jürgen")
            .SetString(DicomTags.PatientID, "P1")
            .SetUid(DicomTags.StudyInstanceUID, id.Study)
            .SetUid(DicomTags.SeriesInstanceUID, id.Series)
            .SetInt(DicomTags.InstanceNumber, 7)
            .SetInt(DicomTags.Rows, 16)
            .SetInt(DicomTags.Columns, 16)
            .SetInt(DicomTags.BitsAllocated, 16)
            .SetBytes(DicomTags.PixelData, Vr.OW, Enumerable.Range(0, 512).Select(n => (byte)n).ToArray());
    }

    /// <summary>Passes bytes to an upload in blocks.</summary>
    public static async Task WriteAsync(this InstanceUpload upload, byte[] bytes, int block)
    {
        foreach (byte[] part in bytes.Chunk(block))
        {
            await upload.WriteAsync(new ReadOnlySequence<byte>(part), TestContext.Current.CancellationToken);
        }
    }

    public static async Task<byte[]> ReadAllAsync(this ValueTask<Stream> opening)
    {
        await using Stream stream = await opening;
        MemoryStream copy = new();
        await stream.CopyToAsync(copy, TestContext.Current.CancellationToken);
        return copy.ToArray();
    }
}
