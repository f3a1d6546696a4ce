using MedicalAi.Dicom;

namespace MedicalAi.Archive;

/// <summary>The one door in: C-STORE, STOW-RS, import and our own results all pass here. Safe for use by several threads.</summary>
public sealed class IngestService
{
    /// <summary>Begins to receive the data set of an instance.</summary>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="transferSyntax">The transfer syntax of the bytes to come.</param>
    /// <param name="expectedSopClass">The SOP Class UID that was announced, if one was.</param>
    /// <param name="expectedSopInstance">The SOP Instance UID that was announced, if one was.</param>
    /// <param name="expectedStudy">The Study Instance UID that was announced, if one was.</param>
    public InstanceUpload BeginUpload(UploadOrigin origin, TransferSyntax transferSyntax, DicomUid? expectedSopClass = null, DicomUid? expectedSopInstance = null, DicomUid? expectedStudy = null) => throw new NotImplementedException();

    /// <summary>Takes a Part 10 file, or a bare data set, from a stream.</summary>
    /// <param name="stream">Read from where it stands to its end.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="expectedStudy">The Study Instance UID that was announced, if one was.</param>
    /// <param name="cancellationToken">Gives up; nothing is kept unless the answer was already on its way.</param>
    public ValueTask<IngestResult> IngestPart10Async(Stream stream, UploadOrigin origin, DicomUid? expectedStudy = null, CancellationToken cancellationToken = default) => throw new NotImplementedException();
}
