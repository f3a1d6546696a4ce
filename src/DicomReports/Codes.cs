using MedicalAi.Findings;

namespace MedicalAi.DicomReports;

/// <summary>The codes of PS3.16 that reports are made of.</summary>
internal static class Codes
{
    public static readonly CodedConcept ImagingMeasurementReport = new("126000", "DCM", "Imaging Measurement Report");
    public static readonly CodedConcept Language = new("121049", "DCM", "Language of Content Item and Descendants");
    public static readonly CodedConcept English = new("en", "RFC5646", "English");
    public static readonly CodedConcept ObserverType = new("121005", "DCM", "Observer Type");
    public static readonly CodedConcept Device = new("121007", "DCM", "Device");
    public static readonly CodedConcept DeviceObserverUid = new("121012", "DCM", "Device Observer UID");
    public static readonly CodedConcept DeviceObserverName = new("121013", "DCM", "Device Observer Name");
    public static readonly CodedConcept DeviceObserverManufacturer = new("121014", "DCM", "Device Observer Manufacturer");
    public static readonly CodedConcept DeviceObserverModelName = new("121015", "DCM", "Device Observer Model Name");
    public static readonly CodedConcept DeviceObserverSerialNumber = new("121016", "DCM", "Device Observer Serial Number");
    public static readonly CodedConcept ProcedureReported = new("121058", "DCM", "Procedure reported");
    public static readonly CodedConcept ImagingProcedure = new("363679005", "SCT", "Imaging procedure");
    public static readonly CodedConcept ImageLibrary = new("111028", "DCM", "Image Library");
    public static readonly CodedConcept ImageLibraryGroup = new("126200", "DCM", "Image Library Group");
    public static readonly CodedConcept Modality = new("121139", "DCM", "Modality");
    public static readonly CodedConcept FrameOfReferenceUid = new("112227", "DCM", "Frame of Reference UID");
    public static readonly CodedConcept ImagingMeasurements = new("126010", "DCM", "Imaging Measurements");
    public static readonly CodedConcept MeasurementGroup = new("125007", "DCM", "Measurement Group");
    public static readonly CodedConcept TrackingIdentifier = new("112039", "DCM", "Tracking Identifier");
    public static readonly CodedConcept TrackingUniqueIdentifier = new("112040", "DCM", "Tracking Unique Identifier");
    public static readonly CodedConcept FindingCategory = new("276214006", "SCT", "Finding category");
    public static readonly CodedConcept Finding = new("121071", "DCM", "Finding");
    public static readonly CodedConcept FindingSite = new("363698007", "SCT", "Finding Site");
    public static readonly CodedConcept MeasurementMethod = new("370129005", "SCT", "Measurement Method");
    public static readonly CodedConcept AlgorithmName = new("111001", "DCM", "Algorithm Name");
    public static readonly CodedConcept AlgorithmVersion = new("111003", "DCM", "Algorithm Version");
    public static readonly CodedConcept AlgorithmParameters = new("111002", "DCM", "Algorithm Parameters");
    public static readonly CodedConcept AlgorithmManufacturer = new("122405", "DCM", "Algorithm Manufacturer");
    public static readonly CodedConcept AlgorithmFamily = new("111000", "DCM", "Algorithm Family");
    public static readonly CodedConcept Probability = new("122157", "DCM", "Probability");
    public static readonly CodedConcept Percent = new("%", "UCUM", "Percent");
    public static readonly CodedConcept Present = new("52101004", "SCT", "Present");
    public static readonly CodedConcept Absent = new("272519000", "SCT", "Absent");
    public static readonly CodedConcept Source = new("260753009", "SCT", "Source");
    public static readonly CodedConcept ReferencedSegment = new("121191", "DCM", "Referenced Segment");
    public static readonly CodedConcept SourceSeriesForSegmentation = new("121232", "DCM", "Source series for segmentation");
    public static readonly CodedConcept Comment = new("121106", "DCM", "Comment");
    public static readonly CodedConcept AcquisitionEquipment = new("109101", "DCM", "Acquisition Equipment");
    public static readonly CodedConcept Segmentation = new("113076", "DCM", "Segmentation");
    public static readonly CodedConcept SourceImageForProcessing = new("121322", "DCM", "Source image for image processing operation");

    /// <summary>A modality as CID 29 names it; null for one that is not named here.</summary>
    public static CodedConcept? ForModality(string? modality) => modality switch
    {
        "CR" => new CodedConcept("CR", "DCM", "Computed Radiography"),
        "CT" => new CodedConcept("CT", "DCM", "Computed Tomography"),
        "DX" => new CodedConcept("DX", "DCM", "Digital Radiography"),
        "MG" => new CodedConcept("MG", "DCM", "Mammography"),
        "MR" => new CodedConcept("MR", "DCM", "Magnetic Resonance"),
        "NM" => new CodedConcept("NM", "DCM", "Nuclear Medicine"),
        "PT" => new CodedConcept("PT", "DCM", "Positron emission tomography"),
        "RF" => new CodedConcept("RF", "DCM", "Radiofluoroscopy"),
        "RG" => new CodedConcept("RG", "DCM", "Radiographic imaging"),
        "US" => new CodedConcept("US", "DCM", "Ultrasound"),
        "XA" => new CodedConcept("XA", "DCM", "X-Ray Angiography"),
        _ => null,
    };

    /// <summary>What was done, by modality, where the study does not say it (CID 100).</summary>
    public static CodedConcept ProcedureOf(string? modality) => modality switch
    {
        "CT" => new CodedConcept("25045-6", "LN", "CT unspecified body region"),
        "MR" => new CodedConcept("25056-3", "LN", "MRI unspecified body region"),
        "NM" => new CodedConcept("49118-3", "LN", "NM unspecified body region"),
        "PT" => new CodedConcept("44136-0", "LN", "PET unspecified body region"),
        "CR" or "DX" or "RG" => new CodedConcept("43468-8", "LN", "XR unspecified body region"),
        _ => ImagingProcedure,
    };
}
