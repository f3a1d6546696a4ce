using MedicalAi.Dicom;

namespace MedicalAi.DicomScp;

/// <summary>The SOP classes and transfer syntaxes of the gateway's SCP, from which the conformance statement is made.</summary>
public static class SupportedSopClasses
{
    /// <summary>Storage SOP classes: all of PS3.6 annex A, the retired ones too.</summary>
    public static IReadOnlyList<UidEntry> Storage => UidRegistry.StorageSopClasses;

    /// <summary>The transfer syntaxes in which instances are stored: all of the standard, as data sets are kept as they come.</summary>
    public static IReadOnlyList<TransferSyntax> StorageTransferSyntaxes => TransferSyntax.All;

    /// <summary>The SOP classes of C-FIND.</summary>
    public static IReadOnlyList<DicomUid> Find { get; } = [DicomUids.PatientRootQueryRetrieveInformationModelFind, DicomUids.StudyRootQueryRetrieveInformationModelFind];

    /// <summary>The SOP classes of C-MOVE.</summary>
    public static IReadOnlyList<DicomUid> Move { get; } = [DicomUids.PatientRootQueryRetrieveInformationModelMove, DicomUids.StudyRootQueryRetrieveInformationModelMove];

    /// <summary>The SOP classes of C-GET.</summary>
    public static IReadOnlyList<DicomUid> Get { get; } = [DicomUids.PatientRootQueryRetrieveInformationModelGet, DicomUids.StudyRootQueryRetrieveInformationModelGet];

    /// <summary>The transfer syntaxes of the identifiers of C-FIND, C-MOVE and C-GET.</summary>
    public static IReadOnlyList<TransferSyntax> FindTransferSyntaxes { get; } =
        [TransferSyntax.ImplicitVrLittleEndian, TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ExplicitVrBigEndian, TransferSyntax.DeflatedExplicitVrLittleEndian];

    /// <summary>The SOP classes of the normalized services: storage commitment, performed procedure steps, instance availability.</summary>
    public static IReadOnlyList<DicomUid> Normalized { get; } =
    [
        DicomUids.StorageCommitmentPushModel, DicomUids.ModalityPerformedProcedureStep, DicomUids.ModalityPerformedProcedureStepRetrieve, DicomUids.InstanceAvailabilityNotification,
    ];

    /// <summary>The transfer syntaxes of the normalized services.</summary>
    public static IReadOnlyList<TransferSyntax> NormalizedTransferSyntaxes => FindTransferSyntaxes;

    /// <summary>The transfer syntaxes of Verification, where there is no data set.</summary>
    public static IReadOnlyList<TransferSyntax> VerificationTransferSyntaxes { get; } =
        [TransferSyntax.ImplicitVrLittleEndian, TransferSyntax.ExplicitVrLittleEndian, TransferSyntax.ExplicitVrBigEndian, TransferSyntax.DeflatedExplicitVrLittleEndian];

    /// <summary>Whether the information model of a SOP class of C-FIND, C-MOVE or C-GET is Patient Root.</summary>
    internal static bool IsPatientRoot(DicomUid sopClass) =>
        sopClass == DicomUids.PatientRootQueryRetrieveInformationModelFind || sopClass == Move[0] || sopClass == Get[0];
}
