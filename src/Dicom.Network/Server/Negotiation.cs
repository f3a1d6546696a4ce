namespace MedicalAi.Dicom.Network;

/// <summary>An accepted presentation context of an association to us.</summary>
internal readonly record struct AcceptedContext(DimseService Service, DicomUid AbstractSyntax, TransferSyntax TransferSyntax);

/// <summary>What we answer to an association request (PS3.8 section 7.1, PS3.7 annex D).</summary>
internal sealed class Negotiation(DicomServerOptions options, IReadOnlyList<DimseService> services)
{
    /// <summary>The DICOM application context name (PS3.7 A.2.1).</summary>
    public const string ApplicationContext = "1.2.840.10008.3.1.1.1";

    private const byte Acceptance = 0;
    private const byte UserRejection = 1;
    private const byte AbstractSyntaxNotSupported = 3;
    private const byte TransferSyntaxesNotSupported = 4;

    /// <summary>Why the request is refused as a whole; null when it is not.</summary>
    public AssociateReject? Refuse(AssociateRequest request)
    {
        if ((request.ProtocolVersion & 1) == 0)
        {
            return RejectReasons.ProtocolVersion;
        }

        if (request.ApplicationContext != ApplicationContext)
        {
            return RejectReasons.ApplicationContext;
        }

        if (!options.AcceptAnyCalledAeTitle && request.Called != options.AeTitle.Value)
        {
            return RejectReasons.CalledAe;
        }

        return request.Calling.Length == 0 || (options.KnownCallers is { } known && !known.Any(title => title.Value == request.Calling))
            ? RejectReasons.CallingAe
            : request.Contexts.Count == 0 ? RejectReasons.NoReason : null;
    }

    /// <summary>The answer to each presentation context, and those that are accepted, by ID.</summary>
    public (AssociateAccept Accept, AcceptedContext?[] Contexts) Accept(AssociateRequest request)
    {
        AcceptedContext?[] accepted = new AcceptedContext?[256];
        List<ContextAnswer> answers = [.. request.Contexts.Select(proposed => Answer(proposed, request.User.Roles, accepted))];
        UserInformation ours = new()
        {
            MaxPduLength = options.MaxPduLength,
            ImplementationClassUid = Implementation.ClassUid.Value,
            ImplementationVersionName = Implementation.VersionName,

            // One operation at a time.
            AsyncOperationsWindow = request.User.AsyncOperationsWindow is null ? null : ((ushort)1, (ushort)1),

            // We are SCP only: the peer may be SCU as it proposes, never SCP.
            Roles = [.. request.User.Roles.DistinctBy(role => role.SopClass).Where(role => IsAccepted(role.SopClass)).Select(role => role with { Scp = false })],
        };
        return (new AssociateAccept(request.Called, request.Calling, ApplicationContext, answers, ours), accepted);

        bool IsAccepted(string sopClass) => request.Contexts.Any(context => context.AbstractSyntax == sopClass && accepted[context.Id] is not null);
    }

    private ContextAnswer Answer(ProposedContext proposed, IReadOnlyList<RoleSelection> roles, AcceptedContext?[] accepted)
    {
        // Where a context is refused the transfer syntax is not significant (PS3.8 9.3.3.2), but some peers want one.
        string fallback = proposed.TransferSyntaxes.Count > 0 ? proposed.TransferSyntaxes[0] : TransferSyntax.ImplicitVrLittleEndian.Uid.Value;
        DicomUid sopClass = new(proposed.AbstractSyntax);
        DimseService? service = sopClass.IsValid ? services.FirstOrDefault(candidate => candidate.Supports(sopClass)) : null;
        if (service is null)
        {
            return new ContextAnswer(proposed.Id, AbstractSyntaxNotSupported, fallback);
        }

        foreach (RoleSelection role in roles)
        {
            if (role.SopClass == proposed.AbstractSyntax)
            {
                if (!role.Scu)
                {
                    return new ContextAnswer(proposed.Id, UserRejection, fallback);
                }

                break;
            }
        }

        // The proposer's order is its preference.
        foreach (string uid in proposed.TransferSyntaxes)
        {
            if (TransferSyntax.Find(new DicomUid(uid)) is { } syntax && service.Supports(sopClass, syntax))
            {
                accepted[proposed.Id] = new AcceptedContext(service, sopClass, syntax);
                return new ContextAnswer(proposed.Id, Acceptance, uid);
            }
        }

        return new ContextAnswer(proposed.Id, TransferSyntaxesNotSupported, fallback);
    }
}
