using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>Keys that a data set is held against (PS3.4 C.2.2.2), all of which have to match. What an index does by other means has to give the same.</summary>
public sealed class DataSetMatcher
{
    private readonly List<KeyMatcher> _keys;

    /// <summary>Keys, read once for many data sets.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="options">How they match.</param>
    public DataSetMatcher(IEnumerable<AttributeMatch> keys, MatchingOptions options)
        : this(KeyMatcher.Read(keys, options))
    {
    }

    internal DataSetMatcher(List<KeyMatcher> keys)
    {
        _keys = keys;
        Tags = _keys.SelectMany(key => key.Tags).ToHashSet();
    }

    /// <summary>The attributes that are looked at; others may be left out of the data sets.</summary>
    internal IReadOnlySet<DicomTag> Tags { get; }

    /// <summary>The first key whose value is not one of its VR, or is more than is matched with; null when all can be read. Such a key matches nothing.</summary>
    public AttributeMatch? Unreadable => _keys.Find(key => !key.IsReadable)?.Key;

    /// <summary>Whether a data set matches.</summary>
    public bool IsMatch(DicomDataSet dataSet) => _keys.TrueForAll(key => key.IsMatch(dataSet));
}
