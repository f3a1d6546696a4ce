using System.Text;

namespace MedicalAi.Dicom;

/// <summary>The blocks that private creators have reserved in one data set (PS3.5 section 7.8.1), by what the creators are called.</summary>
internal sealed class PrivateBlocks
{
    private const int First = 0x10;
    private const int Last = 0xFF;

    private readonly Dictionary<(ushort Group, string Creator), List<int>> _blocks = [];

    /// <summary>Takes note of an element that reserves a block; its text is in UTF-8.</summary>
    public void Reserve(DicomElement creator)
    {
        ReadOnlySpan<byte> name = creator.Value.Span;
        int end = name.IndexOf((byte)'\\');
        Reserve(creator.Tag, Encoding.UTF8.GetString((end < 0 ? name : name[..end]).Trim(" \0"u8)));
    }

    /// <summary>
    /// The tag of a private element. A number within the block comes into the first block of its creator that does not have it yet; a tag that
    /// names a block stays as it is when that block is the creator's. False when the creator has no block.
    /// </summary>
    public bool TryFind(DicomDataSet dataSet, DicomTag tag, string creator, out DicomTag found)
    {
        found = tag;
        if (!_blocks.TryGetValue((tag.Group, creator), out List<int>? reserved))
        {
            return false;
        }

        if (!reserved.Contains(tag.Element >> 8))
        {
            int free = reserved.FindIndex(block => !dataSet.Contains(InBlock(tag, block)));
            found = InBlock(tag, reserved[free < 0 ? ^1 : free]);
        }

        return true;
    }

    /// <summary>Reserves a block for a creator that has none, the one that the tag names if nobody has it; null when all are taken.</summary>
    public DicomElement? Add(DicomDataSet dataSet, DicomTag tag, string creator)
    {
        int named = tag.Element >> 8;
        int block = named >= First && !dataSet.Contains(new DicomTag(tag.Group, (ushort)named)) ? named : First;
        while (block <= Last && dataSet.Contains(new DicomTag(tag.Group, (ushort)block)))
        {
            block++;
        }

        if (block > Last)
        {
            return null;
        }

        DicomElement element = new(new DicomTag(tag.Group, (ushort)block), Vr.LO, Encoding.UTF8.GetBytes(creator));
        Reserve(element.Tag, creator);
        return element;
    }

    private static DicomTag InBlock(DicomTag tag, int block) => new(tag.Group, (ushort)((block << 8) | (tag.Element & 0xFF)));

    private void Reserve(DicomTag tag, string creator)
    {
        if (!_blocks.TryGetValue((tag.Group, creator), out List<int>? reserved))
        {
            _blocks.Add((tag.Group, creator), reserved = []);
        }

        if (!reserved.Contains(tag.Element))
        {
            reserved.Add(tag.Element);
        }
    }
}
