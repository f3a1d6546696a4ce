using MedicalAi.Dicom;

namespace MedicalAi.Archive.Tests;

public sealed class BulkMapTests
{
    [Fact]
    public void A_bulk_map_is_read_as_it_was_written()
    {
        BulkEntry pixels = new("7FE00010", Vr.OB, new BulkLocation(1000, 500), [new BulkLocation(1016, 100), new BulkLocation(1124, 300)], [0, 108]);
        BulkMap map = BulkMap.Read(new BulkMap([pixels], true).Write());
        BulkEntry read = map.Find("7fe00010")!;
        Assert.True(map.IsDeflated);
        Assert.Equal(pixels.Location, read.Location);
        Assert.Equal(pixels.Fragments, read.Fragments);
        Assert.Equal(pixels.OffsetTable, read.OffsetTable);
    }
}
