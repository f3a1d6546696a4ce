using MedicalAi.Dicom;

namespace MedicalAi.DicomScp;

/// <summary>What a caller may ask of us.</summary>
[Flags]
public enum AePermissions
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Verification (C-ECHO).</summary>
    Echo = 1,

    /// <summary>Storage (C-STORE).</summary>
    Store = 2,

    /// <summary>Query (C-FIND).</summary>
    Query = 4,

    /// <summary>Retrieve (C-MOVE, C-GET).</summary>
    Retrieve = 8,

    /// <summary>Storage Commitment (N-ACTION).</summary>
    Commitment = 16,

    /// <summary>Modality Performed Procedure Step and Instance Availability Notification (N-CREATE, N-SET).</summary>
    Notifications = 32,

    /// <summary>All of it.</summary>
    All = Echo | Store | Query | Retrieve | Commitment | Notifications,
}

/// <summary>The permission that a SOP class needs.</summary>
public static class AePermissionsOfSopClasses
{
    /// <summary>What a caller must be permitted for a SOP class; what is none of the named services counts as storage.</summary>
    public static AePermissions Needed(DicomUid sopClass) =>
        sopClass == DicomUids.Verification ? AePermissions.Echo
        : s_query.Contains(sopClass) ? AePermissions.Query
        : s_retrieve.Contains(sopClass) ? AePermissions.Retrieve
        : sopClass == DicomUids.StorageCommitmentPushModel ? AePermissions.Commitment
        : s_notifications.Contains(sopClass) ? AePermissions.Notifications
        : AePermissions.Store;

    private static readonly HashSet<DicomUid> s_query =
    [
        DicomUids.PatientRootQueryRetrieveInformationModelFind,
        DicomUids.StudyRootQueryRetrieveInformationModelFind,
        DicomUids.PatientStudyOnlyQueryRetrieveInformationModelFind,
        DicomUids.ModalityWorklistInformationModelFind,
    ];

    private static readonly HashSet<DicomUid> s_retrieve =
    [
        DicomUids.PatientRootQueryRetrieveInformationModelMove,
        DicomUids.PatientRootQueryRetrieveInformationModelGet,
        DicomUids.StudyRootQueryRetrieveInformationModelMove,
        DicomUids.StudyRootQueryRetrieveInformationModelGet,
        DicomUids.PatientStudyOnlyQueryRetrieveInformationModelMove,
        DicomUids.PatientStudyOnlyQueryRetrieveInformationModelGet,
    ];

    private static readonly HashSet<DicomUid> s_notifications =
    [
        DicomUids.ModalityPerformedProcedureStep,
        DicomUids.ModalityPerformedProcedureStepRetrieve,
        DicomUids.ModalityPerformedProcedureStepNotification,
        DicomUids.InstanceAvailabilityNotification,
    ];
}
