namespace MedicalAi.Dicom.Network;

/// <summary>The numbers of A-ASSOCIATE-RJ and A-ABORT (PS3.8 tables 9-21 and 9-26), and their words.</summary>
internal static class RejectReasons
{
    public static AssociateReject NoReason { get; } = new(1, 1, 1);

    public static AssociateReject ApplicationContext { get; } = new(1, 1, 2);

    public static AssociateReject CallingAe { get; } = new(1, 1, 3);

    public static AssociateReject CalledAe { get; } = new(1, 1, 7);

    public static AssociateReject ProtocolVersion { get; } = new(1, 2, 2);

    public static AssociateReject TemporaryCongestion { get; } = new(2, 3, 1);

    public static AssociateReject LocalLimit { get; } = new(2, 3, 2);

    public static AssociateReject For(AssociationRefusal refusal) => refusal switch
    {
        AssociationRefusal.CalledAeNotRecognized => CalledAe,
        AssociationRefusal.CallingAeNotRecognized => CallingAe,
        AssociationRefusal.LocalLimitExceeded => LocalLimit,
        AssociationRefusal.TemporaryCongestion => TemporaryCongestion,
        _ => NoReason,
    };

    public static string Describe(byte result, byte source, byte reason)
    {
        string how = result switch { 1 => "permanently", 2 => "for now", _ => $"with result {result}" };
        string who = source switch { 1 => "service user", 2 => "service provider, ACSE", 3 => "service provider, presentation", _ => $"source {source}" };
        string why = (source, reason) switch
        {
            (1 or 2, 1) => "no reason given",
            (1, 2) => "application context name not supported",
            (1, 3) => "calling AE title not recognized",
            (1, 7) => "called AE title not recognized",
            (2, 2) => "protocol version not supported",
            (3, 1) => "temporary congestion",
            (3, 2) => "local limit exceeded",
            _ => $"reason {reason}",
        };
        return $"{how}, {why} ({who})";
    }

    public static string DescribeAbort(byte source, byte reason) => source switch
    {
        0 => "by its service user",
        2 => "by its service provider, " + reason switch
        {
            0 => "no reason given",
            1 => "unrecognized PDU",
            2 => "unexpected PDU",
            4 => "unrecognized PDU parameter",
            5 => "unexpected PDU parameter",
            6 => "invalid PDU parameter value",
            _ => $"reason {reason}",
        },
        _ => $"source {source}, reason {reason}",
    };
}
