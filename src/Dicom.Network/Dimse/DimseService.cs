namespace MedicalAi.Dicom.Network;

/// <summary>A service class of which we perform the operations. Safe for use by several associations at once.</summary>
public abstract class DimseService
{
    /// <summary>Whether operations of the SOP class are performed by this service.</summary>
    public abstract bool Supports(DicomUid sopClass);

    /// <summary>Whether data sets of the SOP class may come in the transfer syntax.</summary>
    public abstract bool Supports(DicomUid sopClass, TransferSyntax transferSyntax);

    /// <summary>
    /// Whether this service invokes operations of the SOP class on associations that a peer asked for, as C-GET does with C-STORE: then
    /// a peer may propose to be its SCP (PS3.7 D.3.3.4). So it may where we are the SCU of notifications.
    /// </summary>
    public virtual bool InvokesOnAssociation(DicomUid sopClass) => false;

    /// <summary>Whether this service performs the notifications (N-EVENT-REPORT) that an SCP of the SOP class invokes, of which we are then the SCU.</summary>
    public virtual bool PerformsNotifications(DicomUid sopClass) => false;

    /// <summary>Whether a SOP class that is not known is taken for what the peer says of it (common extended negotiation, PS3.7 D.3.3.6).</summary>
    /// <param name="sopClass">The SOP class.</param>
    /// <param name="serviceClass">The service class that the peer names for it.</param>
    /// <param name="related">The general SOP classes that it names.</param>
    public virtual bool SupportsRelated(DicomUid sopClass, DicomUid serviceClass, IReadOnlyList<DicomUid> related) => false;

    /// <summary>Answers SOP class extended negotiation (PS3.7 D.3.3.5).</summary>
    /// <param name="sopClass">The SOP class.</param>
    /// <param name="proposed">The service class application information that the peer proposes.</param>
    /// <returns>What is agreed to, which requests then have as <see cref="DimseRequest.ExtendedNegotiation"/>; null for no answer.</returns>
    public virtual byte[]? NegotiateExtended(DicomUid sopClass, ReadOnlySpan<byte> proposed) => null;

    /// <summary>Carries out a request and gives its response; what it leaves of the data set is read and dropped.</summary>
    public abstract ValueTask<DimseResponse> HandleAsync(DimseRequest request, CancellationToken cancellationToken);
}
