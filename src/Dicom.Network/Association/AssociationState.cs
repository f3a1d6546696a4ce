namespace MedicalAi.Dicom.Network;

/// <summary>The states of the upper layer protocol machine (PS3.8 section 9.2.1).</summary>
internal enum AssociationState : byte
{
    /// <summary>Idle: no connection.</summary>
    Sta1 = 1,

    /// <summary>Connection open, awaiting the A-ASSOCIATE-RQ PDU.</summary>
    Sta2,

    /// <summary>Awaiting the local answer to the association request.</summary>
    Sta3,

    /// <summary>Awaiting that the connection opens.</summary>
    Sta4,

    /// <summary>Awaiting the A-ASSOCIATE-AC or A-ASSOCIATE-RJ PDU.</summary>
    Sta5,

    /// <summary>Association established, ready for data transfer.</summary>
    Sta6,

    /// <summary>Awaiting the A-RELEASE-RP PDU.</summary>
    Sta7,

    /// <summary>Awaiting the local answer to a release request.</summary>
    Sta8,

    /// <summary>Release collision, requestor's side: awaiting the local answer.</summary>
    Sta9,

    /// <summary>Release collision, acceptor's side: awaiting the A-RELEASE-RP PDU.</summary>
    Sta10,

    /// <summary>Release collision, requestor's side: awaiting the A-RELEASE-RP PDU.</summary>
    Sta11,

    /// <summary>Release collision, acceptor's side: awaiting the local answer.</summary>
    Sta12,

    /// <summary>Awaiting that the connection closes.</summary>
    Sta13,
}

/// <summary>The events of the upper layer protocol machine (PS3.8 table 9-10).</summary>
internal enum AssociationEvent : byte
{
    /// <summary>Evt1: A-ASSOCIATE request of the local user.</summary>
    AssociateRequested = 1,

    /// <summary>Evt2: the connection that we opened is open.</summary>
    ConnectionConfirmed,

    /// <summary>Evt3: A-ASSOCIATE-AC PDU received.</summary>
    AcceptReceived,

    /// <summary>Evt4: A-ASSOCIATE-RJ PDU received.</summary>
    RejectReceived,

    /// <summary>Evt5: a peer has opened a connection.</summary>
    ConnectionOpened,

    /// <summary>Evt6: A-ASSOCIATE-RQ PDU received.</summary>
    RequestReceived,

    /// <summary>Evt7: the local user accepts.</summary>
    AcceptAnswered,

    /// <summary>Evt8: the local user rejects.</summary>
    RejectAnswered,

    /// <summary>Evt9: P-DATA request of the local user.</summary>
    DataRequested,

    /// <summary>Evt10: P-DATA-TF PDU received.</summary>
    DataReceived,

    /// <summary>Evt11: A-RELEASE request of the local user.</summary>
    ReleaseRequested,

    /// <summary>Evt12: A-RELEASE-RQ PDU received.</summary>
    ReleaseRequestReceived,

    /// <summary>Evt13: A-RELEASE-RP PDU received.</summary>
    ReleaseResponseReceived,

    /// <summary>Evt14: the local user answers a release request.</summary>
    ReleaseAnswered,

    /// <summary>Evt15: A-ABORT request of the local user.</summary>
    AbortRequested,

    /// <summary>Evt16: A-ABORT PDU received.</summary>
    AbortReceived,

    /// <summary>Evt17: the connection was closed.</summary>
    ConnectionClosed,

    /// <summary>Evt18: the ARTIM timer expired.</summary>
    ArtimExpired,

    /// <summary>Evt19: an unrecognized or invalid PDU was received.</summary>
    InvalidReceived,
}

/// <summary>The actions of the upper layer protocol machine (PS3.8 tables 9-6 to 9-9), by their names there.</summary>
internal enum AssociationAction : byte
{
    /// <summary>The event cannot occur in the state.</summary>
    None,

    /// <summary>Open the connection.</summary>
    AE1,

    /// <summary>Send A-ASSOCIATE-RQ.</summary>
    AE2,

    /// <summary>Tell the user that the association is accepted.</summary>
    AE3,

    /// <summary>Tell the user that it is rejected, and close.</summary>
    AE4,

    /// <summary>Start the ARTIM timer.</summary>
    AE5,

    /// <summary>Tell the user of the association request.</summary>
    AE6,

    /// <summary>Send A-ASSOCIATE-AC.</summary>
    AE7,

    /// <summary>Send A-ASSOCIATE-RJ and start the ARTIM timer.</summary>
    AE8,

    /// <summary>Send P-DATA-TF.</summary>
    DT1,

    /// <summary>Give the data to the user.</summary>
    DT2,

    /// <summary>Send A-RELEASE-RQ.</summary>
    AR1,

    /// <summary>Tell the user of the release request.</summary>
    AR2,

    /// <summary>Tell the user that the association is released, and close.</summary>
    AR3,

    /// <summary>Send A-RELEASE-RP and start the ARTIM timer.</summary>
    AR4,

    /// <summary>Stop the ARTIM timer.</summary>
    AR5,

    /// <summary>Give the data that still came to the user.</summary>
    AR6,

    /// <summary>Send P-DATA-TF although the peer has asked for release.</summary>
    AR7,

    /// <summary>Tell the user of the release collision.</summary>
    AR8,

    /// <summary>Send A-RELEASE-RP within a collision.</summary>
    AR9,

    /// <summary>Tell the user of the release within a collision.</summary>
    AR10,

    /// <summary>Send A-ABORT as service user and start the ARTIM timer.</summary>
    AA1,

    /// <summary>Stop the ARTIM timer and close.</summary>
    AA2,

    /// <summary>Tell the user of the abort, and close.</summary>
    AA3,

    /// <summary>Tell the user that the connection is lost.</summary>
    AA4,

    /// <summary>Stop the ARTIM timer.</summary>
    AA5,

    /// <summary>Ignore the PDU.</summary>
    AA6,

    /// <summary>Send A-ABORT again.</summary>
    AA7,

    /// <summary>Send A-ABORT as service provider, tell the user, and start the ARTIM timer.</summary>
    AA8,
}
