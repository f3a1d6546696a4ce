namespace MedicalAi.Archive;

/// <summary>What a batch adds to a study: instances, and what is gathered from them.</summary>
/// <param name="patientId">Patient ID of its first instance.</param>
/// <param name="patientName">Patient's Name of its first instance.</param>
/// <param name="patientBirthDate">Patient's Birth Date of its first instance.</param>
/// <param name="modalities">The modalities so far.</param>
/// <param name="sopClasses">The SOP classes so far.</param>
internal abstract class StudyGathering(string? patientId, string? patientName, string? patientBirthDate, string modalities, string sopClasses)
{
    /// <summary>The modalities, between backslashes.</summary>
    public string Modalities { get; private set; } = modalities;

    /// <summary>The SOP classes, between backslashes.</summary>
    public string SopClasses { get; private set; } = sopClasses;

    /// <summary>How many series are new.</summary>
    public int NewSeries { get; set; }

    /// <summary>How many instances are new.</summary>
    public int NewInstances { get; private set; }

    /// <summary>Adds a new instance.</summary>
    public void Add(InstanceRecord record)
    {
        NewInstances++;
        Modalities = Include(Modalities, record.Columns.Modality);
        SopClasses = Include(SopClasses, record.Identity.SopClass.Value);
    }

    /// <summary>Differences of an instance to the first one, in words without patient data.</summary>
    public List<string> Compare(InstanceColumns columns)
    {
        List<string> warnings = [];
        Check(patientId, columns.PatientId, "Patient ID");
        Check(patientName, columns.PatientName, "Patient's Name");
        Check(patientBirthDate, columns.PatientBirthDate, "Patient's Birth Date");
        return warnings;

        void Check(string? first, string? other, string name)
        {
            if (!string.Equals(first, other, StringComparison.Ordinal))
            {
                warnings.Add($"{name} differs from the first instance of the study; the first is kept for searches.");
            }
        }
    }

    private static string Include(string list, string? value) => string.IsNullOrEmpty(value) || list.Split('\\').Contains(value) ? list
        : list.Length == 0 ? value
        : $"{list}\\{value}";
}
