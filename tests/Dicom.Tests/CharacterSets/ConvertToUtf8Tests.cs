using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests.CharacterSets;

public sealed class ConvertToUtf8Tests
{
    [Fact]
    public void Text_becomes_UTF_8_in_the_data_set_and_in_its_items()
    {
        DicomDataSet inherits = new DicomDataSet().SetBytes(DicomTags.CodeMeaning, Vr.LO, (byte[])[0xC4]);
        DicomDataSet own = new DicomDataSet().SetString(DicomTags.SpecificCharacterSet, "ISO_IR 144").SetBytes(DicomTags.CodeMeaning, Vr.LO, (byte[])[0xB6]);
        DicomDataSet dataSet = new DicomDataSet()
            .SetString(DicomTags.SpecificCharacterSet, "ISO 2022 IR 100", "ISO 2022 IR 87")
            .SetString(DicomTags.PatientName, "Müller^Jörg=山田^太郎")
            .SetString(DicomTags.Modality, "CT")
            .SetSequence(DicomTags.ProcedureCodeSequence, inherits, own);

        Assert.Equal(0, dataSet.ConvertToUtf8());

        Assert.Equal(["ISO_IR 192"], dataSet.GetStrings(DicomTags.SpecificCharacterSet));
        Assert.Equal("Müller^Jörg=山田^太郎"u8.ToArray(), dataSet.GetBytes(DicomTags.PatientName).ToArray());
        Assert.Equal("Ä"u8.ToArray(), inherits.GetBytes(DicomTags.CodeMeaning).ToArray());
        Assert.Equal("Ж"u8.ToArray(), own.GetBytes(DicomTags.CodeMeaning).ToArray());
        Assert.False(own.Contains(DicomTags.SpecificCharacterSet));
        Assert.Equal("Ж", own.GetString(DicomTags.CodeMeaning));
    }

    [Fact]
    public void An_item_alone_can_be_converted()
    {
        DicomDataSet item = new DicomDataSet().SetBytes(DicomTags.CodeMeaning, Vr.LO, (byte[])[0xC4]);
        DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.SpecificCharacterSet, "ISO_IR 100").SetSequence(DicomTags.ProcedureCodeSequence, item).SetBytes(DicomTags.PatientName, Vr.PN, (byte[])[0xC4]);
        item.ConvertToUtf8();
        Assert.Equal(("Ä", "Ä"), (item.GetString(DicomTags.CodeMeaning), dataSet.GetString(DicomTags.PatientName)));
    }

    [Fact]
    public void Text_that_came_as_UN_is_converted_where_its_VR_is_known()
    {
        DicomTag known = new(0x0019, 0x100F); // SH
        DicomDataSet dataSet = new DicomDataSet()
            .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 100")
            .SetBytes(DicomTags.PatientName, Vr.UN, (byte[])[0xC4])
            .SetString(new DicomTag(0x0019, 0x0010), Vr.LO, "SIEMENS MR HEADER")
            .SetBytes(known, Vr.UN, (byte[])[0xC4])
            .SetBytes(new DicomTag(0x0021, 0x1001), Vr.UN, (byte[])[0xC4]);
        dataSet.ConvertToUtf8();
        Assert.Equal(("Ä", "Ä"), (dataSet.GetString(DicomTags.PatientName), dataSet.GetString(known)));
        Assert.Equal<byte>([0xC4], dataSet.GetBytes(new DicomTag(0x0021, 0x1001)).ToArray());
    }

    [Fact]
    public void Bytes_that_are_no_characters_are_counted()
    {
        DicomDataSet dataSet = new DicomDataSet().SetString(DicomTags.SpecificCharacterSet, "ISO_IR 127").SetBytes(DicomTags.PatientName, Vr.PN, (byte[])[0xA1]).SetBytes(DicomTags.PatientID, Vr.LO, (byte[])[0xC7]);
        Assert.Equal(1, dataSet.ConvertToUtf8());
        Assert.Equal(("\uFFFD", "ا"), (dataSet.GetString(DicomTags.PatientName), dataSet.GetString(DicomTags.PatientID)));
    }

    [Fact]
    public void Text_that_is_not_in_memory_cannot_be_converted_and_nothing_is_changed()
    {
        DicomDataSet dataSet = new DicomDataSet()
            .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 100")
            .SetBytes(DicomTags.PatientName, Vr.PN, (byte[])[0xC4])
            .SetSequence(DicomTags.ProcedureCodeSequence, new DicomDataSet().Set(new DicomElement(DicomTags.TextValue, Vr.UT, new BulkLocation(0, 100_000))))
            .Set(new DicomElement(DicomTags.PixelData, Vr.OW, new BulkLocation(0, 100)));
        Assert.Throws<NotSupportedException>(() => dataSet.ConvertToUtf8());
        Assert.Equal("Ä", dataSet.GetString(DicomTags.PatientName));
        dataSet.Remove(DicomTags.ProcedureCodeSequence);
        Assert.Equal(0, dataSet.ConvertToUtf8());
    }

    /// <summary>JSON is UTF-8 always, and made of the original as of the converted data set.</summary>
    [Fact]
    public void The_text_of_every_file_stays_the_same()
    {
        foreach (TestFile file in TestData.DicomFiles)
        {
            if (DicomFile.Parse(File.ReadAllBytes(file.FullPath)) is { Ok: true } read)
            {
                DicomDataSet dataSet = read.Value.DataSet;
                dataSet.SetString(DicomTags.PatientComments, "ASCII"); // so that there is something, and the character set is told in both
                string before = Text(dataSet);
                dataSet.ConvertToUtf8();
                Assert.Equal(before, Text(dataSet));
            }
        }

        static string Text(DicomDataSet dataSet) => string.Concat(Lines(dataSet));

        static IEnumerable<string> Lines(DicomDataSet dataSet) => dataSet
            .Where(element => element.Tag != DicomTags.SpecificCharacterSet)
            .SelectMany(element => element.Items is { } items ? items.SelectMany(Lines) : element.Vr.UsesCharacterSet() ? [$"{element.Tag} {string.Join('\\', dataSet.GetStrings(element.Tag))}\n"] : []);
    }
}
