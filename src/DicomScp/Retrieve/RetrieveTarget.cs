using MedicalAi.Dicom.Network;

namespace MedicalAi.DicomScp;

/// <summary>Where a C-MOVE or C-GET sends to.</summary>
internal abstract class RetrieveTarget
{
    /// <summary>The operation and where it sends to, for the log.</summary>
    public abstract string Name { get; }

    /// <summary>What each C-STORE says.</summary>
    public abstract StoreOptions Options { get; }

    /// <summary>Sends what is planned; what cannot be sent is told as failed.</summary>
    /// <param name="plan">What there is.</param>
    /// <param name="open">Opens the supply of instances of some kinds; of all for null.</param>
    /// <param name="sender">Who sends them.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DicomNetworkException">The association with the requestor is lost.</exception>
    public abstract Task SendAsync(RetrievePlan plan, Func<IReadOnlySet<InstanceKind>?, InstanceSupply> open, SubOperationSender sender, CancellationToken cancellationToken);
}
