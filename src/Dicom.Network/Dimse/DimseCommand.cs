namespace MedicalAi.Dicom.Network;

/// <summary>A DIMSE command set (PS3.7 sections 9.3 and 10.3, annex E).</summary>
public sealed partial record DimseCommand
{
    /// <summary>Command Field of C-STORE-RQ.</summary>
    public const ushort CStoreRequest = 0x0001;

    /// <summary>Command Field of C-GET-RQ.</summary>
    public const ushort CGetRequest = 0x0010;

    /// <summary>Command Field of C-FIND-RQ.</summary>
    public const ushort CFindRequest = 0x0020;

    /// <summary>Command Field of C-MOVE-RQ.</summary>
    public const ushort CMoveRequest = 0x0021;

    /// <summary>Command Field of C-ECHO-RQ.</summary>
    public const ushort CEchoRequest = 0x0030;

    /// <summary>Command Field of N-EVENT-REPORT-RQ.</summary>
    public const ushort NEventReportRequest = 0x0100;

    /// <summary>Command Field of N-GET-RQ.</summary>
    public const ushort NGetRequest = 0x0110;

    /// <summary>Command Field of N-SET-RQ.</summary>
    public const ushort NSetRequest = 0x0120;

    /// <summary>Command Field of N-ACTION-RQ.</summary>
    public const ushort NActionRequest = 0x0130;

    /// <summary>Command Field of N-CREATE-RQ.</summary>
    public const ushort NCreateRequest = 0x0140;

    /// <summary>Command Field of N-DELETE-RQ.</summary>
    public const ushort NDeleteRequest = 0x0150;

    /// <summary>Command Field of C-CANCEL-RQ.</summary>
    public const ushort CCancelRequest = 0x0FFF;

    /// <summary>The Command Data Set Type of a message without data set.</summary>
    public const ushort NoDataSet = 0x0101;

    /// <summary>Command Field (0000,0100).</summary>
    public ushort CommandField { get; init; }

    /// <summary>Message ID (0000,0110), or Message ID Being Responded To (0000,0120) of a response.</summary>
    public ushort MessageId { get; init; }

    /// <summary>Affected SOP Class UID (0000,0002); Requested SOP Class UID (0000,0003) of the requests N-GET, N-SET, N-ACTION and N-DELETE.</summary>
    public DicomUid? SopClass { get; init; }

    /// <summary>
    /// Affected SOP Instance UID (0000,1000); Requested SOP Instance UID (0000,1001) of the requests N-GET, N-SET, N-ACTION and N-DELETE;
    /// null when it is absent or no UID.
    /// </summary>
    public DicomUid? SopInstance { get; init; }

    /// <summary>Priority (0000,0700) of a request: 0 medium, 1 high, 2 low.</summary>
    public ushort Priority { get; init; }

    /// <summary>Whether a data set follows (0000,0800).</summary>
    public bool HasDataSet { get; init; }

    /// <summary>Status (0000,0900) of a response.</summary>
    public ushort Status { get; init; }

    /// <summary>Offending Element (0000,0901) of a response.</summary>
    public IReadOnlyList<DicomTag> OffendingElements { get; init; } = [];

    /// <summary>Error Comment (0000,0902) of a response.</summary>
    public string? ErrorComment { get; init; }

    /// <summary>Error ID (0000,0903) of a response, whose meaning is that of the service; null when there is none.</summary>
    public ushort? ErrorId { get; init; }

    /// <summary>Move Destination (0000,0600) of C-MOVE-RQ, an AE title.</summary>
    public string? MoveDestination { get; init; }

    /// <summary>Move Originator Application Entity Title (0000,1030) of a C-STORE-RQ that carries out a C-MOVE.</summary>
    public string? MoveOriginator { get; init; }

    /// <summary>Move Originator Message ID (0000,1031), beside <see cref="MoveOriginator"/>.</summary>
    public ushort MoveOriginatorMessageId { get; init; }

    /// <summary>Event Type ID (0000,1002) of N-EVENT-REPORT.</summary>
    public ushort? EventType { get; init; }

    /// <summary>Action Type ID (0000,1008) of N-ACTION.</summary>
    public ushort? ActionType { get; init; }

    /// <summary>Attribute Identifier List (0000,1005) of N-GET-RQ.</summary>
    public IReadOnlyList<DicomTag> AttributeIdentifiers { get; init; } = [];

    /// <summary>The numbers of sub-operations of a C-MOVE or C-GET response; null when it has none.</summary>
    public SubOperations? SubOperations { get; init; }

    /// <summary>Whether it is a response.</summary>
    public bool IsResponse => (CommandField & 0x8000) != 0;

    /// <summary>Whether C-CANCEL can end the operation: C-FIND, C-MOVE and C-GET.</summary>
    public bool IsCancellable => CommandField is CFindRequest or CMoveRequest or CGetRequest;

    // Those that name what they concern as requested, not as affected (PS3.7 10.3).
    private static bool NamesRequested(ushort field) => field is NGetRequest or NSetRequest or NActionRequest or NDeleteRequest;
}
