using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.Archive.Tests;

/// <summary>Names in the character sets of the world, from files of David Clunie and of devices, found as people type them.</summary>
public sealed class NameSearchTests(NameSearchTests.World world) : IClassFixture<NameSearchTests.World>
{
    [Theory]
    [InlineData("山田^太郎", 2)]
    [InlineData("王^小东", 1)]
    [InlineData("王^小東", 1)]
    [InlineData("张^小东", 1)]
    [InlineData("wang^xiaodong", 2)]
    [InlineData("Wang*", 2)]
    [InlineData("*吉洞", 1)]
    [InlineData("홍^길동", 1)]
    [InlineData("김희중", 1)]
    [InlineData("やまだ^たろう", 3)]
    [InlineData("διονυσιος", 1)]
    [InlineData("BUC^JEROME", 1)]
    [InlineData("äneas^rüdiger", 1)]
    [InlineData("люкceмбypг", 1)]
    [InlineData("שרון^דבורה", 1)]
    [InlineData("قباني*", 1)]
    [InlineData("小東", 0)]
    public async Task A_name_is_found_by_any_of_its_groups(string name, int expected) =>
        Assert.Equal(expected, await world.Archive.Studies.CountAsync(new IndexQuery(IndexLevel.Instance).With(DicomTags.PatientName, name), TestContext.Current.CancellationToken));

    /// <summary>An archive of all of them.</summary>
    public sealed class World : IAsyncLifetime
    {
        internal TestArchive Archive { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Archive = await TestArchive.StartAsync();
            foreach (TestFile file in TestData.DicomFiles.Where(file => file.Name.StartsWith("fo-dicom/charset/", StringComparison.Ordinal)))
            {
                await using FileStream stream = File.OpenRead(file.FullPath);
                await Archive.Ingest.IngestPart10Async(stream, new UploadOrigin(UploadOrigin.Import), InstanceExpectation.None, default);
            }
        }

        public async ValueTask DisposeAsync() => await Archive.DisposeAsync();
    }
}
