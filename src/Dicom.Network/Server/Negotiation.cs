namespace MedicalAi.Dicom.Network;

/// <summary>What we answer to an association request (PS3.8 section 7.1, PS3.7 annex D).</summary>
internal sealed class Negotiation(DicomServerOptions options, AssociationPolicy policy, IReadOnlyList<DimseService> services)
{
    /// <summary>The DICOM application context name (PS3.7 A.2.1).</summary>
    public const string ApplicationContext = "1.2.840.10008.3.1.1.1";

    private const byte Acceptance = 0;
    private const byte UserRejection = 1;
    private const byte AbstractSyntaxNotSupported = 3;
    private const byte TransferSyntaxesNotSupported = 4;

    /// <summary>Why the request is refused whoever asks; null when it is not.</summary>
    public static AssociateReject? Refuse(AssociateRequest request) =>
        (request.ProtocolVersion & 1) == 0 ? RejectReasons.ProtocolVersion
        : request.ApplicationContext != ApplicationContext ? RejectReasons.ApplicationContext
        : request.Contexts.Count == 0 ? RejectReasons.NoReason
        : null;

    /// <summary>The answer to a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="peer">Who asks.</param>
    /// <param name="identityResponse">The answer to its user identity; null when none is due.</param>
    public NegotiatedAssociation Accept(AssociateRequest request, AssociationPeer peer, byte[]? identityResponse)
    {
        NegotiatedAssociation result = new();
        List<ContextAnswer> answers = [];
        Dictionary<string, RoleSelection> roles = [];
        Dictionary<string, byte[]> extended = [];
        foreach (ProposedContext proposed in request.Contexts)
        {
            answers.Add(Answer(proposed, request.User, peer, result, roles, extended));
        }

        // The numbers are those of the requestor: what it may invoke we perform, and the other way round (PS3.7 D.3.3.3).
        (ushort Invoked, ushort Performed)? window = request.User.AsyncOperationsWindow is { } asked
            ? (Least(asked.Invoked, options.MaxOperationsPerformed), Least(asked.Performed, options.MaxOperationsInvoked))
            : null;
        (result.Performed, result.Invoked) = window ?? (1, 1);
        UserInformation ours = new()
        {
            MaxPduLength = options.MaxPduLength,
            ImplementationClassUid = Implementation.ClassUid.Value,
            ImplementationVersionName = Implementation.VersionName,
            AsyncOperationsWindow = window,
            Roles = [.. roles.Values],
            Extended = [.. extended.Select(one => new ExtendedNegotiation(one.Key, one.Value))],
            IdentityResponse = identityResponse,
        };
        result.Accept = new AssociateAccept(request.Called, request.Calling, ApplicationContext, answers, ours);
        return result;
    }

    // 0 stands for any number.
    private static ushort Least(ushort asked, ushort ours) => asked == 0 ? ours : ours == 0 ? asked : Math.Min(asked, ours);

    private ContextAnswer Answer(ProposedContext proposed, UserInformation user, AssociationPeer peer, NegotiatedAssociation result, Dictionary<string, RoleSelection> roles, Dictionary<string, byte[]> extended)
    {
        // Where a context is refused the transfer syntax is not significant (PS3.8 9.3.3.2), but some peers want one.
        string fallback = proposed.TransferSyntaxes.Count > 0 ? proposed.TransferSyntaxes[0] : TransferSyntax.ImplicitVrLittleEndian.Uid.Value;
        DicomUid sopClass = new(proposed.AbstractSyntax);
        DimseService? performer = sopClass.IsValid ? FindPerformer(sopClass, user) : null;
        bool invokes = sopClass.IsValid && services.Any(candidate => candidate.InvokesOnAssociation(sopClass));

        // Without a proposal the requestor is SCU. It proposes its own roles; ours are the others.
        bool isProposed = user.Roles.Any(candidate => candidate.SopClass == proposed.AbstractSyntax);
        RoleSelection asks = isProposed ? user.Roles.First(candidate => candidate.SopClass == proposed.AbstractSyntax) : new RoleSelection(proposed.AbstractSyntax, Scu: true, Scp: false);
        if (performer is null && !(invokes && asks.Scp))
        {
            return Refused(AbstractSyntaxNotSupported);
        }

        RoleSelection role = asks with { Scu = asks.Scu && performer is not null && policy.Permits(peer, sopClass), Scp = asks.Scp && invokes };
        if (!role.Scu && !role.Scp)
        {
            return Refused(UserRejection);
        }

        // The proposer's order is its preference.
        foreach (string uid in proposed.TransferSyntaxes)
        {
            if (TransferSyntax.Find(new DicomUid(uid)) is { } syntax && (performer is null || performer.Supports(sopClass, syntax)))
            {
                if (isProposed)
                {
                    roles[proposed.AbstractSyntax] = role;
                }

                if (!extended.ContainsKey(proposed.AbstractSyntax)
                    && user.Extended.FirstOrDefault(candidate => candidate.SopClass == proposed.AbstractSyntax) is { } asked
                    && performer?.NegotiateExtended(sopClass, asked.Information) is { } agreed)
                {
                    extended.Add(proposed.AbstractSyntax, agreed);
                }

                NegotiatedContext context = new(proposed.Id, sopClass, syntax, Acceptance)
                {
                    Roles = (role.Scu ? AssociationRoles.Scp : AssociationRoles.None) | (role.Scp ? AssociationRoles.Scu : AssociationRoles.None),
                    ExtendedNegotiation = extended.GetValueOrDefault(proposed.AbstractSyntax),
                };
                result.Contexts.Add(context);
                result.Served[proposed.Id] = role.Scu || performer?.PerformsNotifications(sopClass) == true ? new ServedContext(context, performer!) : null;
                return new ContextAnswer(proposed.Id, Acceptance, uid);
            }
        }

        return Refused(TransferSyntaxesNotSupported);

        ContextAnswer Refused(byte why)
        {
            result.Contexts.Add(new NegotiatedContext(proposed.Id, sopClass, null, why));
            return new ContextAnswer(proposed.Id, why, fallback);
        }
    }

    private DimseService? FindPerformer(DicomUid sopClass, UserInformation user)
    {
        if (services.FirstOrDefault(candidate => candidate.Supports(sopClass)) is { } performer)
        {
            return performer;
        }

        return user.CommonExtended.FirstOrDefault(candidate => candidate.SopClass == sopClass.Value) is not { } common ? null
            : services.FirstOrDefault(candidate => candidate.SupportsRelated(sopClass, new DicomUid(common.ServiceClass), [.. common.Related.Select(uid => new DicomUid(uid))]));
    }
}

/// <summary>What was agreed to with a requestor.</summary>
internal sealed class NegotiatedAssociation
{
    /// <summary>The PDU that says so.</summary>
    public AssociateAccept Accept { get; set; } = null!;

    /// <summary>The contexts in the order of the proposal.</summary>
    public List<NegotiatedContext> Contexts { get; } = [];

    /// <summary>The contexts in which the peer may ask for something, by ID.</summary>
    public ServedContext?[] Served { get; } = new ServedContext?[256];

    /// <summary>How many operations we may invoke at once; 0 for any number.</summary>
    public ushort Invoked { get; set; }

    /// <summary>How many operations we perform at once; 0 for any number.</summary>
    public ushort Performed { get; set; }
}
