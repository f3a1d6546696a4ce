using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>
/// A matching key (PS3.4 C.2.2.2). What its value means follows from the VR: an empty value or <c>*</c> matches all; <c>\</c> separates
/// values, one of which has to match; DA, TM and DT take ranges with <c>-</c>; AE, CS, LO, LT, PN, SH, ST, UC, UR and UT take the wild
/// cards <c>*</c> and <c>?</c>; person names match without regard to case and accents, as a whole or in one of their component groups.
/// </summary>
/// <param name="Tag">The attribute.</param>
/// <param name="Value">The key as text, decoded; not used for a sequence.</param>
public sealed record AttributeMatch(DicomTag Tag, string Value)
{
    /// <summary>The VR by which the value is understood; that of the dictionary where it has the attribute.</summary>
    public Vr Vr { get; init; } = DicomDictionary.FindVr(Tag);

    /// <summary>The keys within the item of a sequence, all of which have to match within one item (PS3.4 C.2.2.2.6).</summary>
    public IReadOnlyList<AttributeMatch> Item { get; init; } = [];

    /// <summary>Whether the key matches all (PS3.4 C.2.2.2.3). A <c>*</c> does so for every VR, although not all of them know wild cards.</summary>
    public bool IsUniversal => Vr == Vr.SQ
        ? Item.All(key => key.IsUniversal)
        : Value.Split('\\').All(value => value.AsSpan().Trim(" \0").Trim(Vr == Vr.PN ? "*=^ " : "*").IsEmpty);
}
