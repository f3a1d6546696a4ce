namespace MedicalAi.Dicom;

/// <summary>What a <see cref="DicomReader"/> let pass though it is against PS3.5. <see cref="DicomValidator.CheckFile"/> reports it.</summary>
[Flags]
internal enum DicomDepartures
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>An element without a VR where each must have one.</summary>
    MissingVr = 1,

    /// <summary>A VR that is not of the standard.</summary>
    UnknownVr = 2,

    /// <summary>A VR whose two letters are in the wrong order.</summary>
    SwappedVr = 4,

    /// <summary>An item in explicit VR in a sequence that is in implicit VR.</summary>
    ExplicitItem = 8,

    /// <summary>A value where the dictionary has a sequence.</summary>
    ValueForSequence = 16,

    /// <summary>A delimiter after an item or a sequence of defined length.</summary>
    StrayDelimiter = 32,

    /// <summary>Zeros after the last element.</summary>
    TrailingZeros = 64,
}
