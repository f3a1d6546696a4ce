namespace MedicalAi.Dicom;

/// <summary>The causes for which reading stops.</summary>
public enum DicomErrorKind
{
    /// <summary>The bytes are not DICOM at all.</summary>
    NotDicom,

    /// <summary>The bytes end within an element, item or sequence.</summary>
    Truncated,

    /// <summary>A length that cannot be: larger than what encloses it, or undefined where that is not allowed.</summary>
    InvalidLength,

    /// <summary>An item, delimiter or tag where none can stand.</summary>
    UnexpectedTag,

    /// <summary>No value representation where one must stand.</summary>
    InvalidVr,

    /// <summary>Sequences nested deeper than the limit.</summary>
    TooDeep,

    /// <summary>More elements, fragments or bytes than the limit.</summary>
    TooLarge,

    /// <summary>A transfer syntax that is not known.</summary>
    UnknownTransferSyntax,

    /// <summary>Compressed bytes that cannot be inflated.</summary>
    CorruptDeflate,

    /// <summary>A text form (JSON, XML) that is not well formed or not of the model.</summary>
    InvalidText,

    /// <summary>An element that the kind of object must have is absent or has no value.</summary>
    MissingElement,

    /// <summary>Something that contradicts what was there before, such as a study of two patients.</summary>
    Inconsistent,
}
