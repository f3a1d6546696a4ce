namespace MedicalAi.Dicom;

/// <summary>
/// De-identifies instances by the Basic Application Level Confidentiality Profile (PS3.15 annex E): each attribute as table E.1-1
/// says, within sequences too. Where the table leaves a choice by the type of the attribute (X/Z, X/D, Z/D, X/Z/D), the one is
/// taken that is right for every type: the attribute stays, without its value or with one that says nothing (but Referenced Study Sequence, which goes).
/// <para>
/// Stricter than the table: private elements that are not known to be safe, elements that the dictionary does not know, all of
/// curves and overlays and the padding at the end are removed; names and dates that the table does not list are treated like those
/// that it lists (dates in another calendar and registrations of breeds are removed), whatever the VR under which they come; text that
/// it does not list is searched for the names, identifiers, dates of birth and UIDs of those concerned; of values that are elsewhere
/// the URI is removed. Looser nowhere, but pixels are not looked at: instances that say that there is text burned into them are refused, and the
/// options Clean Pixel Data and Clean Recognizable Visual Features are not offered.
/// </para>
/// Safe for use by several threads.
/// </summary>
public sealed class Deidentifier
{
    private readonly RetainOptions _retain;
    private readonly Pseudonyms _pseudonyms;

    /// <summary>Makes one for a secret and options.</summary>
    /// <exception cref="ArgumentException">The secret is too short, or dates are to be retained both as they are and shifted.</exception>
    public Deidentifier(DeidentificationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Secret.Length < DeidentificationOptions.MinimumSecretLength)
        {
            throw new ArgumentException($"A secret has at least {DeidentificationOptions.MinimumSecretLength} bytes.", nameof(options));
        }

        if (options.Retain.HasFlag(RetainOptions.FullDates) && options.Retain.HasFlag(RetainOptions.ModifiedDates))
        {
            throw new ArgumentException("Dates are retained either as they are or shifted.", nameof(options));
        }

        _retain = options.Retain;
        _pseudonyms = new Pseudonyms(options.Secret.ToArray());
    }

    /// <summary>
    /// De-identifies an instance. The source stays as it is; the result shares the memory of the values that are kept. Values that were left where they
    /// came from are removed unless they are bytes or words (OB, OW and their like), which nothing here looks into.
    /// </summary>
    public DeidentificationResult Apply(DicomDataSet source)
    {
        ArgumentNullException.ThrowIfNull(source);
        DeidentificationReport report = new();
        if (Says(source, DicomTags.BurnedInAnnotation, "YES"))
        {
            report.Warn("Refused: the instance says that there is text burned into its pixels (Burned In Annotation is YES), which is not removed here.");
            return new DeidentificationResult(null, report);
        }

        WarnOfPixels(source, report);
        string patient = source.GetString(DicomTags.PatientID) is { Length: > 0 } id ? $"id {id}"
            : source.GetString(DicomTags.PatientName) is { Length: > 0 } name ? $"name {name}"
            : $"study {source.GetString(DicomTags.StudyInstanceUID)}";
        DicomDataSet result = new DataSetDeidentifier(_retain, _pseudonyms, new KnownIdentifiers(source, _retain), patient, report).Run(source);
        DeidentificationMarks.Set(result, _retain);
        return new DeidentificationResult(result, report);
    }

    private static void WarnOfPixels(DicomDataSet source, DeidentificationReport report)
    {
        if (source.Contains(DicomTags.PixelData) && !Says(source, DicomTags.BurnedInAnnotation, "NO"))
        {
            report.Warn("Pixels are not looked at, and the instance does not say that there is no text burned into them.");
        }

        if (Says(source, DicomTags.RecognizableVisualFeatures, "YES"))
        {
            report.Warn("The instance says that a face can be recognized in it (Recognizable Visual Features is YES); pixels are not changed.");
        }

        // Retired, but still sent: an overlay in bits of the pixels that the image does not use.
        foreach (DicomElement element in source)
        {
            if (element.Tag.Group is >= 0x6000 and <= 0x60FF && element.Tag.Element == 0x0102 && source.GetInt32(element.Tag) > 0)
            {
                report.Warn("An overlay stands in unused bits of the pixels, which are not changed.");
                break;
            }
        }
    }

    private static bool Says(DicomDataSet source, DicomTag tag, string value) => value.Equals(source.GetString(tag), StringComparison.OrdinalIgnoreCase);
}
