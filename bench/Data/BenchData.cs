using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.Bench.Data;

/// <summary>
/// The files that are read and sent, made of CT images that the repository's tests read, with UIDs of their own. They are made
/// once, in a folder that may be deleted at any time.
/// </summary>
internal static class BenchData
{
    /// <summary>How many files a set of headers has.</summary>
    public const int Headers = 2000;

    /// <summary>How many different files are sent.</summary>
    public const int Sent = 300;

    /// <summary>How many are sent where they go slowly.</summary>
    public const int FewSent = 60;

    // A CT of a real device with private groups: 255 elements.
    private const string RichSample = "dicom/pydicom/test_files/CT_small.dcm";

    // A CT with a short header: 51 elements.
    private const string ShortSample = "dicom/fo-dicom/CT-MONO2-16-ankle";

    /// <summary>Whole CT files of 512 x 512 pixels with a long header, 530 KB each.</summary>
    public static string WholeFiles(string folder) => Make(folder, "headers", Headers, () => Sample(RichSample, 512));

    /// <summary>The same without pixel data, 6 KB each.</summary>
    public static string HeadersAlone(string folder) => Make(folder, "headers-alone", Headers, () =>
    {
        DicomDataSet dataSet = Sample(RichSample, 512);
        dataSet.Remove(DicomTags.PixelData);
        return dataSet;
    });

    /// <summary>A file with hardly anything in it, to tell what a program takes for its start.</summary>
    public static string Smallest(string folder) => Path.Combine(
        Make(folder, "smallest", 1, () => new DicomDataSet().SetUid(DicomTags.SOPClassUID, DicomUids.CTImageStorage)),
        Name(0));

    /// <summary>"A": CT, 512 x 512 pixels of 16 bits, 525 KB.</summary>
    public static string A(string folder) => Make(folder, "a", Sent, () => Sample(ShortSample, 512));

    /// <summary>"B": CT, 64 x 64 pixels of 16 bits, 9.4 KB.</summary>
    public static string B(string folder) => Make(folder, "b", Sent, () => Sample(ShortSample, 64));

    /// <summary>A study of instances as "A".</summary>
    public static string StudyOfA(string folder) => Make(folder, "study-a", 1200, () => Sample(ShortSample, 512));

    /// <summary>A study of instances as "B".</summary>
    public static string StudyOfB(string folder) => Make(folder, "study-b", 6000, () => Sample(ShortSample, 64));

    /// <summary>The UID of the study that a set is.</summary>
    public static DicomUid Study(string set) => DicomUid.FromName("medicalai/bench/study", Path.GetFileName(set));

    /// <summary>Some of the files of a set.</summary>
    public static string Few(string set)
    {
        string few = set + "-few";
        if (!Directory.Exists(few))
        {
            string part = Directory.CreateDirectory(few + ".part").FullName;
            foreach (string file in Files(set).Take(FewSent))
            {
                File.Copy(file, Path.Combine(part, Path.GetFileName(file)), overwrite: true);
            }

            Directory.Move(part, few);
        }

        return few;
    }

    /// <summary>The files of a folder in order.</summary>
    public static string[] Files(string folder) => [.. Directory.EnumerateFiles(folder, "*.dcm").Order(StringComparer.Ordinal)];

    private static string Name(int number) => $"{number:0000}.dcm";

    private static string Make(string folder, string set, int count, Func<DicomDataSet> template)
    {
        string target = Path.Combine(folder, set);
        if (Directory.Exists(target))
        {
            return target;
        }

        Measuring.Report.Progress($"Making {count} files in {target}");
        string part = target + ".part";
        if (Directory.Exists(part))
        {
            Directory.Delete(part, recursive: true);
        }

        Directory.CreateDirectory(part);
        DicomDataSet dataSet = template();
        for (int i = 0; i < count; i++)
        {
            dataSet.SetUid(DicomTags.StudyInstanceUID, Study(set)).SetUid(DicomTags.SeriesInstanceUID, DicomUid.FromName("medicalai/bench/series", set));
            dataSet.SetUid(DicomTags.SOPInstanceUID, DicomUid.FromName("medicalai/bench", set, Name(i)));
            File.WriteAllBytes(Path.Combine(part, Name(i)), DicomFile.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian));
        }

        Directory.Move(part, target);
        return target;
    }

    /// <summary>A sample as a square CT image of so many pixels a side, its own pixels repeated or cut.</summary>
    private static DicomDataSet Sample(string file, ushort side)
    {
        DicomDataSet dataSet = DicomFile.Parse(TestData.Bytes(file)).Value.DataSet;
        dataSet.SetUid(DicomTags.SOPClassUID, DicomUids.CTImageStorage);
        dataSet.Remove(DicomTags.DataSetTrailingPadding);
        ReadOnlyMemory<byte> pixels = dataSet.GetBytes(DicomTags.PixelData);
        byte[] square = new byte[side * side * 2];
        for (int i = 0; i < square.Length; i += pixels.Length)
        {
            pixels.Span[..Math.Min(pixels.Length, square.Length - i)].CopyTo(square.AsSpan(i));
        }

        dataSet.SetInt(DicomTags.Rows, side);
        dataSet.SetInt(DicomTags.Columns, side);
        dataSet.SetBytes(DicomTags.PixelData, Vr.OW, square);
        return dataSet;
    }
}
