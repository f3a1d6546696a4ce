using System.Text;

namespace MedicalAi.Dicom.Tests;

/// <summary>Elements that come under another VR than that of the dictionary, dates that no VR tells, and values that stay in the file.</summary>
public sealed class DeidentifiedVrTests
{
    [Fact]
    public void What_was_forwarded_as_unknown_is_treated_as_what_it_is()
    {
        DicomDataSet source = Instance("1.2.3.1")
            .SetBytes(DicomTags.SOPInstanceUID, Vr.UN, "1.2.3.1"u8.ToArray())
            .SetBytes(DicomTags.Modality, Vr.UN, "OT"u8.ToArray())
            .SetBytes(DicomTags.SharedFunctionalGroupsSequence, Vr.UN, "SECRET"u8.ToArray());
        DicomDataSet result = Apply(source).DataSet!;
        Assert.Equal(Apply(Instance("1.2.3.1")).DataSet!.GetString(DicomTags.SOPInstanceUID), result.GetString(DicomTags.SOPInstanceUID));
        Assert.Equal("OT", result.GetString(DicomTags.Modality));
        Assert.False(result.Contains(DicomTags.SharedFunctionalGroupsSequence));
    }

    [Theory]
    [InlineData(Vr.UN)]
    [InlineData(Vr.OB)]
    public void A_sequence_under_another_VR_is_treated_as_the_sequence_that_it_is(Vr vr)
    {
        DicomDataSet asSent = Instance("1.2.3.1");
        byte[] items = ItemsInImplicitVr(asSent.Find(DicomTags.SourceImageSequence)!);
        asSent.SetBytes(DicomTags.SourceImageSequence, vr, items).SetBytes(DicomTags.InstitutionCodeSequence, vr, items);
        DicomDataSet result = Apply(asSent, RetainOptions.InstitutionIdentity).DataSet!;
        Assert.Equal(
            Apply(Instance("1.2.3.1")).DataSet!.GetItems(DicomTags.SourceImageSequence)[0].GetString(DicomTags.ReferencedSOPInstanceUID),
            result.GetItems(DicomTags.SourceImageSequence)[0].GetString(DicomTags.ReferencedSOPInstanceUID));
        Assert.DoesNotContain("1.2.3.9", Encoding.Latin1.GetString(DicomDataSetWriter.ToBytes(result, TransferSyntax.ExplicitVrLittleEndian)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sequence_whose_bytes_are_no_items_goes_whatever_option_would_keep_it()
    {
        DicomDataSet source = Instance("1.2.3.1").SetBytes(DicomTags.SourceImageSequence, Vr.UN, "SECRET"u8.ToArray()).SetBytes(DicomTags.InstitutionCodeSequence, Vr.UN, "SECRET"u8.ToArray());
        DicomDataSet result = Apply(source, RetainOptions.InstitutionIdentity | RetainOptions.Uids).DataSet!;
        Assert.False(result.Contains(DicomTags.SourceImageSequence));
        Assert.False(result.Contains(DicomTags.InstitutionCodeSequence));
    }

    [Fact]
    public void Text_in_fragments_goes()
    {
        DicomDataSet source = Instance("1.2.3.1").SetFragments(DicomTags.ManufacturerModelName, new DicomFragments(default, [new DicomFragment("SECRET"u8.ToArray())]));
        Assert.False(Apply(source).DataSet!.Contains(DicomTags.ManufacturerModelName));
    }

    [Fact]
    public void Of_what_was_left_where_it_came_from_only_bytes_stay()
    {
        BulkLocation place = new(100, 70_000);
        DicomDataSet source = Instance("1.2.3.1")
            .Set(new DicomElement(DicomTags.PixelData, Vr.UN, place))
            .Set(new DicomElement(DicomTags.ManufacturerModelName, Vr.OB, place))
            .Set(new DicomElement(DicomTags.SourceImageSequence, Vr.UN, place))
            .Set(new DicomElement(DicomTags.TextValue, Vr.UT, place))
            .Set(new DicomElement(DicomTags.EncapsulatedDocument, Vr.OB, place));
        DicomDataSet result = Apply(source, RetainOptions.Uids).DataSet!;
        Assert.Equal((Vr.OW, place), (result.Find(DicomTags.PixelData)!.Vr, result.Find(DicomTags.PixelData)!.Bulk));
        Assert.False(result.Contains(DicomTags.ManufacturerModelName));
        Assert.False(result.Contains(DicomTags.SourceImageSequence));
        Assert.False(result.Contains(DicomTags.TextValue));
        Assert.False(result.Find(DicomTags.EncapsulatedDocument)!.IsElsewhere);
    }

    [Theory]
    [InlineData(Vr.SH)]
    [InlineData(Vr.OB)]
    public void A_name_or_a_text_under_another_VR_is_treated_by_the_VR_of_the_dictionary(Vr vr)
    {
        DicomTag unlistedName = DicomTags.EvaluatorName;
        DicomTag unlistedText = DicomTags.ManufacturerModelName;
        Assert.Null(DeidentificationTable.Find(unlistedName));
        Assert.Null(DeidentificationTable.Find(unlistedText));
        DicomDataSet source = Instance("1.2.3.1").SetString(DicomTags.PatientName, "Doe^Jane");
        source.SetBytes(unlistedName, vr, "Stranger^Tom"u8.ToArray()).SetBytes(unlistedText, vr, "Jane was here"u8.ToArray());
        DicomDataSet result = Apply(source).DataSet!;
        Assert.Null(result.GetString(unlistedName));
        Assert.Equal("was here", result.GetString(unlistedText));
    }

    [Fact]
    public void Dates_of_birth_and_death_in_another_calendar_go_too()
    {
        DicomDataSet source = Instance("1.2.3.1")
            .SetString(DicomTags.PatientBirthDateInAlternativeCalendar, "1383/04/29")
            .SetString(DicomTags.PatientDeathDateInAlternativeCalendar, "1403/04/29")
            .SetString(DicomTags.BreedRegistrationNumber, "DK-4711");
        DicomDataSet result = Apply(source, RetainOptions.ModifiedDates | RetainOptions.PatientCharacteristics).DataSet!;
        Assert.False(result.Contains(DicomTags.PatientBirthDateInAlternativeCalendar));
        Assert.False(result.Contains(DicomTags.PatientDeathDateInAlternativeCalendar));
        Assert.False(result.Contains(DicomTags.BreedRegistrationNumber));
    }

    private static byte[] ItemsInImplicitVr(DicomElement sequence)
    {
        byte[] whole = DicomDataSetWriter.ToBytes(new DicomDataSet().Set(sequence), TransferSyntax.ImplicitVrLittleEndian);
        return whole[8..];
    }

    private static DeidentificationResult Apply(DicomDataSet source, RetainOptions retain = RetainOptions.None) =>
        new Deidentifier(new DeidentificationOptions { Secret = "a secret of the tests"u8.ToArray(), Retain = retain }).Apply(source);

    private static DicomDataSet Instance(string uid) => new DicomDataSet()
        .SetString(DicomTags.SOPClassUID, "1.2.840.10008.5.1.4.1.1.7")
        .SetString(DicomTags.SOPInstanceUID, uid)
        .SetString(DicomTags.StudyInstanceUID, "1.2.3")
        .SetString(DicomTags.SeriesInstanceUID, "1.2.3.0")
        .SetString(DicomTags.PatientName, "Doe^Jane")
        .SetString(DicomTags.PatientID, "JD-4711")
        .SetSequence(DicomTags.SourceImageSequence, new DicomDataSet().SetString(DicomTags.ReferencedSOPInstanceUID, "1.2.3.9"));
}
