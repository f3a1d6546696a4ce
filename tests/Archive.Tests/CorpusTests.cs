using System.Buffers;
using System.Text.Json;
using MedicalAi.Dicom;
using MedicalAi.Testing;

namespace MedicalAi.Archive.Tests;

/// <summary>Every real file of the test data through the one door and back.</summary>
public sealed class CorpusTests
{
    private static readonly UploadOrigin s_origin = new(UploadOrigin.Import);

    [Fact]
    public async Task Every_file_is_kept_byte_for_byte_with_its_bulk_values_in_place_or_is_refused_with_a_reason()
    {
        await using TestArchive archive = await TestArchive.StartAsync();
        List<string> wrong = [];
        Dictionary<IngestOutcome, int> outcomes = [];
        foreach (TestFile file in TestData.DicomFiles)
        {
            byte[] bytes = await File.ReadAllBytesAsync(file.FullPath, TestContext.Current.CancellationToken);
            IngestResult result = await archive.Ingest.IngestPart10Async(new MemoryStream(bytes), s_origin, InstanceExpectation.None, TestContext.Current.CancellationToken);
            outcomes[result.Outcome] = outcomes.GetValueOrDefault(result.Outcome) + 1;
            if (result.Outcome == IngestOutcome.Stored)
            {
                wrong.AddRange((await CheckAsync(archive, result.Identity!.Value.SopInstance, bytes)).Select(what => $"{file.Name}: {what}"));
            }
            else if ((result.Outcome is IngestOutcome.AlreadyStored or IngestOutcome.Quarantined) != IsSound(bytes) || (result.Message is null) != result.IsSuccess)
            {
                wrong.Add($"{file.Name}: {result.Outcome} {result.Message}");
            }
        }

        Assert.Empty(wrong);
        Assert.InRange(outcomes[IngestOutcome.Stored], 100, TestData.DicomFiles.Count);
    }

    private static bool IsSound(byte[] bytes)
    {
        ParseResult<DicomFile> file = DicomFile.Parse(bytes);
        return file.Ok && new[] { DicomTags.SOPClassUID, DicomTags.SOPInstanceUID }.All(tag => file.Value.DataSet.GetUid(tag) is not null);
    }

    private static async Task<List<string>> CheckAsync(TestArchive archive, DicomUid uid, byte[] sent)
    {
        List<string> wrong = [];
        InstanceRow row = (await archive.Studies.FindInstanceAsync(uid, TestContext.Current.CancellationToken))!;
        Part10Header header = FileMetaInformation.TryRead(new ReadOnlySequence<byte>(sent), isFinal: true).Value!;
        if (!(await archive.Reader.OpenDataSetAsync(row, TestContext.Current.CancellationToken).ReadAllAsync()).AsSpan().SequenceEqual(sent.AsSpan((int)header.DataSetOffset)))
        {
            wrong.Add("the data set has changed");
        }

        if ((await archive.Reader.ReadHeaderAsync(row, TestContext.Current.CancellationToken)).Error is { } error)
        {
            wrong.Add($"the header cannot be read: {error}");
        }

        await foreach (ReadOnlyMemory<byte> metadata in archive.Reader.ListMetadataAsync(row.Identity.Study, row.Identity.Series, uid, TestContext.Current.CancellationToken))
        {
            using JsonDocument json = JsonDocument.Parse(metadata);
            if (json.RootElement.GetProperty("00080018").GetProperty("Value")[0].GetString() != uid.Value)
            {
                wrong.Add("the metadata is not of this instance");
            }
        }

        DicomDataSet whole = DicomFile.Parse(sent).Value.DataSet;
        foreach (BulkEntry entry in (await archive.Reader.ReadBulkMapAsync(uid, TestContext.Current.CancellationToken))!.Entries)
        {
            DicomElement element = Find(whole, entry.Path.Split('/'));
            IEnumerable<(BulkLocation Place, ReadOnlyMemory<byte> Value)> parts = entry.Fragments is { } places
                ? places.Zip(element.Fragments!.Items.Select(fragment => fragment.Value))
                : [(entry.Location, element.Value)];
            foreach ((BulkLocation place, ReadOnlyMemory<byte> value) in parts)
            {
                byte[] read = await archive.Reader.OpenRangeAsync(row, place, TestContext.Current.CancellationToken).ReadAllAsync();
                if (!row.TransferSyntax.IsBigEndian && !read.AsSpan().SequenceEqual(value.Span))
                {
                    wrong.Add($"{entry.Path} is not where the bulk map says");
                }
            }
        }

        return wrong;
    }

    private static DicomElement Find(DicomDataSet dataSet, ReadOnlySpan<string> path)
    {
        Assert.True(DicomTag.TryParse(path[0], out DicomTag tag));
        DicomElement element = dataSet.Find(tag)!;
        return path.Length == 1 ? element : Find(element.Items![int.Parse(path[1], System.Globalization.CultureInfo.InvariantCulture)], path[2..]);
    }
}
