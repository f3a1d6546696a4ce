using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MedicalAi.Dicom.Tests.Differential;
using MedicalAi.Testing;

namespace MedicalAi.Dicom.Tests;

public sealed class DeidentifierTests
{
    private static readonly byte[] s_secret = "a secret of the tests"u8.ToArray();

    [Fact]
    public void What_belongs_together_stays_together_and_another_secret_gives_other_values()
    {
        DicomDataSet first = Apply(Instance("1.2.3.1"), RetainOptions.ModifiedDates).DataSet!;
        DicomDataSet second = Apply(Instance("1.2.3.2"), RetainOptions.ModifiedDates).DataSet!;
        Assert.Equal(first.GetString(DicomTags.StudyInstanceUID), second.GetString(DicomTags.StudyInstanceUID));
        Assert.NotEqual(first.GetString(DicomTags.SOPInstanceUID), second.GetString(DicomTags.SOPInstanceUID));
        Assert.Equal(first.GetString(DicomTags.PatientID), second.GetString(DicomTags.PatientID));
        Assert.Equal(first.GetString(DicomTags.StudyDate), second.GetString(DicomTags.StudyDate));

        // A reference leads where it led.
        Assert.Equal(
            Apply(Instance("1.2.3.9")).DataSet!.GetString(DicomTags.SOPInstanceUID),
            first.GetItems(DicomTags.SourceImageSequence)[0].GetString(DicomTags.ReferencedSOPInstanceUID));

        DicomDataSet other = new Deidentifier(new DeidentificationOptions { Secret = "another secret of them"u8.ToArray() }).Apply(Instance("1.2.3.1")).DataSet!;
        Assert.NotEqual(first.GetString(DicomTags.StudyInstanceUID), other.GetString(DicomTags.StudyInstanceUID));
        Assert.NotEqual(first.GetString(DicomTags.PatientID), other.GetString(DicomTags.PatientID));
    }

    [Fact]
    public void New_UIDs_are_UUIDs_under_2_25_and_those_of_the_standard_stay()
    {
        DicomDataSet source = Instance("1.2.3.1").SetString(DicomTags.FrameOfReferenceUID, "1.2.840.10008.1.4.1.1");
        DicomDataSet result = Apply(source).DataSet!;
        Assert.Matches(@"^2\.25\.[1-9][0-9]{0,38}$", result.GetString(DicomTags.SOPInstanceUID));
        Assert.Equal("1.2.840.10008.1.4.1.1", result.GetString(DicomTags.FrameOfReferenceUID));
        Assert.Equal(source.GetString(DicomTags.SOPClassUID), result.GetString(DicomTags.SOPClassUID));
    }

    [Fact]
    public void Dates_are_shifted_by_the_same_days_for_a_patient_and_others_for_another()
    {
        DicomDataSet source = Instance("1.2.3.1")
            .SetString(DicomTags.SeriesDate, "20040801")
            .SetString(DicomTags.AcquisitionDateTime, "20040719081530.5+0100")
            .SetString(DicomTags.FrameAcquisitionDateTime, "2004");
        DicomDataSet result = Apply(source, RetainOptions.ModifiedDates).DataSet!;
        int days = result.GetDate(DicomTags.StudyDate)!.Value.DayNumber - source.GetDate(DicomTags.StudyDate)!.Value.DayNumber;
        Assert.InRange(days, -3650, -365);
        Assert.Equal(source.GetDate(DicomTags.SeriesDate)!.Value.AddDays(days), result.GetDate(DicomTags.SeriesDate));
        Assert.Equal(DicomDate.Format(source.GetDate(DicomTags.StudyDate)!.Value.AddDays(days)) + "081530.5+0100", result.GetString(DicomTags.AcquisitionDateTime));
        Assert.Equal(4, result.GetString(DicomTags.FrameAcquisitionDateTime)!.Length);
        Assert.Equal("081530", result.GetString(DicomTags.StudyTime));
        Assert.Equal("MODIFIED", result.GetString(DicomTags.LongitudinalTemporalInformationModified));

        DicomDataSet other = Apply(Instance("1.2.3.1").SetString(DicomTags.PatientID, "SOMEBODY-ELSE"), RetainOptions.ModifiedDates).DataSet!;
        Assert.NotEqual(result.GetString(DicomTags.StudyDate), other.GetString(DicomTags.StudyDate));
    }

    [Fact]
    public void A_date_that_is_not_understood_is_not_let_pass()
    {
        DicomDataSet result = Apply(Instance("1.2.3.1").SetString(DicomTags.StudyDate, "19 July").SetString(DicomTags.SeriesDate, "00010101"), RetainOptions.ModifiedDates).DataSet!;
        Assert.True(result.Find(DicomTags.StudyDate)!.IsEmpty);
        Assert.NotEqual("00010101", result.GetString(DicomTags.SeriesDate));
    }

    [Fact]
    public void It_is_said_that_and_how_it_was_done()
    {
        DicomDataSet result = Apply(Instance("1.2.3.1"), RetainOptions.Uids | RetainOptions.FullDates).DataSet!;
        Assert.Equal("YES", result.GetString(DicomTags.PatientIdentityRemoved));
        Assert.NotNull(result.GetString(DicomTags.DeidentificationMethod));
        Assert.Equal(["113100", "113106", "113110"], result.GetItems(DicomTags.DeidentificationMethodCodeSequence).Select(item => item.GetString(DicomTags.CodeValue)));
        Assert.Equal("UNMODIFIED", result.GetString(DicomTags.LongitudinalTemporalInformationModified));
    }

    [Fact]
    public void Text_burned_into_the_pixels_is_a_reason_to_refuse()
    {
        DeidentificationResult result = Apply(Instance("1.2.3.1").SetString(DicomTags.BurnedInAnnotation, "YES"));
        Assert.Null(result.DataSet);
        Assert.Contains("Burned In Annotation", Assert.Single(result.Report.Warnings), StringComparison.Ordinal);
        Assert.Empty(Apply(Instance("1.2.3.1").SetString(DicomTags.BurnedInAnnotation, "NO")).Report.Warnings);
        DicomDataSet silent = Instance("1.2.3.1").SetBytes(DicomTags.PixelData, Vr.OW, new byte[2]);
        Assert.Single(Apply(silent).Report.Warnings);
    }

    [Fact]
    public void Private_elements_stay_only_when_they_are_known_to_be_safe_and_that_is_wanted()
    {
        DicomTag creator = new(0x0019, 0x0010);
        DicomTag safe = new(0x0019, 0x100C);
        DicomTag unknown = new(0x0019, 0x1099);
        DicomDataSet source = Instance("1.2.3.1").SetString(creator, Vr.LO, "SIEMENS MR HEADER").SetString(safe, Vr.IS, "1000").SetString(unknown, Vr.LO, "SECRET");
        Assert.DoesNotContain(Apply(source).DataSet!, element => element.Tag.IsPrivate);
        DicomDataSet kept = Apply(source, RetainOptions.SafePrivate).DataSet!;
        Assert.Equal([creator, safe], kept.Where(element => element.Tag.IsPrivate).Select(element => element.Tag));

        // The same tag of another creator is another attribute.
        source.SetString(creator, Vr.LO, "SOMEBODY");
        Assert.DoesNotContain(Apply(source, RetainOptions.SafePrivate).DataSet!, element => element.Tag.IsPrivate);
    }

    [Fact]
    public void Names_dates_and_elements_that_the_table_does_not_list_do_not_slip_through()
    {
        DicomTag unknown = new(0x0008, 0xFFF0);
        DicomDataSet source = Instance("1.2.3.1")
            .SetString(unknown, Vr.LO, "SECRET")
            .SetBytes(new DicomTag(0x6000, 0x0022), Vr.LO, "SECRET"u8.ToArray())
            .SetBytes(new DicomTag(0xFFFC, 0xFFFC), Vr.OB, "SECRET"u8.ToArray());
        DeidentificationResult result = Apply(source);
        Assert.DoesNotContain("SECRET", Encoding.Latin1.GetString(DicomFile.ToBytes(result.DataSet!, TransferSyntax.ExplicitVrLittleEndian)), StringComparison.Ordinal);
        Assert.Equal(DeidentificationChange.Removed, result.Report.Changes[unknown]);
    }

    [Theory]
    [InlineData("CT Thorax w/ contrast, 5mm", "CT Thorax w/ contrast, 5mm")]
    [InlineData("MR brain of Mrs. Doe, 12.03.1965, tel. 0711-555123", "MR brain of")]
    [InlineData("Schädel 3.0T", "3.0T")]
    [InlineData("referred by Dr Kowalczyk: chest pain", "referred by chest pain")]
    [InlineData("JD-4711", "")]
    [InlineData("Dr Brown: MR, Prof. Green", "MR")]
    [InlineData("T2w TSE sag (head)", "T2w TSE sag (head)")]
    [InlineData("jane", "")]
    public void Of_a_descriptor_the_words_of_medicine_stay(string text, string clean)
    {
        DicomDataSet source = Instance("1.2.3.1").SetString(DicomTags.SeriesDescription, text);
        Assert.False(Apply(source).DataSet!.Contains(DicomTags.SeriesDescription));
        DicomDataSet result = Apply(source, RetainOptions.CleanDescriptors).DataSet!;
        Assert.Equal(clean.Length > 0 ? clean : null, result.GetString(DicomTags.SeriesDescription));
        Assert.Contains("113105", result.GetItems(DicomTags.DeidentificationMethodCodeSequence).Select(item => item.GetString(DicomTags.CodeValue)));
    }

    [Fact]
    public void Codes_stay_with_clean_descriptors_and_what_a_private_one_means_is_cleaned()
    {
        DicomDataSet Code(string value, string scheme, string meaning) =>
            new DicomDataSet().SetString(DicomTags.CodeValue, value).SetString(DicomTags.CodingSchemeDesignator, scheme).SetString(DicomTags.CodeMeaning, meaning);
        DicomDataSet source = Instance("1.2.3.1").SetSequence(
            DicomTags.ReasonForRequestedProcedureCodeSequence, Code("233604007", "SCT", "Pneumonia"), Code("7", "99LOCAL", "Pneumonia of Mr Kowalczyk"));
        Assert.False(Apply(source).DataSet!.Contains(DicomTags.ReasonForRequestedProcedureCodeSequence));
        Assert.Equal(
            ["Pneumonia", "Pneumonia of"],
            Apply(source, RetainOptions.CleanDescriptors).DataSet!.GetItems(DicomTags.ReasonForRequestedProcedureCodeSequence).Select(item => item.GetString(DicomTags.CodeMeaning)));
    }

    [Fact]
    public void Text_that_the_table_does_not_name_is_searched_for_those_concerned()
    {
        DicomDataSet source = Instance("1.2.3.1111111")
            .SetString(DicomTags.SpecificCharacterSet, "ISO_IR 100")
            .SetString(DicomTags.PatientName, "Müller-Doe^Jane")
            .SetString(DicomTags.PatientBirthDate, "19650312")
            .SetString(DicomTags.Manufacturer, "ACME for MUELLER, jane; Muller")
            .SetString(DicomTags.ManufacturerModelName, "X JD-4711 of 12.03.1965")
            .SetString(DicomTags.SoftwareVersions, "1.2", "for 1.2.3.1111111")
            .SetString(DicomTags.PositionReferenceIndicator, "Jane");
        source.SetSequence(DicomTags.ProcedureCodeSequence, new DicomDataSet().SetString(DicomTags.CodeValue, "1").SetString(DicomTags.CodingSchemeDesignator, "JANE").SetString(DicomTags.CodeMeaning, "Jane's"));
        DicomDataSet result = Apply(source).DataSet!;
        Assert.Equal("ACME for , ;", result.GetString(DicomTags.Manufacturer));
        Assert.Equal("X  of", result.GetString(DicomTags.ManufacturerModelName));
        Assert.Equal(["1.2", "for"], result.GetStrings(DicomTags.SoftwareVersions));

        // What must have a value keeps one.
        Assert.Equal(DummyValues.Text, result.GetString(DicomTags.PositionReferenceIndicator));
        DicomDataSet code = Assert.Single(result.GetItems(DicomTags.ProcedureCodeSequence));
        Assert.Equal(("JANE", "'s"), (code.GetString(DicomTags.CodingSchemeDesignator), code.GetString(DicomTags.CodeMeaning)));
    }

    [Fact]
    public void A_long_text_that_is_full_of_identifiers_is_searched_soon()
    {
        DicomDataSet source = Instance("1.2.3.1").SetString(DicomTags.TextValue, string.Concat(Enumerable.Repeat("xJD-4711 Jane ", 500_000)));
        long begin = System.Diagnostics.Stopwatch.GetTimestamp();
        Assert.DoesNotMatch("JD-4711|Jane", Apply(source).DataSet!.GetString(DicomTags.TextValue)!);
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(begin), TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Text_that_is_not_of_its_character_set_is_searched_too()
    {
        DicomDataSet source = Instance("1.2.3.1")
            .SetString(DicomTags.SpecificCharacterSet, "ISO 2022 IR 6", "ISO 2022 IR 87")
            .SetBytes(DicomTags.Manufacturer, Vr.LO, "ACME \xFF\xFE for Jane"u8.ToArray());
        Assert.Matches("^ACME .* for$", Apply(source).DataSet!.GetString(DicomTags.Manufacturer));
    }

    [Fact]
    public void Of_a_report_the_findings_stay_and_who_is_concerned_does_not()
    {
        DicomDataSet Item(string relationship, string type, string code) => new DicomDataSet()
            .SetString(DicomTags.RelationshipType, relationship)
            .SetString(DicomTags.ValueType, type)
            .SetSequence(DicomTags.ConceptNameCodeSequence, new DicomDataSet().SetString(DicomTags.CodeValue, code).SetString(DicomTags.CodingSchemeDesignator, "DCM").SetString(DicomTags.CodeMeaning, "Concept"));
        DicomDataSet source = Instance("1.2.3.1");
        source.SetSequence(
            DicomTags.ContentSequence,
            Item("HAS OBS CONTEXT", "PNAME", "121008").SetString(DicomTags.PersonName, "House^Gregory"),
            Item("HAS OBS CONTEXT", "TEXT", "121030").SetString(DicomTags.TextValue, "JD-4711"),
            Item("CONTAINS", "TEXT", "121071").SetString(DicomTags.TextValue, "Mrs Doe has a nodule of 5 mm in the left upper lobe; call House"),
            Item("CONTAINS", "TEXT", "121106").SetString(DicomTags.TextValue, "Kowalczyk"),
            Item("CONTAINS", "DATE", "121072").SetString(DicomTags.Date, "20040719"),
            Item("CONTAINS", "CONTAINER", "121070").SetSequence(DicomTags.ContentSequence, Item("CONTAINS", "UIDREF", "121018").SetString(DicomTags.UID, "1.2.3")));
        Assert.Equal(DummyValues.Text, Apply(source).DataSet!.GetItems(DicomTags.ContentSequence)[0].GetString(DicomTags.PersonName));

        DicomDataSet result = Apply(source, RetainOptions.CleanStructuredContent | RetainOptions.ModifiedDates).DataSet!;
        IReadOnlyList<DicomDataSet> items = result.GetItems(DicomTags.ContentSequence);
        Assert.Equal(4, items.Count);
        Assert.Equal("has a nodule of 5 mm in the left upper lobe; call", items[0].GetString(DicomTags.TextValue));
        Assert.Equal(DummyValues.Text, items[1].GetString(DicomTags.TextValue));
        Assert.Equal(result.GetDate(DicomTags.StudyDate), items[2].GetDate(DicomTags.Date));
        Assert.Equal(result.GetString(DicomTags.StudyInstanceUID), items[3].GetItems(DicomTags.ContentSequence)[0].GetString(DicomTags.UID));
        Assert.Contains("113104", result.GetItems(DicomTags.DeidentificationMethodCodeSequence).Select(item => item.GetString(DicomTags.CodeValue)));
    }

    [Fact]
    public void Of_graphics_the_forms_stay_and_text_is_cleaned()
    {
        DicomDataSet text = new DicomDataSet().SetString(DicomTags.UnformattedTextValue, "tumor of Doe").SetString(DicomTags.AnchorPointVisibility, "Y");
        DicomDataSet form = new DicomDataSet().SetString(DicomTags.GraphicType, "POLYLINE").SetDouble(DicomTags.GraphicData, 1, 2, 3, 4);
        DicomDataSet source = Instance("1.2.3.1").SetSequence(
            DicomTags.GraphicAnnotationSequence,
            new DicomDataSet().SetString(DicomTags.GraphicLayer, "LAYER1").SetSequence(DicomTags.TextObjectSequence, text).SetSequence(DicomTags.GraphicObjectSequence, form));
        source.SetBytes(new DicomTag(0x6000, 0x3000), Vr.OW, new byte[2]);

        DicomDataSet result = Apply(source, RetainOptions.CleanGraphics).DataSet!;
        DicomDataSet annotation = Assert.Single(result.GetItems(DicomTags.GraphicAnnotationSequence));
        Assert.Equal("tumor of", annotation.GetItems(DicomTags.TextObjectSequence)[0].GetString(DicomTags.UnformattedTextValue));
        Assert.Equal([1, 2, 3, 4], annotation.GetItems(DicomTags.GraphicObjectSequence)[0].GetDoubles(DicomTags.GraphicData));
        Assert.False(result.Contains(new DicomTag(0x6000, 0x3000)));
    }

    [Fact]
    public void AE_titles_of_retained_devices_are_pseudonyms_and_a_URI_to_what_was_there_goes()
    {
        DicomDataSet source = Instance("1.2.3.1").SetString(DicomTags.StationAETitle, "CT_ROOM_4").Set(new DicomElement(DicomTags.PixelData, Vr.OW, "http://pacs/1.2.3.1"));
        DicomDataSet result = Apply(source, RetainOptions.DeviceIdentity).DataSet!;
        Assert.Matches("^AE[0-9A-F]{12}$", result.GetString(DicomTags.StationAETitle));
        Assert.False(result.Contains(DicomTags.PixelData));
    }

    [Fact]
    public void The_source_stays_as_it_is()
    {
        DicomDataSet source = Instance("1.2.3.1");
        byte[] before = DicomFile.ToBytes(source, TransferSyntax.ExplicitVrLittleEndian);
        _ = Apply(source, RetainOptions.ModifiedDates);
        Assert.Equal(before, DicomFile.ToBytes(source, TransferSyntax.ExplicitVrLittleEndian));
    }

    [Fact]
    public void Short_secrets_and_two_ways_with_dates_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Deidentifier(new DeidentificationOptions { Secret = new byte[15] }));
        Assert.Throws<ArgumentException>(() => new Deidentifier(new DeidentificationOptions { Secret = s_secret, Retain = RetainOptions.FullDates | RetainOptions.ModifiedDates }));
    }

    [Theory]
    [InlineData(RetainOptions.None)]
    [InlineData(RetainOptions.ModifiedDates | RetainOptions.DeviceIdentity | RetainOptions.InstitutionIdentity | RetainOptions.PatientCharacteristics | RetainOptions.SafePrivate)]
    [InlineData(RetainOptions.CleanDescriptors | RetainOptions.CleanGraphics | RetainOptions.CleanStructuredContent)]
    [InlineData(RetainOptions.Uids | RetainOptions.FullDates | RetainOptions.CleanDescriptors | RetainOptions.CleanStructuredContent)]
    public async Task Of_the_files_of_the_tests_no_identity_is_left_as_pydicom_reads_them(RetainOptions retain)
    {
        using TempFolder folder = new();
        Dictionary<string, HashSet<string>> identities = [];
        foreach (TestFile file in TestData.DicomFiles.Where(file => file.IsReadByPydicom))
        {
            ParseResult<DicomFile> read = DicomFile.Parse(File.ReadAllBytes(file.FullPath));
            if (!read.Ok || read.Value.DataSet.GetUid(DicomTags.SOPClassUID) is null || read.Value.DataSet.GetUid(DicomTags.SOPInstanceUID) is null
                || Apply(read.Value.DataSet, retain).DataSet is not { } result)
            {
                continue;
            }

            HashSet<string> identity = [];
            Collect(read.Value.DataSet, identity, retain);
            string path = folder.File(identities.Count.ToString("D4", CultureInfo.InvariantCulture));
            identities[path] = identity;
            await File.WriteAllBytesAsync(path, DicomFile.ToBytes(result, read.Value.TransferSyntax), TestContext.Current.CancellationToken);

            // All bytes but those of pixels, in which short texts stand by chance; and what the table lets stay, and codes of the standard, can be the same as an identifier.
            result.Remove(DicomTags.PixelData);
            string options = string.Concat(result.GetItems(DicomTags.DeidentificationMethodCodeSequence).Select(item => item.GetString(DicomTags.CodeMeaning)));
            result.Remove(DicomTags.DeidentificationMethodCodeSequence);
            identity.RemoveWhere(value => value.Distinct().Count() == 1 || options.Contains(value, StringComparison.OrdinalIgnoreCase) || IsKept(result, value, retain));
            string header = Encoding.Latin1.GetString(DicomFile.ToBytes(result, TransferSyntax.ExplicitVrLittleEndian));
            Assert.All(identity, value => Assert.False(header.Contains(value, StringComparison.OrdinalIgnoreCase), $"{file.Name}: {value}"));
        }

        Assert.True(identities.Count > 150, $"{identities.Count} files");
        ToolResult told = await ExternalTool.RunAsync(
            "/usr/bin/python3", [Path.Combine(TestData.Root, "tests", "tools", "pydicom_texts.py"), .. identities.Keys], TestContext.Current.CancellationToken);
        Assert.True(told.ExitCode == 0, told.ToString());
        string[] files = told.Output.Split("# ", StringSplitOptions.RemoveEmptyEntries).Where(part => part.StartsWith(folder.Path, StringComparison.Ordinal)).ToArray();
        Assert.Equal(identities.Count, files.Length);
        foreach (string text in files)
        {
            string[] head = text[..text.IndexOf('\n', StringComparison.Ordinal)].Split(' ');
            Assert.Equal("YES", head[1]);
            Assert.All(identities[head[0]], value => Assert.False(text.Contains(value, StringComparison.Ordinal), $"{text}: {value}"));
        }
    }

    /// <summary>What dciodvfy says of an instance after it was de-identified, it said before, but for what the profile itself asks for.</summary>
    [Theory]
    [InlineData(RetainOptions.None)]
    [InlineData(RetainOptions.CleanDescriptors | RetainOptions.CleanGraphics | RetainOptions.CleanStructuredContent | RetainOptions.ModifiedDates)]
    public async Task Dciodvfy_finds_nothing_that_was_not_wrong_before(RetainOptions retain)
    {
        using TempFolder folder = new();
        ConcurrentBag<string> worse = [];
        int compared = 0;
        await Parallel.ForEachAsync(TestData.DicomFiles.Where(file => file.Length < 200 * 1024), TestContext.Current.CancellationToken, async (file, cancellationToken) =>
        {
            if (DicomFile.Parse(await File.ReadAllBytesAsync(file.FullPath, cancellationToken)) is not { Ok: true } read
                || read.Value.DataSet.GetUid(DicomTags.SOPClassUID) is null || read.Value.DataSet.GetUid(DicomTags.SOPInstanceUID) is null
                || Apply(read.Value.DataSet, retain).DataSet is not { } result)
            {
                return;
            }

            HashSet<string> before = await ErrorsAsync(file.Name.Replace('/', '_') + "_before", read.Value.DataSet);
            HashSet<string> after = await ErrorsAsync(file.Name.Replace('/', '_') + "_after", result);
            Interlocked.Increment(ref compared);
            foreach (string error in after.Except(before).Where(error => !error.Contains("ReferencedRTPlanSequence", StringComparison.Ordinal))) // X in the table.
            {
                worse.Add($"{file.Name}: {error}");
            }

            async Task<HashSet<string>> ErrorsAsync(string name, DicomDataSet dataSet)
            {
                await File.WriteAllBytesAsync(folder.File(name), Copies.File(Copies.For(TransferSyntax.ExplicitVrLittleEndian, dataSet), TransferSyntax.ExplicitVrLittleEndian), cancellationToken);
                ToolResult judged = await ExternalTool.RunAsync("dciodvfy", ["-new", folder.File(name)], cancellationToken);
                return [.. (judged.Output + judged.Error).Split('\n').Where(line => line.StartsWith("Error", StringComparison.Ordinal))
                    .Select(line => Regex.Replace(line, @"\[\d+\]|= <[^>]*>.*", ""))];
            }
        });

        Assert.True(compared > 100, $"{compared} files");
        Assert.True(worse.IsEmpty, string.Join('\n', worse.Order(StringComparer.Ordinal)));
    }

    private static bool IsKept(DicomDataSet result, string value, RetainOptions retain) => result.Any(element => element.Items is { } items
        ? items.Any(item => IsKept(item, value, retain))
        : (element.Vr == Vr.CS || (DeidentificationTable.Find(element.Tag) is { } row && row.Options.Any(option => option.Value == 'K' && retain.HasFlag(option.Key))))
            && result.GetStrings(element.Tag).Any(text => text.Contains(value, StringComparison.OrdinalIgnoreCase)));

    // Names and the parts of them, identifiers, dates and UIDs that are long enough not to stand somewhere by chance, without the date that says nothing.
    private static void Collect(DicomDataSet source, HashSet<string> identity, RetainOptions retain)
    {
        foreach (DicomElement element in source)
        {
            foreach (DicomDataSet item in element.Items ?? [])
            {
                Collect(item, identity, retain);
            }

            bool isUid = element.Vr == Vr.UI && !retain.HasFlag(RetainOptions.Uids) && DeidentificationTable.Find(element.Tag) is { Action: "U" };
            bool isDate = element.Vr == Vr.DA && (!retain.HasFlag(RetainOptions.FullDates) || element.Tag == DicomTags.PatientBirthDate);
            bool isIdentifier = element.Tag == DicomTags.PatientID || element.Tag == DicomTags.OtherPatientIDs || element.Tag == DicomTags.AccessionNumber;
            if (isUid || isDate || isIdentifier || element.Vr == Vr.PN)
            {
                identity.UnionWith(source.GetStrings(element.Tag).Where(value => value.Length >= 6 && value != "19000101" && !value.StartsWith("1.2.840.10008.", StringComparison.Ordinal)));
            }

            if (element.Vr == Vr.PN)
            {
                identity.UnionWith(source.GetStrings(element.Tag).SelectMany(name => name.Split('^', '=', ' ', ',')).Where(part => part.Length >= 6 && part.All(char.IsAsciiLetter)));
            }
        }
    }

    private static DeidentificationResult Apply(DicomDataSet source, RetainOptions retain = RetainOptions.None) =>
        new Deidentifier(new DeidentificationOptions { Secret = s_secret, Retain = retain }).Apply(source);

    private static DicomDataSet Instance(string uid) => new DicomDataSet()
        .SetString(DicomTags.SOPClassUID, "1.2.840.10008.5.1.4.1.1.7")
        .SetString(DicomTags.SOPInstanceUID, uid)
        .SetString(DicomTags.StudyInstanceUID, "1.2.3")
        .SetString(DicomTags.SeriesInstanceUID, "1.2.3.0")
        .SetString(DicomTags.StudyDate, "20040719")
        .SetString(DicomTags.StudyTime, "081530")
        .SetString(DicomTags.PatientName, "Doe^Jane")
        .SetString(DicomTags.PatientID, "JD-4711")
        .SetSequence(DicomTags.SourceImageSequence, new DicomDataSet().SetString(DicomTags.ReferencedSOPInstanceUID, "1.2.3.9"));
}
