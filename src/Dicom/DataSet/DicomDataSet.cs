using System.Collections;

namespace MedicalAi.Dicom;

/// <summary>
/// A data set (PS3.5 chapter 7): data elements in the order of their tags, values decoded when they are asked for. Getters never
/// throw on what was read: a value that is absent, empty or cannot be understood is null.
/// Not safe for writing by several threads; reading is.
/// </summary>
public sealed partial class DicomDataSet : IReadOnlyCollection<DicomElement>
{
    // Invariant: sorted by tag, no tag twice. Data sets come sorted, so that adding is nearly always an append.
    private readonly List<DicomElement> _elements = [];

    // Of this data set's own element only: that of the parent may come later or be another one.
    private SpecificCharacterSet? _characterSet;

    /// <summary>An empty data set.</summary>
    /// <param name="parent">The data set whose item this is, from which it takes its character set when it names none.</param>
    public DicomDataSet(DicomDataSet? parent = null) => Parent = parent;

    /// <summary>The data set whose item this is; null at the top.</summary>
    public DicomDataSet? Parent { get; internal set; }

    /// <summary>The number of elements.</summary>
    public int Count => _elements.Count;

    /// <summary>The character set in force: of (0008,0005), else of the parent, else the default repertoire (PS3.3 C.12.1.1.2).</summary>
    public SpecificCharacterSet CharacterSet => _characterSet ?? (Find(DicomTags.SpecificCharacterSet) is { } element
        ? _characterSet = SpecificCharacterSet.Parse(element.Value.Span)
        : Parent?.CharacterSet ?? SpecificCharacterSet.Default);

    /// <summary>The element of a tag; null when it is absent.</summary>
    public DicomElement? Find(DicomTag tag)
    {
        int index = IndexOf(tag);
        return index >= 0 ? _elements[index] : null;
    }

    /// <summary>Whether there is an element of this tag, with or without a value.</summary>
    public bool Contains(DicomTag tag) => IndexOf(tag) >= 0;

    /// <summary>Puts an element in its place, instead of one of the same tag.</summary>
    public DicomDataSet Set(DicomElement element)
    {
        ArgumentNullException.ThrowIfNull(element);
        if (element.Tag == DicomTags.SpecificCharacterSet)
        {
            _characterSet = null;
        }

        if (element.Items is { } items)
        {
            foreach (DicomDataSet item in items)
            {
                item.Parent = this;
            }
        }

        if (_elements.Count == 0 || _elements[^1].Tag < element.Tag)
        {
            _elements.Add(element);
            return this;
        }

        int index = IndexOf(element.Tag);
        if (index >= 0)
        {
            _elements[index] = element;
        }
        else
        {
            _elements.Insert(~index, element);
        }

        return this;
    }

    /// <summary>Takes an element out; false when there is none.</summary>
    public bool Remove(DicomTag tag)
    {
        int index = IndexOf(tag);
        if (index < 0)
        {
            return false;
        }

        _elements.RemoveAt(index);
        if (tag == DicomTags.SpecificCharacterSet)
        {
            _characterSet = null;
        }

        return true;
    }

    /// <summary>The elements in the order of their tags.</summary>
    public List<DicomElement>.Enumerator GetEnumerator() => _elements.GetEnumerator();

    IEnumerator<DicomElement> IEnumerable<DicomElement>.GetEnumerator() => _elements.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _elements.GetEnumerator();

    private int IndexOf(DicomTag tag)
    {
        int low = 0;
        int high = _elements.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            uint value = _elements[middle].Tag.Value;
            if (value == tag.Value)
            {
                return middle;
            }

            if (value < tag.Value)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }
}
