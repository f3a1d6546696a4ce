using System.Text;

namespace MedicalAi.Dicom;

/// <summary>The known elements of one private creator, by group and number within the block.</summary>
/// <param name="text">The text of all creators in UTF-8.</param>
/// <param name="rows">The lines of this creator, in the order of their keys.</param>
internal sealed class PrivateCreator(byte[] text, PrivateCreator.Row[] rows)
{
    /// <summary>
    /// The VR of an element in a block of the creator; UN where it is not known. Tables are gathered and devices change: numbers of
    /// a length that they cannot have are UN.
    /// </summary>
    /// <param name="tag">The element.</param>
    /// <param name="length">The length of its value in bytes.</param>
    public Vr FindVr(DicomTag tag, long length)
    {
        Vr vr = IndexOf(tag) is var index and >= 0 ? rows[index].Vr : Vr.UN;
        return vr.IsText() || length % (vr == Vr.AT ? 4 : vr.UnitSize()) == 0 ? vr : Vr.UN;
    }

    /// <summary>The entry of an element in a block of the creator; null where it is not known.</summary>
    public DictionaryEntry? Find(DicomTag tag)
    {
        int index = IndexOf(tag);
        if (index < 0)
        {
            return null;
        }

        string[] cell = Encoding.UTF8.GetString(text, rows[index].Start, rows[index].Length).Split('\t');
        return new DictionaryEntry(tag, "", cell[3], rows[index].Vr, cell[1], cell[2], IsRetired: false);
    }

    private int IndexOf(DicomTag tag)
    {
        int key = Key(tag);
        int low = 0;
        int high = rows.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (rows[middle].Key == key)
            {
                return middle;
            }

            (low, high) = rows[middle].Key < key ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    private static int Key(DicomTag tag) => (tag.Group << 8) | (tag.Element & 0xFF);

    /// <summary>One line of the text.</summary>
    /// <param name="Key">The group and the number within the block, as one number.</param>
    /// <param name="Vr">The VR to take; of several, the one that holds any value.</param>
    /// <param name="Start">Where the line begins in the text.</param>
    /// <param name="Length">The length of the line in bytes.</param>
    public readonly record struct Row(int Key, Vr Vr, int Start, int Length);
}
