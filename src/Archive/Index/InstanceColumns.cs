namespace MedicalAi.Archive;

/// <summary>
/// The attributes of an instance that the index keeps as columns to match on; null where absent or empty. Dates are <c>YYYYMMDD</c>, times
/// <c>HHMMSS</c> with a fraction that does not end in zeros; null where they cannot be read.
/// </summary>
public sealed record InstanceColumns
{
    /// <summary>Patient ID (0010,0020).</summary>
    public string? PatientId { get; init; }

    /// <summary>Issuer of Patient ID (0010,0021).</summary>
    public string? IssuerOfPatientId { get; init; }

    /// <summary>Patient's Name (0010,0010), all component groups.</summary>
    public string? PatientName { get; init; }

    /// <summary>Patient's Birth Date (0010,0030).</summary>
    public string? PatientBirthDate { get; init; }

    /// <summary>Patient's Sex (0010,0040).</summary>
    public string? PatientSex { get; init; }

    /// <summary>Study Date (0008,0020).</summary>
    public string? StudyDate { get; init; }

    /// <summary>Study Time (0008,0030).</summary>
    public string? StudyTime { get; init; }

    /// <summary>Accession Number (0008,0050).</summary>
    public string? AccessionNumber { get; init; }

    /// <summary>Study ID (0020,0010).</summary>
    public string? StudyId { get; init; }

    /// <summary>Study Description (0008,1030).</summary>
    public string? StudyDescription { get; init; }

    /// <summary>Referring Physician's Name (0008,0090).</summary>
    public string? ReferringPhysicianName { get; init; }

    /// <summary>Modality (0008,0060).</summary>
    public string? Modality { get; init; }

    /// <summary>Series Number (0020,0011).</summary>
    public long? SeriesNumber { get; init; }

    /// <summary>Series Description (0008,103E).</summary>
    public string? SeriesDescription { get; init; }

    /// <summary>Body Part Examined (0018,0015).</summary>
    public string? BodyPartExamined { get; init; }

    /// <summary>Series Date (0008,0021).</summary>
    public string? SeriesDate { get; init; }

    /// <summary>Series Time (0008,0031).</summary>
    public string? SeriesTime { get; init; }

    /// <summary>Performed Procedure Step Start Date (0040,0244).</summary>
    public string? PerformedProcedureStepStartDate { get; init; }

    /// <summary>Performed Procedure Step Start Time (0040,0245).</summary>
    public string? PerformedProcedureStepStartTime { get; init; }

    /// <summary>Instance Number (0020,0013).</summary>
    public long? InstanceNumber { get; init; }

    /// <summary>Number of Frames (0028,0008).</summary>
    public int? NumberOfFrames { get; init; }

    /// <summary>Rows (0028,0010).</summary>
    public int? Rows { get; init; }

    /// <summary>Columns (0028,0011).</summary>
    public int? Columns { get; init; }

    /// <summary>Bits Allocated (0028,0100).</summary>
    public int? BitsAllocated { get; init; }

    /// <summary>Content Date (0008,0023).</summary>
    public string? ContentDate { get; init; }

    /// <summary>Content Time (0008,0033).</summary>
    public string? ContentTime { get; init; }
}
