using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>Empty value matching (PS3.4 C.2.2.2.7).</summary>
/// <param name="key">The key.</param>
internal sealed class EmptyMatcher(AttributeMatch key) : KeyMatcher(key)
{
    private readonly bool _canHaveSeveral = CanHaveSeveral(key.Tag);

    /// <inheritdoc />
    public override bool IsMatch(DicomDataSet dataSet) =>
        dataSet.Find(Tag) is not { IsElsewhere: true } && ReadValues(dataSet, Tag, _canHaveSeveral).All(value => value.Length == 0 || (Key.Vr == Vr.PN && value.AsSpan().Trim("= ").IsEmpty));
}
