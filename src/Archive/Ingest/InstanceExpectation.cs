using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>What the sender announced of an instance before its data set; what is null was not announced.</summary>
/// <param name="SopClass">Affected SOP Class UID of the C-STORE request.</param>
/// <param name="SopInstance">Affected SOP Instance UID of the C-STORE request.</param>
/// <param name="Study">The Study Instance UID of the URL of a STOW-RS request; a data set without one does not match it.</param>
public sealed record InstanceExpectation(DicomUid? SopClass = null, DicomUid? SopInstance = null, DicomUid? Study = null)
{
    /// <summary>Nothing was announced.</summary>
    public static InstanceExpectation None { get; } = new();

    /// <summary>How a data set differs from what was announced, in words without patient data; null when it does not.</summary>
    internal string? FindMismatch(InstanceIdentity identity) =>
        Differs(SopClass, identity.SopClass) ? "The SOP Class UID of the data set is not the one that was announced."
        : Differs(SopInstance, identity.SopInstance) ? "The SOP Instance UID of the data set is not the one that was announced."
        : Differs(Study, identity.Study) ? "The Study Instance UID of the data set is not that of the request."
        : null;

    private static bool Differs(DicomUid? announced, DicomUid found) => announced is { } uid && uid != found;
}
