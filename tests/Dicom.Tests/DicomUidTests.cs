using CsCheck;

namespace MedicalAi.Dicom.Tests;

public sealed class DicomUidTests
{
    [Theory]
    [InlineData("1.2.840.10008.1.2", true)]
    [InlineData("2.25.329800735698586629295641978511506172918", true)]
    [InlineData("1.2..3", false)]
    [InlineData("1.2.", false)]
    [InlineData("999.1", true)]
    [InlineData("1.2.x", false)]
    [InlineData("", false)]
    [InlineData("1.11111111111111111111111111111111111111111111111111111111111111111", false)]
    public void A_UID_is_digits_and_dots_of_at_most_64_characters(string text, bool valid) =>
        Assert.Equal(valid, DicomUid.TryParse(text, out _));

    [Fact]
    public void A_UID_made_from_names_is_valid_and_always_the_same()
    {
        DicomUid uid = DicomUid.FromName("scope", "a", "b");
        Assert.True(uid.IsValid);
        Assert.Equal(uid, DicomUid.FromName("scope", "a", "b"));
        Assert.NotEqual(uid, DicomUid.FromName("scope", "ab"));
        Assert.NotEqual(uid, DicomUid.FromName("scope", "b", "a"));
    }

    [Fact]
    public void New_UIDs_are_valid_and_differ()
    {
        HashSet<DicomUid> uids = [.. Enumerable.Range(0, 1000).Select(_ => DicomUid.NewUid())];
        Assert.Equal(1000, uids.Count);
        Assert.All(uids, uid => Assert.True(uid.IsValid));
    }

    [Fact]
    public void Reading_any_characters_never_throws() =>
        Gen.String.Sample(text => DicomUid.TryParse(text, out DicomUid uid) == (uid.Value is not null));
}
