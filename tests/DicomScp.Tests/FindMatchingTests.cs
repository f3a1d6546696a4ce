using MedicalAi.Dicom;
using MedicalAi.Dicom.Network;
using MedicalAi.Testing;

namespace MedicalAi.DicomScp.Tests;

/// <summary>What matches and what is told of it, as findscu of DCMTK sees it.</summary>
public sealed class FindMatchingTests(FindMatchingTests.Archive archive) : IClassFixture<FindMatchingTests.Archive>
{
    [Theory]
    [InlineData(2, "StudyDate=20240229")]
    [InlineData(2, "StudyDate=20240201-20240229", "StudyTime=10-11")]
    [InlineData(1, "StudyDate=20240301-")]
    [InlineData(1, "StudyTime=-0930")]
    [InlineData(2, "PatientName=muller*")]
    [InlineData(1, "PatientName=*MULLER^ANNE")]
    [InlineData(0, "PatientName=Müller")]
    [InlineData(1, "StudyDescription=CT [1]*")]
    [InlineData(0, "StudyDescription=ct*")]
    [InlineData(2, "ModalitiesInStudy=MR")]
    [InlineData(3, "ModalitiesInStudy=CT\\MR")]
    [InlineData(2, "StudyInstanceUID=1.2.1\\1.2.3\\1.2.99")]
    [InlineData(0, "StudyInstanceUID=1.2.*")]
    [InlineData(2, "ProcedureCodeSequence[0].CodeValue=T1")]
    [InlineData(1, "ProcedureCodeSequence[0].CodeValue=T1", "ProcedureCodeSequence[0].CodingSchemeDesignator=99B")]
    [InlineData(3, "ProcedureCodeSequence[0].CodeValue")]
    [InlineData(1, "OtherPatientNames=smith*")]
    [InlineData(1, "PatientWeight=72.50")]
    public async Task Studies_are_found_by_each_kind_of_key(int expected, params string[] keys)
    {
        (ToolResult result, DicomDataSet[] found) = await FindSetup.FindscuAsync(archive.Gateway, ["-S"], ["QueryRetrieveLevel=STUDY", "SpecificCharacterSet=ISO_IR 192", .. keys]);
        Assert.Equal(expected, found.Length);
        Assert.DoesNotContain("0xff01", result.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(1, "ImageComments=größer")]
    [InlineData(2, "ImageComments=*er")]
    [InlineData(1, "SliceThickness=2.5")]
    [InlineData(1, "ImageType=PRIMARY")]
    [InlineData(0, "ImageType=LOCALIZER")]
    [InlineData(1, "SourceImageSequence[0].ReferencedSOPInstanceUID=1.9.9")]
    [InlineData(1, "AcquisitionDate=2024", "AcquisitionTime=1016-")]
    [InlineData(1, "SOPInstanceUID=1.2.1.1.2", "SliceThickness=5")]
    public async Task Images_are_found_by_any_attribute_that_they_have(int expected, params string[] keys)
    {
        (ToolResult result, DicomDataSet[] found) = await FindSetup.FindscuAsync(
            archive.Gateway, ["-S"], ["QueryRetrieveLevel=IMAGE", "SpecificCharacterSet=ISO_IR 192", "StudyInstanceUID=1.2.1", "SeriesInstanceUID=1.2.1.1", .. keys]);
        Assert.Equal(expected, found.Length);
        Assert.DoesNotContain("0xff01", result.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("ACME", "secr*", 1)]
    [InlineData("OTHER", "secr*", 0)]
    [InlineData("ACME", "secr", 0)]
    public async Task Private_attributes_are_keys_as_others_are(string creator, string key, int expected)
    {
        DicomUid model = DicomUids.StudyRootQueryRetrieveInformationModelFind;
        await using DicomClient client = await FindSetup.ConnectAsync(archive.Gateway, model, []);
        DicomDataSet identifier = new DicomDataSet()
            .SetString(DicomTags.QueryRetrieveLevel, "IMAGE")
            .SetString(DicomTags.StudyInstanceUID, "1.2.1")
            .SetString(DicomTags.SeriesInstanceUID, "1.2.1.1")
            .SetString(new DicomTag(0x0099, 0x0010), Vr.LO, creator)
            .SetString(new DicomTag(0x0099, 0x1001), Vr.LO, key);
        DicomDataSet[] found = await client.FindAsync(model, identifier, 0, TestContext.Current.CancellationToken).ToArrayAsync(TestContext.Current.CancellationToken);
        await client.ReleaseAsync(TestContext.Current.CancellationToken);
        Assert.Equal(expected, found.Length);
        Assert.All(found, match => Assert.Equal("secret", match.GetString(new DicomTag(0x0099, 0x1001))));
    }

    [Fact]
    public async Task Of_a_sequence_the_items_that_match_are_told_with_the_attributes_that_were_asked_for()
    {
        DicomDataSet[] found = (await FindSetup.FindscuAsync(
            archive.Gateway, ["-S"], "QueryRetrieveLevel=SERIES", "StudyInstanceUID=1.2.1", "RequestAttributesSequence[0].RequestedProcedureID=R2", "RequestAttributesSequence[0].AccessionNumber", "RequestAttributesSequence[0].ReasonForTheRequestedProcedure")).Found;
        DicomDataSet item = Assert.Single(Assert.Single(found).GetItems(DicomTags.RequestAttributesSequence));
        Assert.Equal([DicomTags.AccessionNumber, DicomTags.RequestedProcedureID, DicomTags.ReasonForTheRequestedProcedure], item.Select(element => element.Tag).Order());
        Assert.Equal(("A2", "R2", null), (item.GetString(DicomTags.AccessionNumber), item.GetString(DicomTags.RequestedProcedureID), item.GetString(DicomTags.ReasonForTheRequestedProcedure)));
    }

    [Theory]
    [InlineData("RequestAttributesSequence")]
    [InlineData("RequestAttributesSequence[0]")]
    public async Task A_sequence_without_keys_is_told_as_a_whole(string key)
    {
        DicomDataSet[] found = (await FindSetup.FindscuAsync(archive.Gateway, ["-S"], "QueryRetrieveLevel=SERIES", "StudyInstanceUID=1.2.1", "SeriesInstanceUID=1.2.1.1", key)).Found;
        IReadOnlyList<DicomDataSet> items = Assert.Single(found).GetItems(DicomTags.RequestAttributesSequence);
        Assert.Equal(["R1", "R2"], items.Select(item => item.GetString(DicomTags.RequestedProcedureID)));
        Assert.All(items, item => Assert.Equal("natürlich", item.GetString(DicomTags.ScheduledProcedureStepDescription)));
    }

    [Fact]
    public async Task A_key_that_exists_at_the_level_is_told_empty_where_it_has_no_value_and_one_that_does_not_is_not_told()
    {
        (ToolResult result, DicomDataSet[] found) = await FindSetup.FindscuAsync(archive.Gateway, ["-S"], "QueryRetrieveLevel=STUDY", "StudyInstanceUID=1.2.3", "StudyID", "SeriesDescription", "SliceThickness", "NumberOfPatientRelatedStudies");
        Assert.Equal(
            [DicomTags.QueryRetrieveLevel, DicomTags.RetrieveAETitle, DicomTags.StudyInstanceUID, DicomTags.StudyID],
            Assert.Single(found).Select(element => element.Tag));
        Assert.True(found[0].Find(DicomTags.StudyID)!.IsEmpty);
        Assert.Contains("0xff01", result.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("StudyDate=yesterday", "0008,0020")]
    [InlineData("StudyTime=25", "0008,0030")]
    [InlineData("NumberOfStudyRelatedSeries=some", "0020,1206")]
    public async Task A_key_that_is_none_of_its_VR_is_an_error_that_names_it(string key, string element)
    {
        (ToolResult result, DicomDataSet[] found) = await FindSetup.FindscuAsync(archive.Gateway, ["-S"], "QueryRetrieveLevel=STUDY", "StudyInstanceUID", key);
        Assert.Empty(found);
        Assert.Contains("0xc000", result.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"({element})", result.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_date_in_all_forms_that_do_not_limit_it_finds_all()
    {
        foreach (string date in new[] { "", "*", "19000101-", "-21000101", "19000101-21000101" })
        {
            Assert.Equal(3, (await FindSetup.FindscuAsync(archive.Gateway, ["-S"], "QueryRetrieveLevel=STUDY", $"StudyDate={date}")).Found.Length);
        }
    }

    public sealed class Archive : IAsyncLifetime
    {
        internal TestGateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Gateway = await FindSetup.StartAsync(
            Study("1.2.1", "1.2.1.1", 1, "20240229", "101530.5", "CT", "99A")
                .SetString(DicomTags.SliceThickness, "2.50")
                .SetString(new DicomTag(0x0099, 0x0010), Vr.LO, "ACME")
                .SetString(new DicomTag(0x0099, 0x1001), Vr.LO, "secret")
                .SetString(DicomTags.ImageType, @"ORIGINAL\PRIMARY")
                .SetString(DicomTags.AcquisitionDate, "20240229")
                .SetString(DicomTags.AcquisitionTime, "101700")
                .SetString(DicomTags.OtherPatientNames, @"Smith^Anna\Smyth^Anna")
                .SetSequence(DicomTags.SourceImageSequence, new DicomDataSet().SetString(DicomTags.ReferencedSOPInstanceUID, "1.9.9"))
                .SetSequence(DicomTags.RequestAttributesSequence, Request("R1", "A1"), Request("R2", "A2")),
            Study("1.2.1", "1.2.1.1", 2, "20240229", "101530.5", "CT", "99A").SetString(DicomTags.ImageComments, "kleiner").SetString(DicomTags.SliceThickness, "5"),
            Study("1.2.1", "1.2.1.2", 3, "20240229", "101530.5", "MR", "99A"),
            Study("1.2.2", "1.2.2.1", 1, "20240229", "10", "MR", "99B").SetString(DicomTags.PatientName, "Müller^Anne").SetString(DicomTags.StudyDescription, "CT [1] Thorax").SetString(DicomTags.PatientWeight, "72.5"),
            Study("1.2.3", "1.2.3.1", 1, "20240301", "0930", "CT", "99C").SetString(DicomTags.PatientName, "Other").SetSequence(DicomTags.ProcedureCodeSequence));

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();

        private static DicomDataSet Study(string study, string series, int number, string date, string time, string modality, string scheme) =>
            FindSetup.Instance("P1", "Müller^Jürgen", study, series, number, modality, date)
                .SetString(DicomTags.StudyTime, time)
                .SetSequence(DicomTags.ProcedureCodeSequence, new DicomDataSet().SetString(DicomTags.CodeValue, "T1").SetString(DicomTags.CodingSchemeDesignator, scheme));

        private static DicomDataSet Request(string procedure, string accession) => new DicomDataSet()
            .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 192")
            .SetString(DicomTags.AccessionNumber, accession)
            .SetString(DicomTags.RequestedProcedureID, procedure)
            .SetString(DicomTags.ScheduledProcedureStepDescription, "natürlich");
    }
}
