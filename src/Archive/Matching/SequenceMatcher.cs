using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>Sequence matching (PS3.4 C.2.2.2.6): one item has to match all keys.</summary>
/// <param name="key">The key.</param>
/// <param name="options">How its item's keys match.</param>
internal sealed class SequenceMatcher(AttributeMatch key, MatchingOptions options) : KeyMatcher(key)
{
    private readonly List<KeyMatcher> _item = Read(key.Item, options);

    /// <inheritdoc />
    public override IEnumerable<DicomTag> Tags => [Tag, DicomTags.TimezoneOffsetFromUTC];

    /// <inheritdoc />
    public override bool IsReadable => _item.TrueForAll(one => one.IsReadable);

    /// <inheritdoc />
    public override bool IsMatch(DicomDataSet dataSet) => dataSet.GetItems(Tag).Any(item => _item.TrueForAll(one => one.IsMatch(item)));
}
