namespace MedicalAi.Dicom.Tests;

/// <summary>The VR of elements for which the dictionary has several, where the encoding names none (PS3.5 A.1).</summary>
public sealed class AmbiguousVrTests
{
    [Fact]
    public void The_elements_that_are_US_or_SS_are_those_of_the_dictionary() => Assert.Equal(
        DicomDictionary.Entries.Where(entry => entry.Vrs == "US or SS").Select(entry => entry.Tag.Value),
        VrResolver.UsOrSs.ToArray());

    [Theory]
    [InlineData(0, Vr.US)]
    [InlineData(1, Vr.SS)]
    public void Pixel_Representation_decides_between_US_and_SS_wherever_it_stands(int representation, Vr expected)
    {
        DicomDataSet inner = new DicomDataSet().SetInt(DicomTags.RealWorldValueLastValueMapped, Vr.US, 7);
        DicomDataSet dataSet = Implicit(new DicomDataSet()
            .SetInt(DicomTags.ZeroVelocityPixelValue, Vr.US, 1)
            .SetSequence(DicomTags.PixelValueMappingCodeSequence, new DicomDataSet().SetInt(DicomTags.MappedPixelValue, Vr.US, 1))
            .SetInt(DicomTags.PixelRepresentation, representation)
            .SetInt(DicomTags.SmallestImagePixelValue, Vr.US, 1)
            .SetSequence(DicomTags.RealWorldValueMappingSequence, inner));

        Assert.Equal(expected, dataSet.Find(DicomTags.ZeroVelocityPixelValue)!.Vr);
        Assert.Equal(expected, dataSet.GetItems(DicomTags.PixelValueMappingCodeSequence)[0].Find(DicomTags.MappedPixelValue)!.Vr);
        Assert.Equal(expected, dataSet.Find(DicomTags.SmallestImagePixelValue)!.Vr);
        Assert.Equal(expected, dataSet.GetItems(DicomTags.RealWorldValueMappingSequence)[0].Find(DicomTags.RealWorldValueLastValueMapped)!.Vr);
    }

    [Fact]
    public void The_Pixel_Representation_of_the_item_comes_before_that_of_the_data_set() => Assert.Equal(Vr.US, Implicit(new DicomDataSet()
        .SetInt(DicomTags.PixelRepresentation, 1)
        .SetSequence(DicomTags.IconImageSequence, new DicomDataSet().SetInt(DicomTags.PixelRepresentation, 0L).SetInt(DicomTags.SmallestImagePixelValue, Vr.US, 1)))
        .GetItems(DicomTags.IconImageSequence)[0].Find(DicomTags.SmallestImagePixelValue)!.Vr);

    [Fact]
    public void Words_are_OW() => Assert.All(
        Implicit(new DicomDataSet()
            .SetBytes(DicomTags.LUTData, Vr.US, new byte[2])
            .SetBytes(DicomTags.WaveformData, Vr.OB, new byte[2])
            .SetBytes(new DicomTag(0x6002, 0x3000), Vr.OB, new byte[2])
            .SetBytes(DicomTags.PixelData, Vr.OB, new byte[2])),
        element => Assert.Equal(Vr.OW, element.Vr));

    [Fact]
    public void A_VR_that_stands_with_the_element_is_kept()
    {
        DicomDataSet dataSet = new DicomDataSet().SetInt(DicomTags.PixelRepresentation, 1).SetInt(DicomTags.SmallestImagePixelValue, Vr.US, 65535);
        byte[] written = DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ExplicitVrLittleEndian);
        Assert.Equal(65535, DicomDataSet.Parse(written, TransferSyntax.ExplicitVrLittleEndian).Value.GetInt32(DicomTags.SmallestImagePixelValue));
    }

    private static DicomDataSet Implicit(DicomDataSet dataSet) =>
        DicomDataSet.Parse(DicomDataSetWriter.ToBytes(dataSet, TransferSyntax.ImplicitVrLittleEndian), TransferSyntax.ImplicitVrLittleEndian).Value;
}
