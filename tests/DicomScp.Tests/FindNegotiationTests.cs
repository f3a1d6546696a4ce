using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp.Tests;

/// <summary>What changes by SOP class extended negotiation (PS3.4 C.5.1.1), which findscu does not know: by our own client.</summary>
public sealed class FindNegotiationTests(FindNegotiationTests.Archive archive) : IClassFixture<FindNegotiationTests.Archive>
{
    private static readonly DicomUid s_studyRoot = DicomUids.StudyRootQueryRetrieveInformationModelFind;
    private static readonly byte[] s_relational = [1];
    private static readonly byte[] s_combined = [0, 1];
    private static readonly byte[] s_fuzzy = [0, 0, 1];
    private static readonly byte[] s_timezone = [0, 0, 0, 1];
    private static readonly byte[] s_empty = [0, 0, 0, 0, 0, 1];
    private static readonly byte[] s_multiple = [0, 0, 0, 0, 0, 0, 1];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(new byte[] { 1 }, new byte[] { 1 })]
    [InlineData(new byte[] { 0, 1, 0 }, new byte[] { 0, 1, 0 })]
    [InlineData(new byte[] { 1, 1, 1, 1, 1, 1, 1 }, new byte[] { 1, 1, 1, 1, 0, 1, 1 })]
    [InlineData(new byte[] { 1, 2, 255, 1, 1, 1, 1, 1, 1 }, new byte[] { 1, 0, 0, 1, 0, 1, 1 })]
    public async Task All_is_agreed_to_but_the_conversion_of_enhanced_images(byte[] proposed, byte[] accepted)
    {
        await using DicomClient client = await FindSetup.ConnectAsync(archive.Gateway, s_studyRoot, proposed);
        Assert.Equal(accepted, client.Contexts[0].ExtendedNegotiation.ToArray());
        await client.ReleaseAsync(Token);
    }

    [Fact]
    public async Task Relational_queries_need_no_unique_keys_and_take_keys_of_every_level()
    {
        Assert.Equal(["1.2.1.2"], await FindAsync(s_relational, DicomTags.SeriesInstanceUID, "SERIES", (DicomTags.Modality, "MR"), (DicomTags.PatientID, "P1")));
        Assert.Equal(["1.2.1"], await FindAsync(s_relational, DicomTags.StudyInstanceUID, "STUDY", (DicomTags.Modality, "MR")));
        Assert.Equal(["1.2.2"], await FindAsync(s_relational, DicomTags.StudyInstanceUID, "STUDY", (DicomTags.ImageComments, "other")));
        DimseFailureException refused = await Assert.ThrowsAsync<DimseFailureException>(() => FindAsync([], DicomTags.SeriesInstanceUID, "SERIES", (DicomTags.Modality, "MR")));
        Assert.Equal((DimseStatus.DataSetDoesNotMatch, DicomTags.StudyInstanceUID), (refused.Response.Status, refused.Response.OffendingElement));
    }

    [Fact]
    public async Task Attributes_of_the_levels_above_are_told_in_relational_queries()
    {
        await using DicomClient client = await FindSetup.ConnectAsync(archive.Gateway, s_studyRoot, s_relational);
        DicomDataSet match = await client.FindAsync(s_studyRoot, Identifier("IMAGE", (DicomTags.SOPInstanceUID, "1.2.2.1.1"), (DicomTags.PatientName, ""), (DicomTags.StudyDate, ""), (DicomTags.Modality, "")), 0, Token).SingleAsync(Token);
        Assert.Equal(("Müller^Jürgen", "20240302", "CT"), (match.GetString(DicomTags.PatientName), match.GetString(DicomTags.StudyDate), match.GetString(DicomTags.Modality)));
        await client.ReleaseAsync(Token);
    }

    [Fact]
    public async Task Date_and_time_are_one_range_when_combined()
    {
        (DicomTag, string)[] keys = [(DicomTags.StudyDate, "20240229-20240302"), (DicomTags.StudyTime, "1200-1200")];
        Assert.Equal(["1.2.1"], await FindAsync(s_combined, DicomTags.StudyInstanceUID, "STUDY", keys));
        Assert.Empty(await FindAsync([], DicomTags.StudyInstanceUID, "STUDY", keys));
    }

    [Fact]
    public async Task Names_match_fuzzily()
    {
        Assert.Equal(["1.2.2", "1.2.1"], await FindAsync(s_fuzzy, DicomTags.StudyInstanceUID, "STUDY", (DicomTags.PatientName, "jürgen mueller")));
        Assert.Empty(await FindAsync([], DicomTags.StudyInstanceUID, "STUDY", (DicomTags.PatientName, "jürgen mueller")));
    }

    [Fact]
    public async Task Dates_and_times_are_matched_and_told_by_the_clock_of_the_request()
    {
        (DicomTag, string)[] keys = [(DicomTags.StudyDate, "20240302"), (DicomTags.StudyTime, "0030-0130"), (DicomTags.TimezoneOffsetFromUTC, "+0200"), (DicomTags.StudyInstanceUID, "")];
        Assert.Empty(await FindAsync([], DicomTags.StudyInstanceUID, "STUDY", keys));
        await using DicomClient client = await FindSetup.ConnectAsync(archive.Gateway, s_studyRoot, s_timezone);
        DicomDataSet match = await client.FindAsync(s_studyRoot, Identifier("STUDY", keys), 0, Token).SingleAsync(Token);
        Assert.Equal(("1.2.1", "20240302", "010000", "+0200"), (match.GetString(DicomTags.StudyInstanceUID), match.GetString(DicomTags.StudyDate), match.GetString(DicomTags.StudyTime), match.GetString(DicomTags.TimezoneOffsetFromUTC)));
        await client.ReleaseAsync(Token);
    }

    [Fact]
    public async Task Two_quotation_marks_find_what_is_empty()
    {
        Assert.Equal(["1.2.2"], await FindAsync(s_empty, DicomTags.StudyInstanceUID, "STUDY", (DicomTags.StudyDescription, "\"\"")));
        Assert.Empty(await FindAsync([], DicomTags.StudyInstanceUID, "STUDY", (DicomTags.StudyDescription, "\"\"")));
    }

    [Fact]
    public async Task Each_of_several_values_has_to_match()
    {
        Assert.Equal(["1.2.1"], await FindAsync(s_multiple, DicomTags.StudyInstanceUID, "STUDY", (DicomTags.ModalitiesInStudy, "CT\\MR")));
        Assert.Equal(["1.2.2", "1.2.1"], await FindAsync([], DicomTags.StudyInstanceUID, "STUDY", (DicomTags.ModalitiesInStudy, "CT\\MR")));
    }

    private static DicomDataSet Identifier(string level, params (DicomTag Tag, string Value)[] keys)
    {
        DicomDataSet identifier = new DicomDataSet().SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192").SetString(DicomTags.QueryRetrieveLevel, level);
        foreach ((DicomTag tag, string value) in keys)
        {
            identifier.SetString(tag, value);
        }

        return identifier;
    }

    private async Task<string?[]> FindAsync(byte[] proposed, DicomTag told, string level, params (DicomTag Tag, string Value)[] keys)
    {
        await using DicomClient client = await FindSetup.ConnectAsync(archive.Gateway, s_studyRoot, proposed);
        string?[] found = await client.FindAsync(s_studyRoot, Identifier(level, [(told, ""), .. keys]), 0, Token).Select(match => match.GetString(told)).ToArrayAsync(Token);
        await client.ReleaseAsync(Token);
        return found;
    }

    public sealed class Archive : IAsyncLifetime
    {
        internal TestGateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Gateway = await FindSetup.StartAsync(
            FindSetup.Instance("P1", "Müller^Jürgen", "1.2.1", "1.2.1.1", 1, "CT", "20240301").SetString(DicomTags.StudyTime, "230000").SetString(DicomTags.TimezoneOffsetFromUTC, "+0000").SetString(DicomTags.StudyDescription, "Thorax"),
            FindSetup.Instance("P1", "Müller^Jürgen", "1.2.1", "1.2.1.2", 1, "MR", "20240301").SetString(DicomTags.StudyTime, "230000").SetString(DicomTags.TimezoneOffsetFromUTC, "+0000"),
            FindSetup.Instance("P1", "Müller^Jürgen", "1.2.2", "1.2.2.1", 1, "CT", "20240302").SetString(DicomTags.StudyTime, "130000").SetString(DicomTags.ImageComments, "other"));

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
