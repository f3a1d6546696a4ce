namespace MedicalAi.Dicom;

/// <summary>What a <see cref="DicomReader"/> stands on.</summary>
public enum DicomTokenType
{
    /// <summary>Nothing was read yet.</summary>
    None,

    /// <summary>A data element with its whole value.</summary>
    Element,

    /// <summary>A data element whose value is over the limit and is skipped.</summary>
    BulkValue,

    /// <summary>A sequence begins.</summary>
    SequenceStart,

    /// <summary>A sequence ended.</summary>
    SequenceEnd,

    /// <summary>An item begins.</summary>
    ItemStart,

    /// <summary>An item ended.</summary>
    ItemEnd,

    /// <summary>Encapsulated pixel data begins (PS3.5 A.4); its first fragment is the basic offset table.</summary>
    FragmentsStart,

    /// <summary>A fragment; its value is empty when it is over the limit and is skipped.</summary>
    Fragment,

    /// <summary>Encapsulated pixel data ended.</summary>
    FragmentsEnd,
}
