using MedicalAi.Dicom;
using MedicalAi.Findings;

namespace MedicalAi.DicomReports.Tests;

public sealed class StructuredReportTests
{
    [Fact]
    public void A_segmentation_is_reported_by_TID_1500_with_a_group_of_TID_1411_for_each_segment()
    {
        List<DicomDataSet> headers = TestSources.Mr(2);
        StudyFindings findings = TestSources.SegmentedMr(headers);
        string algorithm = """
                  HAS CONCEPT MOD TEXT (111001 DCM Algorithm Name) = Brain tissue segmentation
                  HAS CONCEPT MOD TEXT (111003 DCM Algorithm Version) = 1.0.0
                  HAS CONCEPT MOD TEXT (111002 DCM Algorithm Parameters) = spacing=1mm
                  HAS CONCEPT MOD CODE (111000 DCM Algorithm Family) = (123110 DCM Artificial Intelligence)
                  HAS CONCEPT MOD TEXT (122405 DCM Algorithm Manufacturer) = The makers
            """;
        Assert.Equal(
            $"""
            ROOT CONTAINER (126000 DCM Imaging Measurement Report) TID 1500
              HAS CONCEPT MOD CODE (121049 DCM Language of Content Item and Descendants) = (en RFC5646 English)
              HAS OBS CONTEXT CODE (121005 DCM Observer Type) = (121007 DCM Device)
              HAS OBS CONTEXT UIDREF (121012 DCM Device Observer UID) = 2.25
              HAS OBS CONTEXT TEXT (121013 DCM Device Observer Name) = Brain tissue segmentation
              HAS OBS CONTEXT TEXT (121014 DCM Device Observer Manufacturer) = The makers
              HAS OBS CONTEXT TEXT (121015 DCM Device Observer Model Name) = brain-tissue
              HAS OBS CONTEXT TEXT (121016 DCM Device Observer Serial Number) = {new string('a', 64)}
              HAS CONCEPT MOD CODE (121058 DCM Procedure reported) = (25056-3 LN MRI unspecified body region)
              CONTAINS CONTAINER (111028 DCM Image Library) TID 1600
                CONTAINS CONTAINER (126200 DCM Image Library Group)
                  HAS ACQ CONTEXT CODE (121139 DCM Modality) = (MR DCM Magnetic Resonance)
                  HAS ACQ CONTEXT UIDREF (112227 DCM Frame of Reference UID) = 1.2.826.0.1.3680043.8.498.1.9
                  CONTAINS IMAGE  = 1.1.1
                  CONTAINS IMAGE  = 1.1.2
              CONTAINS CONTAINER (126010 DCM Imaging Measurements)
                CONTAINS CONTAINER (125007 DCM Measurement Group) TID 1411
                  HAS OBS CONTEXT TEXT (112039 DCM Tracking Identifier) = brain-tissue segment 1
                  HAS OBS CONTEXT UIDREF (112040 DCM Tracking Unique Identifier) = 2.25
                  CONTAINS CODE (276214006 SCT Finding category) = (85756007 SCT Tissue)
                  CONTAINS CODE (121071 DCM Finding) = (68523003 SCT Cerebral White Matter)
                  CONTAINS IMAGE (121191 DCM Referenced Segment) = 2.25 segment 1
                  CONTAINS UIDREF (121232 DCM Source series for segmentation) = 1.2.826.0.1.3680043.8.498.1.1
            {algorithm}
                  CONTAINS NUM (118565006 SCT Volume) = 518.54 (ml UCUM milliliter)
                CONTAINS CONTAINER (125007 DCM Measurement Group) TID 1411
                  HAS OBS CONTEXT TEXT (112039 DCM Tracking Identifier) = brain-tissue segment 2
                  HAS OBS CONTEXT UIDREF (112040 DCM Tracking Unique Identifier) = 2.25
                  CONTAINS CODE (276214006 SCT Finding category) = (85756007 SCT Tissue)
                  CONTAINS CODE (121071 DCM Finding) = (389081007 SCT Gray Matter)
                  CONTAINS IMAGE (121191 DCM Referenced Segment) = 2.25 segment 2
                  CONTAINS UIDREF (121232 DCM Source series for segmentation) = 1.2.826.0.1.3680043.8.498.1.1
                  HAS CONCEPT MOD CODE (363698007 SCT Finding Site) = (12738006 SCT Brain)
            {algorithm}
                  CONTAINS NUM (118565006 SCT Volume) = 0.33333333333333 (ml UCUM milliliter)
                    HAS CONCEPT MOD CODE (370129005 SCT Measurement Method) = (126030 DCM Sum of segmented voxel method for volume)
              CONTAINS TEXT (121106 DCM Comment) = Preliminary result of an artificial intelligence algorithm, not reviewed by a physician. Brain tissue segmentation 1.0.0, The makers.
            """,
            ContentTree.Write(StructuredReportBuilder.Build(findings, headers, ResultUids.Segmentation(findings))));
    }

    [Fact]
    public void A_classification_is_reported_with_probability_presence_and_source_image()
    {
        List<DicomDataSet> headers = TestSources.Dx();
        string tree = ContentTree.Write(StructuredReportBuilder.Build(TestSources.Classified(headers), headers, null));
        Assert.Contains("HAS CONCEPT MOD CODE (121058 DCM Procedure reported) = (43468-8 LN XR unspecified body region)", tree, StringComparison.Ordinal);
        Assert.Contains(
            """
                CONTAINS CONTAINER (125007 DCM Measurement Group) TID 1501
                  HAS OBS CONTEXT TEXT (112039 DCM Tracking Identifier) = pneumonia-cxr classification 1
                  HAS OBS CONTEXT UIDREF (112040 DCM Tracking Unique Identifier) = 2.25
                  CONTAINS CODE (121071 DCM Finding) = (233604007 SCT Pneumonia)
                  HAS CONCEPT MOD CODE (363698007 SCT Finding Site) = (39607008 SCT Lung)
                  HAS CONCEPT MOD TEXT (111001 DCM Algorithm Name) = Pneumonia likelihood
                  HAS CONCEPT MOD TEXT (111003 DCM Algorithm Version) = 1.0.0
                  HAS CONCEPT MOD TEXT (111002 DCM Algorithm Parameters) = threshold=0.4271
                  HAS CONCEPT MOD CODE (111000 DCM Algorithm Family) = (123110 DCM Artificial Intelligence)
                  HAS CONCEPT MOD TEXT (122405 DCM Algorithm Manufacturer) = The makers
                  CONTAINS IMAGE (260753009 SCT Source) = 1.2.1
                  CONTAINS NUM (122157 DCM Probability) = 87.6543 (% UCUM Percent)
                  CONTAINS CODE (233604007 SCT Pneumonia) = (52101004 SCT Present)
            """,
            tree,
            StringComparison.Ordinal);
        Assert.EndsWith("CONTAINS TEXT (121106 DCM Comment) = The image is outside the age range that the model was made for.", tree, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_not_found_is_absent_and_not_a_finding()
    {
        List<DicomDataSet> headers = TestSources.Dx();
        string tree = ContentTree.Write(StructuredReportBuilder.Build(TestSources.Classified(headers, 0.1), headers, null));
        Assert.Contains("CONTAINS CODE (233604007 SCT Pneumonia) = (272519000 SCT Absent)", tree, StringComparison.Ordinal);
        Assert.DoesNotContain("(121071 DCM Finding)", tree, StringComparison.Ordinal);
    }

    [Fact]
    public void Measurements_without_a_segmentation_object_stand_in_groups_of_TID_1501()
    {
        List<DicomDataSet> headers = TestSources.Mr();
        StudyFindings findings = TestSources.SegmentedMr(headers);
        string tree = ContentTree.Write(StructuredReportBuilder.Build(
            findings with { Measurements = [.. findings.Measurements, new Measurement { Quantity = TestSources.Volume, Value = 2, Unit = TestSources.Milliliter }] }, headers, null));
        Assert.DoesNotContain("Referenced Segment", tree, StringComparison.Ordinal);
        Assert.DoesNotContain("TID 1411", tree, StringComparison.Ordinal);
        Assert.Equal(3, tree.Split("TID 1501").Length - 1);
        Assert.Equal(3, tree.Split("(118565006 SCT Volume)").Length - 1);
    }

    [Fact]
    public void The_report_is_preliminary_complete_and_not_verified()
    {
        DicomDataSet report = Build();
        Assert.Equal("PRELIMINARY", report.GetString(DicomTags.PreliminaryFlag));
        Assert.Equal("COMPLETE", report.GetString(DicomTags.CompletionFlag));
        Assert.Equal("UNVERIFIED", report.GetString(DicomTags.VerificationFlag));
        Assert.Equal("AI Brain tissue segmentation 1.0.0 (preliminary)", report.GetString(DicomTags.SeriesDescription));
        Assert.True(report.Find(DicomTags.ReferencedPerformedProcedureStepSequence)!.IsEmpty);
    }

    [Fact]
    public void Every_instance_that_is_referred_to_is_in_the_evidence()
    {
        DicomDataSet report = Build();
        DicomDataSet study = Assert.Single(report.GetItems(DicomTags.CurrentRequestedProcedureEvidenceSequence));
        Assert.Equal(TestSources.Study, study.GetString(DicomTags.StudyInstanceUID));
        string[] evidence = [.. study.GetItems(DicomTags.ReferencedSeriesSequence).SelectMany(series => series.GetItems(DicomTags.ReferencedSOPSequence)).Select(i => i.GetString(DicomTags.ReferencedSOPInstanceUID)!)];
        Assert.Equal(evidence, evidence.Distinct());
        Assert.Equal([.. ContentTree.References(report).Distinct().Order()], evidence.Order());
        Assert.Equal(2, study.GetItems(DicomTags.ReferencedSeriesSequence).Count);
    }

    [Fact]
    public void Patient_and_study_are_those_of_the_source_in_UTF_8()
    {
        DicomDataSet report = DicomFile.Parse(DicomFile.ToBytes(Build(), TransferSyntax.ExplicitVrLittleEndian)).Value.DataSet;
        Assert.Equal("ISO_IR 192", report.GetString(DicomTags.SpecificCharacterSet));
        Assert.Equal("Müller^Jürgen", report.GetString(DicomTags.PatientName));
        Assert.Equal(("P-1", "HOSPITAL", "19560229", "M"), (report.GetString(DicomTags.PatientID), report.GetString(DicomTags.IssuerOfPatientID), report.GetString(DicomTags.PatientBirthDate), report.GetString(DicomTags.PatientSex)));
        Assert.Equal((TestSources.Study, "A-77", "Schädel", "Weiß^Ärztin"), (report.GetString(DicomTags.StudyInstanceUID), report.GetString(DicomTags.AccessionNumber), report.GetString(DicomTags.StudyDescription), report.GetString(DicomTags.ReferringPhysicianName)));
        Assert.Equal("A-77", Assert.Single(report.GetItems(DicomTags.ReferencedRequestSequence)).GetString(DicomTags.AccessionNumber));
        Assert.Equal("Größe 3", Assert.Single(report.GetItems(DicomTags.ContributingEquipmentSequence)).GetString(DicomTags.ManufacturerModelName));
    }

    [Fact]
    public void A_name_of_several_character_sets_is_kept()
    {
        List<DicomDataSet> headers = TestSources.Dx();
        headers[0].SetString(DicomTags.SpecificCharacterSet, "", "ISO 2022 IR 87");
        headers[0].SetBytes(DicomTags.PatientName, Vr.PN, "Yamada^Tarou=\e$B;3ED\e(B^\e$BB@O:\e(B"u8.ToArray());
        Assert.Equal("Yamada^Tarou=山田^太郎", StructuredReportBuilder.Build(TestSources.Classified(headers), headers, null).GetString(DicomTags.PatientName));
    }

    [Fact]
    public void The_procedure_is_that_of_the_study_where_it_is_coded()
    {
        List<DicomDataSet> headers = TestSources.Dx();
        headers[0].SetSequence(DicomTags.ProcedureCodeSequence, new DicomDataSet(headers[0])
            .SetString(DicomTags.CodeValue, "399208008").SetString(DicomTags.CodingSchemeDesignator, "SCT").SetString(DicomTags.CodeMeaning, "Thoraxröntgen"));
        DicomDataSet report = StructuredReportBuilder.Build(TestSources.Classified(headers), headers, null);
        Assert.Contains("(121058 DCM Procedure reported) = (399208008 SCT Thoraxröntgen)", ContentTree.Write(report), StringComparison.Ordinal);
        Assert.Equal("Thoraxröntgen", report.GetItems(DicomTags.ProcedureCodeSequence)[0].GetString(DicomTags.CodeMeaning));
    }

    [Fact]
    public void The_content_time_is_that_of_the_findings_in_the_time_zone_of_the_source()
    {
        DicomDataSet report = Build();
        Assert.Equal(("20260203", "141516.789000"), (report.GetString(DicomTags.ContentDate), report.GetString(DicomTags.ContentTime)));
        Assert.Equal("20260203141516.789000+0000", report.GetString(DicomTags.ObservationDateTime));
        List<DicomDataSet> headers = TestSources.Dx();
        headers[0].SetString(DicomTags.TimezoneOffsetFromUTC, "+1030");
        report = StructuredReportBuilder.Build(TestSources.Classified(headers), headers, null);
        Assert.Equal(("20260204", "004516.789000", "+1030"), (report.GetString(DicomTags.ContentDate), report.GetString(DicomTags.ContentTime), report.GetString(DicomTags.TimezoneOffsetFromUTC)));
    }

    [Fact]
    public void The_same_findings_give_the_same_bytes_also_when_they_were_saved()
    {
        List<DicomDataSet> headers = TestSources.Mr();
        StudyFindings findings = TestSources.SegmentedMr(headers);
        StudyFindings saved = StudyFindings.Parse(findings.Serialize()).Value;
        Assert.Equal(
            DicomFile.ToBytes(StructuredReportBuilder.Build(findings, headers, new DicomUid("1.2.3")), TransferSyntax.ExplicitVrLittleEndian),
            DicomFile.ToBytes(StructuredReportBuilder.Build(saved, TestSources.Mr(), new DicomUid("1.2.3")), TransferSyntax.ExplicitVrLittleEndian));
    }

    [Fact]
    public void Headers_of_other_instances_are_refused()
    {
        List<DicomDataSet> headers = TestSources.Mr();
        StudyFindings findings = TestSources.SegmentedMr(headers);
        Assert.Throws<ArgumentException>(() => StructuredReportBuilder.Build(findings, headers[1..], null));
        headers.Reverse();
        Assert.Throws<ArgumentException>(() => StructuredReportBuilder.Build(findings, headers, null));
    }

    [Fact]
    public void The_check_of_templates_finds_what_is_missing_out_of_place_and_unknown()
    {
        DicomDataSet report = Build();
        DicomDataSet[] content = [.. report.GetItems(DicomTags.ContentSequence)];
        Assert.Contains("1500: 0 of HAS CONCEPT MOD CODE (121049 DCM).", TemplateRules.FindFaults(Build().SetSequence(DicomTags.ContentSequence, content.AsSpan(1))));
        Assert.Contains("1500: HAS CONCEPT MOD CODE (121049 DCM) is out of order.", TemplateRules.FindFaults(Build().SetSequence(DicomTags.ContentSequence, [.. content[1..], content[0]])));
        content[0].SetString(DicomTags.RelationshipType, "CONTAINS");
        Assert.Contains("1500 has no row CONTAINS CODE (121049 DCM).", TemplateRules.FindFaults(Build().SetSequence(DicomTags.ContentSequence, content)));
    }

    [Theory]
    [InlineData("segmentation")]
    [InlineData("classification")]
    [InlineData("absent")]
    [InlineData("measurement")]
    [InlineData("bare")]
    [InlineData("multi-frame")]
    [InlineData("long")]
    public async Task The_templates_dicom3tools_and_dcmtk_find_no_fault_with_the_report(string kind)
    {
        using OutsideTools tools = new();
        List<DicomDataSet> headers = kind is "segmentation" or "measurement" ? TestSources.Mr() : kind == "multi-frame" ? TestSources.EnhancedMr() : TestSources.Dx();
        StudyFindings findings = kind switch
        {
            "segmentation" => TestSources.SegmentedMr(headers),
            "multi-frame" => TestSources.Segmented(headers, [TestSources.Source(headers[0], 1), TestSources.Source(headers[0], 3)]),
            "classification" => TestSources.Classified(headers),
            "absent" => TestSources.Classified(headers, 0),
            "measurement" => TestSources.Findings(headers) with { Measurements = [new Measurement { Quantity = TestSources.Volume, Value = -1e-12 / 3, Unit = TestSources.Milliliter, Site = new CodedConcept("12738006", "SCT", "Brain") }] },
            "long" => TestSources.Classified(headers) with { Model = TestSources.Model with { Name = new string('n', 64), AlgorithmName = new string('a', 64), Version = new string('v', 64) } },
            _ => TestSources.Findings(headers),
        };
        DicomDataSet report = StructuredReportBuilder.Build(findings, headers, findings.Segmentation is null ? null : ResultUids.Segmentation(findings));
        Assert.Empty(TemplateRules.FindFaults(report));
        string path = tools.Write("sr.dcm", report);
        Assert.Empty(await OutsideTools.FindFaultsAsync(path));
        foreach (string program in (string[])["dsrdump", "dsr2html", "dcsrdump"])
        {
            (int exitCode, string output) = await OutsideTools.RunAsync(program, path);
            Assert.True(exitCode == 0, $"{program}: {output}");
            Assert.Contains("Imaging Measurement Report", output, StringComparison.Ordinal);
        }
    }

    private static DicomDataSet Build()
    {
        List<DicomDataSet> headers = TestSources.Mr();
        StudyFindings findings = TestSources.SegmentedMr(headers);
        return StructuredReportBuilder.Build(findings, headers, ResultUids.Segmentation(findings));
    }
}
