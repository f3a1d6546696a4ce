namespace MedicalAi.Dicom.Tests;

public sealed class DicomDictionaryTests
{
    [Fact]
    public void An_entry_has_keyword_name_VR_and_multiplicity()
    {
        DictionaryEntry entry = DicomDictionary.Find(DicomTags.PixelSpacing)!;
        Assert.Equal(("PixelSpacing", "Pixel Spacing", Vr.DS, "2"), (entry.Keyword, entry.Name, entry.Vr, entry.Vm));
    }

    [Theory]
    [InlineData(0x60023000u, Vr.OW)]
    [InlineData(0x50100010u, Vr.US)]
    [InlineData(0x00090010u, Vr.LO)]
    [InlineData(0x00091001u, Vr.UN)]
    [InlineData(0x00090000u, Vr.UL)]
    [InlineData(0x7FE00010u, Vr.OW)]
    public void The_VR_of_a_tag_follows_repeating_groups_and_the_rules_for_private_elements(uint tag, Vr expected) =>
        Assert.Equal(expected, DicomDictionary.FindVr(DicomTag.FromValue(tag)));

    [Fact]
    public void Every_keyword_leads_back_to_its_entry() =>
        Assert.All(DicomDictionary.Entries.Where(entry => entry.Keyword.Length > 0), entry => Assert.Equal(entry, DicomDictionary.Find(entry.Keyword)));

    [Fact]
    public void Storage_SOP_classes_are_those_of_the_storage_service()
    {
        Assert.True(UidRegistry.IsStorageSopClass(DicomUids.CTImageStorage));
        Assert.True(UidRegistry.IsStorageSopClass(DicomUids.Comprehensive3DSRStorage));
        Assert.False(UidRegistry.IsStorageSopClass(DicomUids.Verification));
        Assert.False(UidRegistry.IsStorageSopClass(DicomUids.MediaStorageDirectoryStorage));
    }
}
