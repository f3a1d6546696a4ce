using System.Net;
using System.Text.Json;
using MedicalAi.Dicom;

namespace MedicalAi.DicomWeb.Tests;

public sealed class SearchTests(SearchTests.Archive archive) : IClassFixture<SearchTests.Archive>
{
    private TestGateway Gateway => archive.Gateway;

    [Theory]
    [InlineData("studies", 3)]
    [InlineData("series", 4)]
    [InlineData("instances", 5)]
    [InlineData("studies/1.2.1/series", 2)]
    [InlineData("studies/1.2.1/instances", 3)]
    [InlineData("studies/1.2.1/series/1.2.1.1/instances", 2)]
    [InlineData("series/1.2.1.2/instances", 1)]
    public async Task All_seven_resources_answer(string path, int count) => Assert.Equal(count, (await Gateway.GetJsonAsync(path)).GetArrayLength());

    [Theory]
    [InlineData("StudyInstanceUID=1.2.1")]
    [InlineData("0020000D=1.2.1")]
    [InlineData("0020000d=1.2.1")]
    [InlineData("PatientName=M%C3%BCller*")]
    [InlineData("PatientName=MULLER*")]
    [InlineData("PatientName=*%5EJ%C3%BCrgen")]
    [InlineData("PatientName=jurgen&fuzzymatching=true")]
    [InlineData("PatientID=P-1.2.1")]
    [InlineData("PatientID=P-1.2.?&StudyDate=20240201-20240301")]
    [InlineData("StudyDate=20240229")]
    [InlineData("StudyDate=-20240301&StudyDate=20240101-")]
    [InlineData("ModalitiesInStudy=MR")]
    [InlineData("ModalitiesInStudy=MR,SR")]
    [InlineData("AccessionNumber=A1.2.1&limit=101&offset=0&fuzzymatching=false&includefield=00081030%2C00080060%2C00080090%2C00100030")]
    [InlineData("StudyInstanceUID=1.2.1%5C1.2.7")]
    [InlineData("StudyInstanceUID=1.2.1,1.2.7")]
    [InlineData("StudyInstanceUID=1.2.1&StudyInstanceUID=1.2.7")]
    [InlineData("PatientName=*M%C3%BCller*&00100020=*P-1.2.1*&StudyDescription=*Thor*")]
    public async Task Keys_match_as_the_standard_says(string query) =>
        Assert.Equal("1.2.1", Assert.Single((await Gateway.GetJsonAsync("studies?" + query)).EnumerateArray()).Value("0020000D").GetString());

    [Theory]
    [InlineData("studies?PatientID=nobody")]
    [InlineData("studies?StudyDate=19000101")]
    [InlineData("studies/1.2.77/series")]
    [InlineData("instances?offset=5")]
    [InlineData("instances?limit=0")]
    public async Task A_search_without_a_match_is_204(string path)
    {
        using HttpResponseMessage response = await Gateway.GetAsync(path);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Fact]
    public async Task A_study_has_the_attributes_of_the_standard()
    {
        JsonElement study = (await Gateway.GetJsonAsync("studies?StudyInstanceUID=1.2.1"))[0];
        string[] tags = ["00080005", "00080020", "00080030", "00080050", "00080056", "00080061", "00080090", "00081190", "00100010", "00100020", "00100030", "00100040", "0020000D", "00200010", "00201206", "00201208"];
        Assert.Equal(tags, study.EnumerateObject().Select(property => property.Name));
        Assert.Equal(["CT", "MR"], study.GetProperty("00080061").GetProperty("Value").EnumerateArray().Select(value => value.GetString()));
        Assert.Equal("Müller^Jürgen", study.Value("00100010").GetProperty("Alphabetic").GetString());
        Assert.Equal(2, study.Value("00201206").GetInt32());
        Assert.Equal(3, study.Value("00201208").GetInt32());
        Assert.Equal("ONLINE", study.Value("00080056").GetString());
        Assert.Equal($"{Gateway.BaseUrl}/studies/1.2.1", study.Value("00081190").GetString());
    }

    [Fact]
    public async Task A_series_has_the_attributes_of_the_standard_and_of_its_study_where_the_path_names_none()
    {
        JsonElement series = (await Gateway.GetJsonAsync("studies/1.2.1/series"))[0];
        Assert.Equal(["00080005", "00080060", "0008103E", "00081190", "0020000D", "0020000E", "00200011", "00201209"], series.EnumerateObject().Select(property => property.Name));
        Assert.Equal(2, series.Value("00201209").GetInt32());
        Assert.Equal($"{Gateway.BaseUrl}/studies/1.2.1/series/1.2.1.1", series.Value("00081190").GetString());
        JsonElement all = (await Gateway.GetJsonAsync("series?SeriesInstanceUID=1.2.1.1"))[0];
        Assert.Equal("P-1.2.1", all.Value("00100020").GetString());
    }

    [Fact]
    public async Task An_instance_has_the_attributes_of_the_standard()
    {
        JsonElement instance = (await Gateway.GetJsonAsync("studies/1.2.1/series/1.2.1.1/instances"))[0];
        string[] tags = ["00080005", "00080016", "00080018", "00080056", "00081190", "0020000D", "0020000E", "00200013", "00280010", "00280011", "00280100"];
        Assert.Equal(tags, instance.EnumerateObject().Select(property => property.Name));
        Assert.Equal(3, instance.Value("00280010").GetInt32());
        Assert.Equal($"{Gateway.BaseUrl}/studies/1.2.1/series/1.2.1.1/instances/1.2.1.1.1", instance.Value("00081190").GetString());
    }

    [Theory]
    [InlineData("studies?includefield=00081030", "00081030", "Thorax")]
    [InlineData("studies?includefield=StudyDescription", "00081030", "Thorax")]
    [InlineData("studies?includefield=00200010,StudyDescription", "00081030", "Thorax")]
    [InlineData("studies?StudyDescription=Tho*", "00081030", "Thorax")]
    [InlineData("studies?includefield=all", "00081030", "Thorax")]
    [InlineData("instances?includefield=00083002", "00083002", "1.2.840.10008.1.2.1")]
    [InlineData("studies/1.2.1/series?includefield=00081030", "00081030", "Thorax")]
    public async Task Attributes_that_are_asked_for_are_returned(string path, string tag, string value) => Assert.Equal(value, (await Gateway.GetJsonAsync(path))[0].Value(tag).GetString());

    [Theory]
    [InlineData("instances?includefield=SliceThickness")]
    [InlineData("instances?includefield=all")]
    public async Task Any_attribute_of_an_instance_can_be_asked_for(string path) => Assert.Equal(2.5, (await Gateway.GetJsonAsync(path))[0].Value("00180050").GetDouble());

    [Theory]
    [InlineData("instances?SliceThickness=2.50", 5)]
    [InlineData("instances?SliceThickness=3", 0)]
    [InlineData("studies/1.2.1/series/1.2.1.1/instances?SliceThickness=2.5&InstanceNumber=2", 1)]
    [InlineData("studies?ProcedureCodeSequence.CodeValue=T1", 1)]
    [InlineData("studies?00081032.00080100=T*", 2)]
    [InlineData("studies?ProcedureCodeSequence.CodeValue=T2&ProcedureCodeSequence.CodingSchemeDesignator=99B", 1)]
    [InlineData("studies?ProcedureCodeSequence.CodeValue=T1&ProcedureCodeSequence.CodingSchemeDesignator=99B", 0)]
    [InlineData("studies?AccessionNumber=%22%22", 0)]
    [InlineData("studies?IssuerOfPatientID=%22%22&emptyvaluematching=true", 3)]
    [InlineData("studies?EthnicGroup=%22%22&emptyvaluematching=true", 3)]
    [InlineData("studies?AccessionNumber=%22%22&emptyvaluematching=true", 0)]
    [InlineData("studies?ModalitiesInStudy=CT,MR", 3)]
    [InlineData("studies?ModalitiesInStudy=CT,MR&multiplevaluematching=true", 1)]
    [InlineData("studies?PatientName=juergen%20mueller&fuzzymatching=true", 1)]
    public async Task Any_attribute_matches_at_its_level(string path, int expected)
    {
        using HttpResponseMessage response = await Gateway.GetAsync(path);
        Assert.Equal(expected, response.StatusCode == HttpStatusCode.NoContent ? 0 : (await response.ReadJsonAsync()).GetArrayLength());
        Assert.False(response.Headers.Contains("Warning"));
    }

    [Fact]
    public async Task Pages_do_not_overlap_and_a_cut_page_says_how_many_are_left()
    {
        List<string?> uids = [];
        for (int offset = 0; offset < 5; offset += 2)
        {
            using HttpResponseMessage response = await Gateway.GetAsync($"instances?limit=2&offset={offset}");
            string? warning = response.Headers.TryGetValues("Warning", out IEnumerable<string>? values) ? values.Single() : null;
            Assert.Equal(offset < 4 ? $"299 {Gateway.BaseUrl}: \"There are {3 - offset} additional results that can be requested\"" : null, warning);
            uids.AddRange((await response.ReadJsonAsync()).EnumerateArray().Select(one => one.Value("00080018").GetString()));
        }

        Assert.Equal(5, uids.Distinct().Count());
        Assert.Equal(5, uids.Count);
    }

    [Theory]
    [InlineData("studies?SliceThickness=2.5", "SliceThickness")]
    [InlineData("studies?RequestAttributesSequence.RequestedProcedureID=1", "RequestAttributesSequence.RequestedProcedureID")]
    [InlineData("instances?RequestAttributesSequence=1", "RequestAttributesSequence")]
    [InlineData("instances?InstanceAvailability=OFFLINE", "InstanceAvailability")]
    [InlineData("instances?PatientName.RequestedProcedureID=1", "PatientName.RequestedProcedureID")]
    [InlineData("studies?colour=blue", "(unknown)")]
    [InlineData("studies?includefield=NoSuchKeyword", "includefield")]
    public async Task A_parameter_without_effect_is_named_in_a_warning(string path, string name)
    {
        using HttpResponseMessage response = await Gateway.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(name, Assert.Single(response.Headers.GetValues("Warning")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("studies?limit=x")]
    [InlineData("studies?limit=-1")]
    [InlineData("studies?offset=1.5")]
    [InlineData("studies?limit=1&limit=2")]
    [InlineData("studies?StudyDate=yesterday")]
    [InlineData("studies?StudyDate=20200101-20200102-20200103")]
    [InlineData("studies?StudyTime=2560")]
    [InlineData("instances?InstanceNumber=first")]
    [InlineData("studies/abc/series")]
    public async Task Parameters_that_cannot_be_read_are_400(string path)
    {
        using HttpResponseMessage response = await Gateway.GetAsync(path);
        await response.AssertProblemAsync(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("application/dicom+json, multipart/related; type=application/octet-stream", "application/dicom+json")]
    [InlineData("application/json", "application/json")]
    [InlineData("*/*", "application/dicom+json")]
    [InlineData(null, "application/dicom+json")]
    public async Task Json_is_answered_as_it_is_called(string? accept, string type)
    {
        using HttpResponseMessage response = await Gateway.GetAsync("studies", accept);
        Assert.Equal(type, response.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task Xml_is_not_acceptable()
    {
        using HttpResponseMessage response = await Gateway.GetAsync("studies", "multipart/related; type=\"application/dicom+xml\"");
        JsonElement problem = await response.AssertProblemAsync(HttpStatusCode.NotAcceptable);
        Assert.Equal("application/dicom+json", problem.GetProperty("available")[0].GetString());
    }

    public sealed class Archive : IAsyncLifetime
    {
        internal TestGateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Gateway = await TestGateway.StartAsync();
            await Gateway.StoreWellAsync(
                TestInstances.Ct(),
                TestInstances.Ct(instance: "1.2.1.1.2"),
                TestInstances.Ct(series: "1.2.1.2", instance: "1.2.1.2.1").SetString(DicomTags.Modality, "MR"),
                TestInstances.Ct(study: "1.2.2", series: "1.2.2.1", instance: "1.2.2.1.1", patient: "Other^Otto", date: "20200101").SetSequence(DicomTags.ProcedureCodeSequence, Code("T1", "99A"), Code("T2", "99B")),
                TestInstances.Ct(study: "1.2.3", series: "1.2.3.1", instance: "1.2.3.1.1", patient: "Third^Theo", date: "20260101").SetSequence(DicomTags.ProcedureCodeSequence, Code("T3", "99B")));
        }

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();

        private static DicomDataSet Code(string value, string scheme) => new DicomDataSet().SetString(DicomTags.CodeValue, value).SetString(DicomTags.CodingSchemeDesignator, scheme);
    }
}
