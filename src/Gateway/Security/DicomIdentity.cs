namespace MedicalAi.Gateway;

/// <summary>What is asked of the user identity of associations (PS3.7 D.3.3.7).</summary>
internal enum DicomIdentity
{
    /// <summary>It is not looked at.</summary>
    None,

    /// <summary>One that is shown must be right, where users or a key of tokens are configured.</summary>
    Optional,

    /// <summary>One must be shown, and be right.</summary>
    Required,
}
